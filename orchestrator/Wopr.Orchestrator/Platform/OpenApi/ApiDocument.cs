using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Wopr.Beacons;
using Wopr.Callbacks;
using Wopr.Support;

namespace Wopr.Platform.OpenApi;

/// <summary>Makes <c>/openapi/v1.json</c> out of what the endpoints say of themselves: <see cref="Descriptions"/>.</summary>
public static class ApiDocument
{
    private const string OperatorKey = "operatorKey";
    private const string CallbackToken = "callbackToken";
    private const string BeaconToken = "beaconToken";

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        // The version on which most generators of clients agree.
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) => Describe(document));
        options.AddOperationTransformer((operation, context, _) => Describe(operation, context));
    });

    private static Task Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "WOPR",
            Version = "v1",
            Description = "Orders beacons, follows them, and lets operators steer. Refusals are problem details with a `code`, which `/api/support/errors/{code}` explains. Whoever holds a job's id may see its status and stream; beacons report with their token; operators send their key.",
        };
        // Where the document was fetched is where the service is.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [OperatorKey] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An operator's key" },
            [CallbackToken] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = CallbackEndpoints.TokenHeader, Description = "A beacon's token, good for one job" },
            [BeaconToken] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = AgentEndpoints.TokenHeader, Description = "A finished beacon's own token" },
        };
        return Task.CompletedTask;
    }

    private static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        foreach (var example in metadata.OfType<TakenExample>())
            foreach (var content in (operation.RequestBody?.Content ?? new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)).Values)
                content.Example = JsonNode.Parse(example.Json());
        foreach (var example in metadata.OfType<AnswerExample>())
            if (Content(operation, example.Status) is { } content) content.Example = JsonNode.Parse(example.Json());
        foreach (var header in metadata.OfType<HeaderRead>())
            (operation.Parameters ??= []).Add(new OpenApiParameter { Name = header.Name, In = ParameterLocation.Header, Description = header.Description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
        foreach (var refusals in metadata.OfType<Refusal>().GroupBy(r => r.Status)) Describe(operation, refusals.Key, [.. refusals.SelectMany(r => r.Codes).Distinct()], context);

        // One endpoint may answer GET and HEAD; an operation's id stands once.
        if (context.Description.HttpMethod == HttpMethods.Head) operation.OperationId += "Head";
        var secured = metadata.OfType<CallbackDoor>().Any() ? CallbackToken : metadata.OfType<BeaconDoor>().Any() ? BeaconToken : metadata.OfType<IAllowAnonymous>().Any() ? null : OperatorKey;
        if (secured is null) return Task.CompletedTask;
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(secured, context.Document)] = [] }];
        return Task.CompletedTask;
    }

    private static void Describe(OpenApiOperation operation, int status, IReadOnlyList<ErrorCode> codes, OpenApiOperationTransformerContext context)
    {
        var catalogue = context.ApplicationServices.GetRequiredService<ErrorCatalogue>();
        if (operation.Responses is null || !operation.Responses.TryGetValue(Word(status), out var response)) return;
        response.Description = string.Join("; ", codes.Select(code => $"{code}: {catalogue[code].Title}"));
        if (Content(operation, status) is { } content && codes is [var first, ..])
            content.Example = JsonNode.Parse(Json.Write(new Problem($"/support/{first}", catalogue[first].Title, status, catalogue[first].Customer.WhatHappened, first.Value)));
    }

    private static OpenApiMediaType? Content(OpenApiOperation operation, int status) =>
        operation.Responses is { } responses && responses.TryGetValue(Word(status), out var response) && response.Content is { } content ? content.Values.FirstOrDefault() as OpenApiMediaType : null;

    private static string Word(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Marks an endpoint that opens with the token of a beacon's job.</summary>
public sealed class CallbackDoor;

/// <summary>Marks an endpoint that opens with a finished beacon's own token.</summary>
public sealed class BeaconDoor;
