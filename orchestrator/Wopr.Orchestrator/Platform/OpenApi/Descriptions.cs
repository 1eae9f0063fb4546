using Microsoft.AspNetCore.Http.Metadata;
using Wopr.Support;

namespace Wopr.Platform.OpenApi;

/// <summary>
/// What an endpoint says of itself in <c>/openapi/v1.json</c>: a name, what it takes and answers with an example of each, and
/// how it refuses. Examples are values of the real types, so they cannot say what the service would not.
/// </summary>
public static class Descriptions
{
    /// <param name="name">The operation's id, from which clients make a method's name: lower camel case.</param>
    public static TBuilder Named<TBuilder>(this TBuilder endpoint, string name, string summary) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithName(name).WithSummary(summary);

    public static TBuilder Takes<TBuilder, T>(this TBuilder endpoint, T example) where TBuilder : IEndpointConventionBuilder where T : notnull =>
        endpoint.WithMetadata(new AcceptsMetadata(["application/json"], typeof(T)), new TakenExample(() => Json.Write(example)));

    public static TBuilder Answers<TBuilder, T>(this TBuilder endpoint, T example, params int[] statuses) where TBuilder : IEndpointConventionBuilder where T : notnull
    {
        foreach (var status in statuses is [] ? [StatusCodes.Status200OK] : statuses)
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(T), ["application/json"]), new AnswerExample(status, () => Json.Write(example)));
        return endpoint;
    }

    /// <summary>An answer without JSON: a file, a stream, plain text, or none.</summary>
    public static TBuilder AnswersRaw<TBuilder>(this TBuilder endpoint, int status, string? mediaType = null) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(mediaType is null
            ? new ProducesResponseTypeMetadata(status, typeof(void))
            : new ProducesResponseTypeMetadata(status, typeof(byte[]), [mediaType]));

    /// <summary>A header that is read by hand, so that nothing else tells of it.</summary>
    public static TBuilder ReadsHeader<TBuilder>(this TBuilder endpoint, string name, string description) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new HeaderRead(name, description));

    /// <summary>Problem details with one of these codes.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder endpoint, int status, params ErrorCode[] codes) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(Problem), [Problems.MediaType]), new Refusal(status, codes));
}

/// <summary>How a request's body may look. Written when the document is asked for, not at each start.</summary>
public sealed record TakenExample(Func<string> Json);

/// <summary>How an answer may look.</summary>
public sealed record AnswerExample(int Status, Func<string> Json);

/// <summary>A header that an endpoint reads.</summary>
public sealed record HeaderRead(string Name, string Description);

/// <summary>The codes with which an endpoint refuses.</summary>
public sealed record Refusal(int Status, IReadOnlyList<ErrorCode> Codes);

/// <summary>Every refusal (RFC 9457). Some have more members, such as <c>errors</c>.</summary>
/// <param name="Type">The page that explains the code.</param>
/// <param name="Detail">What is wrong with this request.</param>
/// <param name="Errors">Of an order: everything that is wrong with it, field by field.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail, string Code, IReadOnlyList<FieldProblem>? Errors = null);

public sealed record FieldProblem(string Field, string Code, string Detail);
