using System.Text.Json.Serialization;

namespace Wopr.Support;

/// <summary>The answer to a list or a search of error codes.</summary>
public sealed record ErrorListView([property: JsonPropertyName("errors")] IReadOnlyList<ErrorSummary> Errors);

/// <summary>One line of the list.</summary>
public sealed record ErrorSummary(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("title")] string Title,
    [property: JsonPropertyName("area")] string Area,
    [property: JsonPropertyName("url")] string Url)
{
    internal static ErrorSummary Of(ErrorEntry entry) =>
        new(entry.Code.Value, entry.Title, entry.Area, $"/support/{entry.Code}");
}

/// <summary>A whole entry; texts are Markdown.</summary>
public sealed record ErrorView(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("title")] string Title,
    [property: JsonPropertyName("area")] string Area,
    [property: JsonPropertyName("symptom")] string Symptom,
    [property: JsonPropertyName("signatures")] IReadOnlyList<SignatureView> Signatures,
    [property: JsonPropertyName("cause")] string Cause,
    [property: JsonPropertyName("diagnosis")] string Diagnosis,
    [property: JsonPropertyName("solution")] string Solution,
    [property: JsonPropertyName("remedy")] RemedyView? Remedy,
    [property: JsonPropertyName("customer")] CustomerView Customer,
    [property: JsonPropertyName("prevention")] string Prevention,
    [property: JsonPropertyName("url")] string Url)
{
    internal static ErrorView Of(ErrorEntry entry) => new(
        entry.Code.Value,
        entry.Title,
        entry.Area,
        entry.Symptom,
        [.. entry.Signatures.Select(s => new SignatureView(s.Kind, s.Pattern))],
        entry.Cause,
        entry.Diagnosis,
        entry.Solution,
        entry.Remedy is { } remedy ? new RemedyView(remedy.Name, remedy.Tier, remedy.Summary) : null,
        new CustomerView(entry.Customer.WhatHappened, entry.Customer.WhatWeDo, entry.Customer.WhatYouCanDo),
        entry.Prevention,
        $"/support/{entry.Code}");
}

/// <summary>A pattern and how it is meant: <c>literal</c> or <c>regex</c>.</summary>
public sealed record SignatureView(
    [property: JsonPropertyName("kind")] SignatureKind Kind,
    [property: JsonPropertyName("pattern")] string Pattern);

/// <summary>A named repair; tier is <c>automatic</c>, <c>approval</c> or <c>human</c>.</summary>
public sealed record RemedyView(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("tier")] RemedyTier Tier,
    [property: JsonPropertyName("summary")] string Summary);

/// <summary>What the customer is told.</summary>
public sealed record CustomerView(
    [property: JsonPropertyName("what_happened")] string WhatHappened,
    [property: JsonPropertyName("what_we_do")] string WhatWeDo,
    [property: JsonPropertyName("what_you_can_do")] string WhatYouCanDo);
