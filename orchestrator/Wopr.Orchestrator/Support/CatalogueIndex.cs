using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Support.Diagnosis;

namespace Wopr.Support;

/// <summary>
/// The catalogue as rows of PostgreSQL, for what plain words do not find: other forms of a word by full text, and
/// mistyped ones by trigrams. What the plain search finds stands before it, in its own order; where that finds nothing,
/// what the diagnosis makes of the words, for somebody may paste a whole message. While the database is away, these two
/// answer alone. All SQL about it is here.
/// </summary>
public sealed partial class CatalogueIndex(ErrorCatalogue catalogue, Lazy<Diagnostician> diagnostician, NpgsqlDataSource database, ILogger<CatalogueIndex> logger) : ICatalogueSearch
{
    private const int LongestQuery = 400;
    private const int MostFurther = 10;

    // Any constant does, as long as nothing else in this database takes it.
    private const long Lock = 0x574F50534541;

    /// <summary>Of full text: one rare word in the body alone says nothing.</summary>
    private const double LeastRank = 0.05;

    /// <summary>Of trigrams, between 0 and 1: how like the query's words are to words of title and symptom.</summary>
    private const double LeastLikeness = 0.55;

    private volatile bool isWritten;

    private readonly string document = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(catalogue.Entries.Select(e => e.Markdown)))));

    /// <summary>Writes the rows of this node's document before its first search, once however many nodes search. Documents that no node has begun with for 30 days go.</summary>
    private Task WriteAsync(CancellationToken cancellation) => database.InTransactionAsync(async (connection, transaction) =>
    {
        // Nodes that search at once touch the same rows, each in the order it meets them: one after the other, or they wait in a circle.
        await connection.ExecuteAsync(new CommandDefinition("SELECT pg_advisory_xact_lock(@Lock)", new { Lock }, transaction, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(
            "DELETE FROM catalogue_entries WHERE document <> @document AND read_at < now() - interval '30 days'", new { document }, transaction, cancellationToken: cancellation));
        // Mostly they have been there since an earlier start.
        var known = await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE catalogue_entries SET read_at = now() WHERE document = @document", new { document }, transaction, cancellationToken: cancellation));
        if (known == catalogue.Entries.Count) return;
        await connection.ExecuteAsync(new CommandDefinition("""
            INSERT INTO catalogue_entries (document, code, title, symptom, body)
            SELECT @document, * FROM unnest(@codes, @titles, @symptoms, @bodies)
            ON CONFLICT (document, code) DO NOTHING
            """, new
        {
            document,
            codes = catalogue.Entries.Select(e => e.Code.Value).ToArray(),
            titles = catalogue.Entries.Select(e => e.Title).ToArray(),
            symptoms = catalogue.Entries.Select(e => e.Symptom).ToArray(),
            bodies = catalogue.Entries.Select(e => $"{e.Cause} {e.Solution} {e.Customer.WhatHappened} {string.Join(' ', e.Clues.Words.Select(w => w.Text).Concat(e.Clues.Said))}").ToArray(),
        }, transaction, cancellationToken: cancellation));
    }, cancellation);

    public async Task<IReadOnlyList<ErrorEntry>> SearchAsync(string query, CancellationToken cancellation)
    {
        var text = query.Length > LongestQuery ? query[..LongestQuery] : query;
        var found = catalogue.Search(query);
        if (found.Count == 0) found = [.. diagnostician.Value.Examine(LogText.Read("query", text)).Findings.Select(f => f.Entry)];
        try
        {
            return [.. found, .. (await FurtherAsync(text, cancellation)).Except(found)];
        }
        catch (NpgsqlException trouble)
        {
            Away(logger, trouble.Message);
            return found;
        }
    }

    private async Task<IEnumerable<ErrorEntry>> FurtherAsync(string query, CancellationToken cancellation)
    {
        if (!isWritten) await WriteAsync(cancellation);
        isWritten = true;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // Half of the words may be missing; those that are there, and near each other, make the rank.
        var codes = await connection.QueryAsync<string>(new CommandDefinition("""
            WITH asked AS (SELECT replace(plainto_tsquery('english', @query)::text, '&', '|')::tsquery AS words, tsvector_to_array(to_tsvector('english', @query)) AS each),
                 found AS (
                     SELECT code, (SELECT 2 * count(*) FILTER (WHERE e.words @@ quote_literal(word)::tsquery) >= count(*) FROM unnest(asked.each) AS word) AS half, ts_rank_cd('{0.05, 0.2, 0.4, 1}', e.words, asked.words, 1) AS rank, strict_word_similarity(@query, title || ' ' || symptom) AS likeness
                     FROM catalogue_entries e, asked WHERE document = @document)
            SELECT code FROM found WHERE (half AND rank >= @LeastRank) OR likeness >= @LeastLikeness ORDER BY rank + likeness DESC, code LIMIT @MostFurther
            """, new { query, document, LeastRank, LeastLikeness, MostFurther }, cancellationToken: cancellation));
        return codes.Select(code => catalogue[new ErrorCode(code)]);
    }

    [LoggerMessage(2301, LogLevel.Warning, "catalogue search: plain words only, for the database does not answer: {Why}")]
    private static partial void Away(ILogger logger, string why);
}
