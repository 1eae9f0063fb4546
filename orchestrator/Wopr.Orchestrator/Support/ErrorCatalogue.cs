using System.Diagnostics.CodeAnalysis;

namespace Wopr.Support;

/// <summary>The one catalogue of errors: TROUBLESHOOTING.md, read once at start.</summary>
public sealed class ErrorCatalogue
{
    private readonly Dictionary<ErrorCode, ErrorEntry> byCode;

    public ErrorCatalogue(IReadOnlyList<ErrorEntry> entries)
    {
        Entries = entries;
        byCode = entries.ToDictionary(e => e.Code);
    }

    /// <summary>All entries in the order of the document.</summary>
    public IReadOnlyList<ErrorEntry> Entries { get; }

    /// <summary>The entry of a code. Every constant of <see cref="ErrorCodes"/> has one.</summary>
    /// <exception cref="KeyNotFoundException">The document has no such entry.</exception>
    public ErrorEntry this[ErrorCode code] => byCode[code];

    /// <summary>The entry of a code, or null.</summary>
    public ErrorEntry? Find(ErrorCode code) => byCode.GetValueOrDefault(code);

    /// <summary>The entry of a code as people type it: case and surrounding blanks do not matter.</summary>
    public bool TryFind(string? text, [NotNullWhen(true)] out ErrorEntry? entry)
    {
        entry = ErrorCode.TryParse(text?.Trim().ToUpperInvariant(), out var code) ? Find(code) : null;
        return entry is not null;
    }

    /// <summary>Ahead of the first match: reading the document leaves its patterns alone, for compiling them takes longer than the rest.</summary>
    /// <exception cref="InvalidDataException">One is no regular expression; the message names its code.</exception>
    public void CompilePatterns()
    {
        foreach (var (code, signature) in Entries.SelectMany(e => e.Patterns.Select(p => (e.Code, p))))
        {
            try
            {
                signature.Compile();
            }
            catch (ArgumentException why)
            {
                throw new InvalidDataException($"{code}: `{signature.Pattern}` is no pattern: {why.Message}", why);
            }
        }
    }

    /// <summary>Reads the document that travels with the service.</summary>
    /// <exception cref="InvalidDataException">The document is missing or an entry is incomplete; the message names the line.</exception>
    public static ErrorCatalogue Load()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "house", "TROUBLESHOOTING.md");
        return File.Exists(path)
            ? new ErrorCatalogue(CatalogueReader.Read(File.ReadAllText(path)))
            : throw new InvalidDataException("house/TROUBLESHOOTING.md does not stand beside the service");
    }
}
