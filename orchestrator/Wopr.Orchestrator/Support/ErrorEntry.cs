using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Wopr.Support.Diagnosis;

namespace Wopr.Support;

/// <summary>One entry of the error catalogue: everything that WOPR knows about one way to fail.</summary>
/// <param name="Code">Its name, <c>AREA-NNN</c>.</param>
/// <param name="Title">What went wrong, in a few words.</param>
/// <param name="Area">The heading under which it stands, such as "Orders".</param>
/// <param name="Symptom">What is seen by whoever looks.</param>
/// <param name="Signatures">What it looks like in a log; empty when no log shows it.</param>
/// <param name="Clues">What else speaks for it or against it.</param>
/// <param name="Cause">Why it happens.</param>
/// <param name="Diagnosis">How to make sure, with commands (Markdown).</param>
/// <param name="Solution">How it is put right (Markdown).</param>
/// <param name="Remedy">The named repair, if there is one.</param>
/// <param name="Customer">What the customer is told.</param>
/// <param name="Prevention">What in WOPR keeps it from happening (Markdown).</param>
/// <param name="Markdown">The whole entry as it stands in the document, heading included.</param>
public sealed record ErrorEntry(
    ErrorCode Code,
    string Title,
    string Area,
    string Symptom,
    IReadOnlyList<Signature> Signatures,
    Clues Clues,
    string Cause,
    string Diagnosis,
    string Solution,
    Remedy? Remedy,
    CustomerWording Customer,
    string Prevention,
    string Markdown)
{
    internal IEnumerable<Signature> Patterns => [.. Signatures, .. Clues.Hints, .. Clues.Unless, .. Clues.Cleared];
}

/// <summary>What the customer reads, in plain words and whole sentences.</summary>
public sealed record CustomerWording(string WhatHappened, string WhatWeDo, string WhatYouCanDo);

/// <summary>Who may let a remedy run: nobody needs to ask, a human approves first, or a human does it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RemedyTier>))]
public enum RemedyTier
{
    [JsonStringEnumMemberName("automatic")] Automatic,
    [JsonStringEnumMemberName("approval")] Approval,
    [JsonStringEnumMemberName("human")] Human,
}

/// <summary>A named repair, who may let it run, and what it does in one sentence.</summary>
public sealed record Remedy(string Name, RemedyTier Tier, string Summary);

/// <summary>A pattern that betrays an error in one line of a log; literals ignore case, regexes say so themselves.</summary>
public sealed record Signature(SignatureKind Kind, string Pattern)
{
    /// <summary>Upper bound for one match, so that a hostile log cannot hold a thread.</summary>
    public static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(3);

    private Regex Compiled => field ??= new Regex(
        Kind is SignatureKind.Literal ? Regex.Escape(Pattern) : Pattern,
        RegexOptions.Multiline | RegexOptions.CultureInvariant | (Kind is SignatureKind.Literal ? RegexOptions.IgnoreCase : RegexOptions.None),
        MatchLimit);

    /// <summary>Whether the line shows this signature. A line on which the pattern takes too long does not.</summary>
    public bool Matches(string line)
    {
        try
        {
            return Compiled.IsMatch(line);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>False when no line of the text shows this signature; true when one may.</summary>
    internal bool MayBeIn(string lines)
    {
        try
        {
            return Compiled.IsMatch(lines);
        }
        catch (RegexMatchTimeoutException)
        {
            return true;
        }
    }

    /// <summary>Characters of the line that the signature covers; 0 when it does not match.</summary>
    internal int LengthIn(string line)
    {
        try
        {
            return Compiled.Match(line).Length;
        }
        catch (RegexMatchTimeoutException)
        {
            return 0;
        }
    }

    public bool Equals(Signature? other) => other is not null && Kind == other.Kind && Pattern == other.Pattern;

    public override int GetHashCode() => HashCode.Combine(Kind, Pattern);

    /// <summary>Ahead of the first match.</summary>
    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    internal void Compile() => _ = Compiled;
}

/// <summary>How a signature is meant.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SignatureKind>))]
public enum SignatureKind
{
    [JsonStringEnumMemberName("literal")] Literal,
    [JsonStringEnumMemberName("regex")] Regex,
}
