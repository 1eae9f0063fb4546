using System.Text.RegularExpressions;
using Wopr.Support.Diagnosis;

namespace Wopr.Support;

/// <summary>
/// Reads an entry's part Signatures: one item a line, <c>- kind `pattern`</c>. A <c>literal</c> or <c>regex</c> is a
/// signature; <c>hint</c>, <c>words</c>, <c>said</c>, <c>unless</c>, <c>cleared</c> and <c>follows</c> are <see cref="Clues"/>.
/// </summary>
internal static partial class SignatureReader
{
    /// <param name="wrong">Makes the refusal of an item that is not understood.</param>
    public static (IReadOnlyList<Signature> Signatures, Clues Clues) Read(string text, Func<string, InvalidDataException> wrong)
    {
        var signatures = new List<Signature>();
        var clues = new Clues();
        foreach (var item in text == "none" ? [] : text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var match = Item().Match(item);
            if (!match.Success) throw wrong($"'{item}' is no signature (- literal `…` or - regex `…`) and no clue (hint, words, said, unless, cleared, follows)");
            var pattern = match.Groups["pattern"].Value;
            try
            {
                switch (match.Groups["kind"].Value)
                {
                    case "literal": signatures.Add(new Signature(SignatureKind.Literal, pattern)); break;
                    case "regex": signatures.Add(new Signature(SignatureKind.Regex, pattern)); break;
                    case "hint": clues.Hints.Add(new Signature(SignatureKind.Regex, pattern)); break;
                    case "words": clues.Words.Add(WordClue.Parse(pattern)); break;
                    case "said": clues.Said.Add(pattern); break;
                    case "unless": clues.Unless.Add(new Signature(SignatureKind.Regex, pattern)); break;
                    case "cleared": clues.Cleared.Add(new Signature(SignatureKind.Regex, pattern)); break;
                    default: clues.Follows.AddRange(pattern.Split(' ').Select(code => new ErrorCode(code))); break;
                }
            }
            catch (ArgumentException why)
            {
                throw wrong(why.Message);
            }
        }
        return (signatures, clues);
    }

    [GeneratedRegex("^- (?<kind>literal|regex|hint|words|said|unless|cleared|follows) `(?<pattern>[^`]+)`$", RegexOptions.ExplicitCapture)]
    private static partial Regex Item();
}
