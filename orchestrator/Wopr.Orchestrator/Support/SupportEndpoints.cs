using Microsoft.Net.Http.Headers;
using Wopr.Platform.OpenApi;

namespace Wopr.Support;

/// <summary>Look-ups in the error catalogue, for anyone.</summary>
public static class SupportEndpoints
{
    public static IServiceCollection AddSupport(this IServiceCollection services, Func<ErrorCatalogue> catalogue) =>
        services.AddSingleton(_ => catalogue()).AddSingleton<ICatalogueSearch, PlainCatalogueSearch>();

    public static IEndpointRouteBuilder MapSupport(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/support").AllowAnonymous().WithTags("Support");
        group.MapGet("/errors", ListAsync)
            .Named("errors", "All error codes, or with ?q= those that fit the words or the log line, best first").Answers(new ErrorListView([new("HETZ-005", "Sold out", "HETZ", "/support/HETZ-005")]));
        group.MapGet("/errors/{code}", (ErrorCatalogue catalogue, HttpRequest request, string code) => One(catalogue, request, code))
            .Named("error", "One error code with cause, solution and customer wording; Markdown when asked for by Accept").Answers(Example).Refuses(404, ErrorCodes.NotFound);
        return app;
    }

    private static ErrorView Example => new(
        "HETZ-005", "Sold out", "HETZ", "No location has a server of the size.", [new SignatureView(SignatureKind.Literal, "resource_unavailable")], "The provider has none left.", "Ask for its stock.",
        "Wait, or choose another region.", new RemedyView("resume-job", RemedyTier.Automatic, "Resumes the job."), new CustomerView("There is no server of this size left.", "We try again.", "Nothing."),
        "The shop stops offering what is sold out.", "/support/HETZ-005");

    private static async Task<IResult> ListAsync(ErrorCatalogue catalogue, ICatalogueSearch search, string? q, CancellationToken cancellation)
    {
        var entries = string.IsNullOrWhiteSpace(q) ? catalogue.Entries : await search.SearchAsync(q, cancellation);
        return Results.Ok(new ErrorListView([.. entries.Select(ErrorSummary.Of)]));
    }

    private static IResult One(ErrorCatalogue catalogue, HttpRequest request, string code)
    {
        request.HttpContext.Response.Headers.Vary = HeaderNames.Accept;
        if (!catalogue.TryFind(code, out var entry))
        {
            return Problems.Result(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no error code of this name; GET /api/support/errors lists them.");
        }

        return WantsMarkdown(request)
            ? Results.Text(entry.Markdown, "text/markdown", System.Text.Encoding.UTF8)
            : Results.Ok(ErrorView.Of(entry));
    }

    /// <summary>Markdown only when it is named and not ranked below JSON: <c>*/*</c> means JSON.</summary>
    private static bool WantsMarkdown(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        double Quality(string type) => accepted.Where(a => a.MediaType == type).Select(a => a.Quality ?? 1).DefaultIfEmpty(0).Max();
        var markdown = Quality("text/markdown");
        return markdown > 0 && markdown >= Quality("application/json");
    }
}
