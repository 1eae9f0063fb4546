using System.Text.Json;
using Wopr.Modules;
using Wopr.Operators;
using Wopr.Platform;
using Wopr.Platform.OpenApi;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Checkout;

/// <summary>Order intake over HTTP: for customers at the checkout, and for operators without payment.</summary>
public static class CheckoutEndpoints
{
    private const string IdempotencyKey = "Idempotency-Key";
    private const int LongestKey = 255;

    public static void MapCheckout(this IEndpointRouteBuilder app)
    {
        var checkout = app.MapGroup("/api/checkout").AllowAnonymous().WithTags("Checkout");
        checkout.MapGet("/bundles", BundlesAsync).Named("bundles", "What is sold: bundles, storage tiers, prices, locations").Answers(CheckoutExamples.Shop);
        checkout.MapGet("/availability", AvailabilityAsync).Named("availability", "Whether a bundle and tier can be placed now, and what would be taken instead of the wish")
            .Answers(new AvailabilityView(true, null, null, null)).Refuses(422, ErrorCodes.BundleUnknown, ErrorCodes.TierUnknown, ErrorCodes.LocationUnknown);
        checkout.MapGet("/names/{name}", NameAsync).Named("beaconName", "Whether a beacon name is free").Answers(new NameView("alice", false, ErrorCodes.BeaconNameTaken.Value));
        TakesOrders(checkout.MapPost("", OrderAsync).Named("placeOrder", "Places an order; in the sandbox it is paid at once, unless payment is hosted: then the answer names the page to pay on"))
            .Refuses(503, ErrorCodes.PaymentNotConfigured);
        TakesOrders(app.MapPost("/api/provision", ProvisionAsync).RequireAuthorization(OperatorKeys.Policy).WithTags("Provisioning").Named("provision", "Starts a job without payment; for operators"));
    }

    private static RouteHandlerBuilder TakesOrders(RouteHandlerBuilder endpoint) => endpoint
        .ReadsHeader(IdempotencyKey, $"1 to {LongestKey} characters; the same order with the same key never becomes a second job")
        .Takes(CheckoutExamples.Order).Answers(CheckoutExamples.Placed, 202).Answers(CheckoutExamples.Placed with { Repeated = true }, 200)
        .Refuses(400, ErrorCodes.OrderNotUnderstood).Refuses(409, ErrorCodes.BeaconNameTaken)
        .Refuses(422, ErrorCodes.BundleUnknown, ErrorCodes.BundleNotReady, ErrorCodes.TierUnknown, ErrorCodes.BeaconNameReserved, ErrorCodes.EmailInvalid, ErrorCodes.LocationUnknown);

    private static async Task<IResult> BundlesAsync(Catalogue catalogue, ModuleCatalogue modules, Availability availability, Settings settings, CancellationToken cancellation) =>
        Results.Ok(new ShopOffer(
            catalogue.Currency, settings.Zone, settings.Sandbox, settings.ShopOpen, catalogue.StorageTiers,
            [.. (await availability.LocationsAsync(cancellation)).Select(l => new LocationOffer(
                l.Location.Name, l.Location.City, l.Location.Country, l.Location.NetworkZone, l.SoldOut, l.SoldOutTiers, l.Instead?.Name))],
            [.. catalogue.Bundles.Select(b => new BundleOffer(b.Id, b.Name, b.Kind, b.Summary, modules.CanDeliver(b.Modules), [.. b.Modules.Select(m => ModuleOf(m, modules))], b.MonthlyCents))]));

    private static BundleModule ModuleOf(string id, ModuleCatalogue modules) => new(
        id, modules.TryFind(id, out var module) ? module.Name : id, modules.CanDeliver([id]), modules.Lacking([id]) is [var lack, ..] ? lack.Reason : null);

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
        return Results.Ok(placeable.Refusal is { } refusal
            ? new AvailabilityView(false, refusal.Value, placeable.Detail, placeable.Substitution)
            : new AvailabilityView(true, null, null, placeable.Substitution));
    }

    private static async Task<IResult> NameAsync(string name, OrderIntake intake, CancellationToken cancellation)
    {
        var (parsed, refusal) = BeaconName.Parse(name);
        if (parsed is null) return Results.Ok(new NameView(name, false, refusal!.Value.Value));
        var free = await intake.IsFreeAsync(parsed, cancellation);
        return Results.Ok(new NameView(parsed.Value, free, free ? null : ErrorCodes.BeaconNameTaken.Value));
    }

    private static Task<IResult> OrderAsync(HttpContext context, OrderDesk desk, Settings settings, CancellationToken cancellation) =>
        settings.ShopOpen
            ? PlaceAsync(context, desk, OrderSource.Checkout, cancellation)
            : Task.FromResult(Problems.Result(StatusCodes.Status503ServiceUnavailable, ErrorCodes.PaymentNotConfigured, "Nothing can be bought here yet: no payment provider is configured."));

    private static Task<IResult> ProvisionAsync(HttpContext context, OrderDesk desk, CancellationToken cancellation) =>
        PlaceAsync(context, desk, OrderSource.Operator, cancellation);

    private static async Task<IResult> PlaceAsync(HttpContext context, OrderDesk desk, OrderSource source, CancellationToken cancellation)
    {
        var keys = context.Request.Headers[IdempotencyKey];
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
        var body = Placed(accepted.Job, accepted.Repeated, accepted.Substitution);
        return accepted.Repeated ? Results.Ok(body) : Results.Accepted(body.StatusUrl, body);
    }

    /// <summary>The job's addresses answer as soon as it is paid; until then there is the payment page.</summary>
    private static IResult Answer(IntakeOutcome.ToPay toPay)
    {
        var page = $"/payment/{toPay.Id}";
        var body = Placed(toPay.Id, toPay.Repeated, toPay.Substitution) with { PaymentUrl = toPay.Page.ToString(), PaymentStatusUrl = page, PayUntil = toPay.Until };
        return toPay.Repeated ? Results.Ok(body) : Results.Accepted(page, body);
    }

    private static Placed Placed(JobId job, bool repeated, string? substitution) => new(
        job.ToString(), repeated, $"/api/provision/{job}/status", $"/api/provision/{job}/stream", $"/setup/{job}", null, null, null, substitution);

    private static string Where(JsonException error) =>
        error.Path is { Length: > 1 } path ? $"see '{path[2..]}'" : error.LineNumber is { } line ? $"line {line + 1}, byte {error.BytePositionInLine}" : "it is not JSON";
}
