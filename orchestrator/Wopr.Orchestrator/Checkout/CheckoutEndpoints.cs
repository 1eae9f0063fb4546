using System.Text.Json;
using Wopr.Modules;
using Wopr.Operators;
using Wopr.Platform;
using Wopr.Support;

namespace Wopr.Checkout;

/// <summary>Order intake over HTTP: for customers at the checkout, and for operators without payment.</summary>
public static class CheckoutEndpoints
{
    private const int LongestKey = 255;

    public static void MapCheckout(this IEndpointRouteBuilder app)
    {
        var checkout = app.MapGroup("/api/checkout").AllowAnonymous().WithTags("Checkout");
        checkout.MapGet("/bundles", BundlesAsync).WithSummary("What is sold: bundles, storage tiers, prices, locations");
        checkout.MapGet("/availability", AvailabilityAsync).WithSummary("Whether a bundle and tier can be placed now, and what would be taken instead of the wish");
        checkout.MapGet("/names/{name}", NameAsync).WithSummary("Whether a beacon name is free");
        checkout.MapPost("", OrderAsync).WithSummary("Places an order; in the sandbox it is paid at once, unless payment is hosted: then the answer names the page to pay on");
        app.MapPost("/api/provision", ProvisionAsync).RequireAuthorization(OperatorKeys.Policy).WithTags("Provisioning")
            .WithSummary("Starts a job without payment; for operators");
    }

    private static async Task<IResult> BundlesAsync(Catalogue catalogue, ModuleCatalogue modules, Availability availability, Settings settings, CancellationToken cancellation) =>
        Results.Ok(new
        {
            catalogue.Currency,
            settings.Zone,
            settings.Sandbox,
            open = settings.ShopOpen,
            catalogue.StorageTiers,
            locations = (await availability.LocationsAsync(cancellation)).Select(l => new
            {
                id = l.Location.Name,
                l.Location.City,
                l.Location.Country,
                region = l.Location.NetworkZone,
                l.SoldOut,
                l.SoldOutTiers,
                instead = l.Instead?.Name,
            }),
            bundles = catalogue.Bundles.Select(b => new
            {
                b.Id,
                b.Name,
                b.Kind,
                b.Summary,
                ready = modules.CanDeliver(b.Modules),
                modules = b.Modules.Select(m => new { id = m, name = modules.TryFind(m, out var module) ? module.Name : m, ready = modules.CanDeliver([m]), reason = modules.Lacking([m]) is [var lack, ..] ? lack.Reason : null }),
                b.MonthlyCents,
            }),
        });

    private static async Task<IResult> AvailabilityAsync(
        string? bundle, int? tier, string? location, Catalogue catalogue, Locations locations, Availability availability, CancellationToken cancellation)
    {
        if (catalogue.FindBundle(bundle) is not { } wanted)
            return Problems.Result(StatusCodes.Status422UnprocessableEntity, ErrorCodes.BundleUnknown, "There is no such bundle: GET /api/checkout/bundles lists them.");
        if (catalogue.FindTier(tier ?? 0) is not { } size)
            return Problems.Result(StatusCodes.Status422UnprocessableEntity, ErrorCodes.TierUnknown, "The storage tier is 1, 2 or 3.");
        var wish = string.IsNullOrWhiteSpace(location) ? null : location.Trim().ToLowerInvariant();
        if (wish is not null && await locations.ListAsync(cancellation) is { } known && known.All(l => l.Name != wish))
            return Problems.Result(StatusCodes.Status422UnprocessableEntity, ErrorCodes.LocationUnknown, "There is no such location: GET /api/checkout/bundles lists them.");
        var placeable = await availability.OfAsync(wanted, size, wish, cancellation);
        return Results.Ok(new
        {
            available = placeable.Refusal is null,
            code = placeable.Refusal?.Value,
            message = placeable.Refusal is null ? null : placeable.Detail,
            placeable.Substitution,
        });
    }

    private static async Task<IResult> NameAsync(string name, OrderIntake intake, CancellationToken cancellation)
    {
        var (parsed, refusal) = BeaconName.Parse(name);
        if (parsed is null) return Results.Ok(new { name, free = false, code = refusal!.Value.Value });
        var free = await intake.IsFreeAsync(parsed, cancellation);
        return Results.Ok(new { name = parsed.Value, free, code = free ? null : ErrorCodes.BeaconNameTaken.Value });
    }

    private static Task<IResult> OrderAsync(HttpContext context, OrderDesk desk, Settings settings, CancellationToken cancellation) =>
        settings.ShopOpen
            ? PlaceAsync(context, desk, OrderSource.Checkout, cancellation)
            : Task.FromResult(Problems.Result(StatusCodes.Status503ServiceUnavailable, ErrorCodes.PaymentNotConfigured, "Nothing can be bought here yet: no payment provider is configured."));

    private static Task<IResult> ProvisionAsync(HttpContext context, OrderDesk desk, CancellationToken cancellation) =>
        PlaceAsync(context, desk, OrderSource.Operator, cancellation);

    private static async Task<IResult> PlaceAsync(HttpContext context, OrderDesk desk, OrderSource source, CancellationToken cancellation)
    {
        var keys = context.Request.Headers["Idempotency-Key"];
        if (keys.Count > 1 || keys.ToString() is { Length: > LongestKey } || (keys.Count == 1 && string.IsNullOrWhiteSpace(keys.ToString())))
            return Problems.Result(StatusCodes.Status400BadRequest, ErrorCodes.OrderNotUnderstood, $"Idempotency-Key is one value of 1 to {LongestKey} characters.");
        OrderForm? form;
        try
        {
            form = context.Request.HasJsonContentType()
                ? await context.Request.ReadFromJsonAsync<OrderForm>(Json.Options, cancellation)
                : null;
        }
        catch (JsonException error)
        {
            return Problems.Result(StatusCodes.Status400BadRequest, ErrorCodes.OrderNotUnderstood, $"The body is not an order: {Where(error)}.");
        }
        if (form is null)
            return Problems.Result(StatusCodes.Status400BadRequest, ErrorCodes.OrderNotUnderstood, "Send a JSON object with bundle, tier, beacon_name, email and perhaps location (Content-Type: application/json).");

        var (outcome, problems) = await desk.PlaceAsync(form, source, keys.Count == 1 ? keys.ToString() : null, cancellation);
        return outcome switch
        {
            null => Problems.Result(StatusCodes.Status422UnprocessableEntity, problems[0].Code, problems[0].Detail,
                new Dictionary<string, object?> { ["errors"] = problems.Select(p => new { field = p.Field, code = p.Code.Value, detail = p.Detail }) }),
            IntakeOutcome.Refused refused => Problems.Result(refused.Status, refused.Code, refused.Detail),
            IntakeOutcome.Accepted accepted => Answer(accepted),
            IntakeOutcome.ToPay toPay => Answer(toPay),
            _ => throw new InvalidOperationException("an outcome that nobody knows"),
        };
    }

    private static IResult Answer(IntakeOutcome.Accepted accepted)
    {
        var status = $"/api/provision/{accepted.Job}/status";
        var body = new
        {
            job_id = accepted.Job.ToString(),
            repeated = accepted.Repeated,
            status_url = status,
            stream_url = $"/api/provision/{accepted.Job}/stream",
            setup_url = $"/setup/{accepted.Job}",
            accepted.Substitution,
        };
        return accepted.Repeated ? Results.Ok(body) : Results.Accepted(status, body);
    }

    /// <summary>The job's addresses answer as soon as it is paid; until then there is the payment page.</summary>
    private static IResult Answer(IntakeOutcome.ToPay toPay)
    {
        var page = $"/payment/{toPay.Id}";
        var body = new
        {
            job_id = toPay.Id.ToString(),
            repeated = toPay.Repeated,
            payment_url = toPay.Page.ToString(),
            payment_status_url = page,
            pay_until = toPay.Until,
            status_url = $"/api/provision/{toPay.Id}/status",
            setup_url = $"/setup/{toPay.Id}",
            toPay.Substitution,
        };
        return toPay.Repeated ? Results.Ok(body) : Results.Accepted(page, body);
    }

    private static string Where(JsonException error) =>
        error.Path is { Length: > 1 } path ? $"see '{path[2..]}'" : error.LineNumber is { } line ? $"line {line + 1}, byte {error.BytePositionInLine}" : "it is not JSON";
}
