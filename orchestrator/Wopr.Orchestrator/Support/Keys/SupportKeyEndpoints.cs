using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Wopr.Audit;
using Wopr.Operators.SignIn;
using Wopr.Platform.OpenApi;

namespace Wopr.Support.Keys;

public static class SupportKeyEndpoints
{
    private const int LongestName = 60;
    private const int UsualPerMinute = SupportKeys.UsualPerMinute;

    private static readonly DateTimeOffset Morning = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    public static IServiceCollection AddSupportKeys(this IServiceCollection services)
    {
        services.AddSingleton<SupportKeys>();
        services.AddSingleton<IAuthorizationHandler, ScopeHandler>();
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, SupportAuthentication>(SupportAuthentication.SchemeName, null);
        var policies = services.AddAuthorizationBuilder();
        foreach (var scope in Enum.GetValues<SupportScope>()) policies.AddPolicy(ScopeRequirement.Policy(scope), p => p.AddRequirements(new ScopeRequirement(scope)));
        return services;
    }

    /// <summary>Making and revoking is for administrators, as it says who may do something.</summary>
    public static void MapSupportKeys(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/operator/support-keys").RequireAuthorization(RoleHandler.AdminPolicy).WithTags("Support");
        group.MapGet("", async (SupportKeys keys, CancellationToken cancellation) => Results.Ok(new SupportKeyList(await keys.ListAsync(cancellation))))
            .Named("listSupportKeys", "All support keys with their scopes; never a key itself").Answers(new SupportKeyList([new SupportKey("night shift", [SupportScope.Read, SupportScope.Diagnose], UsualPerMinute, Morning, null)]));
        group.MapPost("", MakeAsync)
            .Named("makeSupportKey", "Makes a support key, shown this once: name, scopes (read, diagnose, remedy, ticket), per_minute")
            .Takes(new SupportKeyForm("night shift", ["read", "diagnose"], UsualPerMinute)).Answers(new MadeSupportKey("night shift", "wopr_sup_…"), StatusCodes.Status201Created)
            .Refuses(409, ErrorCodes.RequestNotUnderstood).Refuses(422, ErrorCodes.RequestNotUnderstood);
        group.MapDelete("/{name}", RevokeAsync).Named("revokeSupportKey", "Revokes a support key at once").AnswersRaw(204).Refuses(404, ErrorCodes.NotFound);
    }

    private static async Task<IResult> MakeAsync(SupportKeyForm form, HttpContext context, SupportKeys keys, CancellationToken cancellation)
    {
        context.Response.Headers.CacheControl = "no-store";
        var name = form.Name?.Trim();
        if (name is not { Length: > 0 and <= LongestName } || name.Any(char.IsControl)) return Wrong($"name has 1 to {LongestName} characters.");
        var scopes = new HashSet<SupportScope>();
        foreach (var word in form.Scopes ?? [])
        {
            if (!SupportScopes.TryParse(word, out var scope)) return Wrong("scopes are of read, diagnose, remedy, ticket.");
            scopes.Add(scope);
        }
        if (scopes.Count == 0) return Wrong("A key needs at least one scope: read, diagnose, remedy, ticket.");
        if (form.PerMinute is < 1 or > SupportKeys.MostPerMinute) return Wrong($"per_minute is a number from 1 to {SupportKeys.MostPerMinute}.");
        return await keys.MakeAsync(name, scopes, form.PerMinute ?? SupportKeys.UsualPerMinute, Actor.Of(context.User), cancellation) is { } key
            ? Results.Json(new MadeSupportKey(name, key), statusCode: StatusCodes.Status201Created)
            : Problems.Result(StatusCodes.Status409Conflict, ErrorCodes.RequestNotUnderstood, "There is, or was, a key of this name; choose another, so that the audit log stays clear.");
    }

    private static async Task<IResult> RevokeAsync(string name, HttpContext context, SupportKeys keys, CancellationToken cancellation) =>
        await keys.RevokeAsync(name, Actor.Of(context.User), cancellation)
            ? Results.NoContent()
            : Problems.Result(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no live support key of this name.");

    private static IResult Wrong(string detail) => Problems.Result(StatusCodes.Status422UnprocessableEntity, ErrorCodes.RequestNotUnderstood, detail);
}

public sealed record SupportKeyList(IReadOnlyList<SupportKey> Keys);

/// <param name="PerMinute">Calls a minute, 1 to 600; 60 if not said.</param>
public sealed record SupportKeyForm(string? Name, IReadOnlyList<string>? Scopes, int? PerMinute);

/// <param name="Key">Shown this once.</param>
public sealed record MadeSupportKey(string Name, string Key);
