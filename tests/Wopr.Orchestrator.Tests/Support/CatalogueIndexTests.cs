using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wopr.Orchestrator.Tests.Support.Diagnosis;
using Wopr.Support;
using Wopr.Support.Diagnosis;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Support;

/// <summary>Search with the database's help: other forms of words, mistyped ones, and never worse than without.</summary>
public sealed class CatalogueIndexTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly ErrorCatalogue Catalogue = ErrorCatalogue.Load();

    private static readonly Diagnostician Diagnostician = new(Catalogue);

    private readonly CatalogueIndex index = IndexOf(database.Source);

    [Theory]
    [InlineData("certifcate not renwed", "BEACON-003")]
    [InlineData("refunds failing", "PAY-010")]
    [InlineData("resolving hostnames of containers", "PODMAN-001")]
    [InlineData("wrong ordering of the modules", "INSTALLER-003")]
    public async Task Other_forms_and_mistyped_words_are_found(string query, string code)
    {
        Catalogue.Search(query).ShouldNotContain(e => e.Code.Value == code, "plain words find it already");
        (await index.SearchAsync(query, default)).Take(3).Select(e => e.Code.Value).ShouldContain(code);
    }

    [SharedFact("seeds")]
    public async Task The_messages_of_the_first_list_find_their_codes()
    {
        var wrong = new List<string>();
        foreach (var (code, text) in SeedMessages.All())
        {
            var found = await index.SearchAsync(text, default);
            if (found is not [var first, ..] || first.Code.Value != code) wrong.Add($"{code}: {text} -> {string.Join(", ", found.Take(3).Select(e => e.Code))}");
        }
        wrong.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("xylophone")]
    [InlineData("how do I bake sourdough")]
    [InlineData("")]
    [InlineData("' OR 1=1; DROP TABLE jobs; --")]
    [InlineData("& | ! <-> :*")]
    public async Task What_is_not_about_errors_finds_nothing_and_harms_nothing(string query) =>
        (await index.SearchAsync(query, default)).ShouldBe(Catalogue.Search(query));

    [Fact]
    public async Task What_plain_words_find_stays_first_in_its_order()
    {
        foreach (var one in EvaluationCase.ReadAll("cases.txt"))
        {
            var plain = Catalogue.Search(one.Text);
            (await index.SearchAsync(one.Text, default)).Take(plain.Count).ShouldBe(plain, one.Name);
        }
    }

    [Fact]
    public async Task Nodes_that_search_for_the_first_time_at_once_write_each_document_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => IndexOf(database.Source).SearchAsync("sold out", default)));
        await using var connection = await database.Source.OpenConnectionAsync();
        (await connection.ExecuteScalarAsync<int>("SELECT count(*)::int FROM catalogue_entries")).ShouldBe(Catalogue.Entries.Count);
    }

    [Fact]
    public async Task While_the_database_is_away_plain_words_answer()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Timeout=2");
        (await IndexOf(nowhere).SearchAsync("sold out", default))[0].Code.Value.ShouldBe("HETZ-005");
    }

    private static CatalogueIndex IndexOf(NpgsqlDataSource source) => new(Catalogue, new Lazy<Diagnostician>(Diagnostician), source, NullLogger<CatalogueIndex>.Instance);
}
