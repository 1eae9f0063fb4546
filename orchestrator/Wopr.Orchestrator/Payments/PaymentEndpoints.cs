using Wopr.Platform;
using Wopr.Platform.OpenApi;
using Wopr.Support;

namespace Wopr.Payments;

/// <summary>Where the payment provider tells its news, and where operators see what was made of them.</summary>
public static partial class PaymentEndpoints
{
    /// <summary>In bytes. An event with everything expanded has some 20 KiB.</summary>
    public const int LargestEvent = 256 * 1024;

    private const int LongestList = 500;

    public static void MapPayments(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/webhook/stripe", TakeAsync).AllowAnonymous().WithTags("Checkout")
            .Named("paymentEvent", "Payment events, signed by the payment provider; answered 200 after they are stored, and taken once however often they come")
            .Answers(new EventAnswer(true, PaymentOutcome.JobCreated.Word, null)).Refuses(400, ErrorCodes.PaymentSignatureInvalid, ErrorCodes.PaymentEventNotUnderstood)
            .Refuses(413, ErrorCodes.PaymentEventNotUnderstood).Refuses(503, ErrorCodes.PaymentNotConfigured);
        app.MapGet("/api/operator/payments", ListAsync).WithTags("Operators")
            .Named("paymentEvents", "Payment events that were refused or wait for a decision; ?all=true for all of them").Answers(new EventList([])).Refuses(400, ErrorCodes.RequestNotUnderstood);
    }

    private static async Task<IResult> TakeAsync(HttpRequest request, PaymentEvents events, Settings settings, ILogger<PaymentEvents> logger, CancellationToken cancellation)
    {
        // Honest while no payment provider is connected: nothing is taken, so its sender tries again later and loses nothing.
        if (settings.Payments is not { } access)
            return Problems.Result(StatusCodes.Status503ServiceUnavailable, ErrorCodes.PaymentNotConfigured, "No payment provider is configured here.");
        if (await ReadAsync(request.Body, cancellation) is not { } body)
            return Problems.Result(StatusCodes.Status413PayloadTooLarge, ErrorCodes.PaymentEventNotUnderstood, "A payment event has at most 256 KiB.");

        var signedAt = StripeSignature.SignedAt(request.Headers[StripeSignature.Header], body.Span, access.WebhookSecrets);
        if (signedAt is null) return await RefuseAsync("signature missing or wrong");
        var age = await events.AgeAsync(signedAt.Value, cancellation);
        if (age.Duration() > StripeSignature.Tolerance) return await RefuseAsync(age > TimeSpan.Zero ? "signature too old" : "signature from the future");
        if (PaymentEvent.Parse(body) is not { } news)
        {
            await events.KeepRefusedAsync(body, ErrorCodes.PaymentEventNotUnderstood, cancellation);
            return Problems.Result(StatusCodes.Status400BadRequest, ErrorCodes.PaymentEventNotUnderstood, "This is not a payment event.");
        }

        var outcome = await events.TakeAsync(news, cancellation);
        Taken(logger, news.Id, news.Type, outcome.Word, outcome.Code?.Value ?? "");
        return Results.Ok(new EventAnswer(true, outcome.Word, outcome.Code?.Value));

        async Task<IResult> RefuseAsync(string why)
        {
            Refused(logger, why);
            await events.KeepRefusedAsync(body, ErrorCodes.PaymentSignatureInvalid, cancellation);
            return Problems.Result(StatusCodes.Status400BadRequest, ErrorCodes.PaymentSignatureInvalid, $"The event is not taken: {why}.");
        }
    }

    private static async Task<IResult> ListAsync(PaymentEvents events, CancellationToken cancellation, bool all = false, int limit = 100) =>
        limit is < 1 or > LongestList
            ? Problems.Result(StatusCodes.Status400BadRequest, ErrorCodes.RequestNotUnderstood, $"limit is a number from 1 to {LongestList}.")
            : Results.Ok(new EventList(await events.ListAsync(all, limit, cancellation)));

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(Stream body, CancellationToken cancellation)
    {
        using var read = new MemoryStream();
        var chunk = new byte[16 * 1024];
        while (await body.ReadAsync(chunk, cancellation) is > 0 and var length)
        {
            if (read.Length + length > LargestEvent) return null;
            read.Write(chunk, 0, length);
        }
        return new ReadOnlyMemory<byte>(read.ToArray());
    }

    [LoggerMessage(6021, LogLevel.Information, "payment event {Event} ({Type}): {Outcome} {Code}")]
    private static partial void Taken(ILogger logger, string @event, string type, string outcome, string code);

    [LoggerMessage(6022, LogLevel.Warning, "a payment event is refused: {Why}")]
    private static partial void Refused(ILogger logger, string why);
}

/// <param name="Outcome">What was made of the event.</param>
/// <param name="Code">What is wrong with it.</param>
public sealed record EventAnswer(bool Received, string Outcome, string? Code);

public sealed record EventList(IReadOnlyList<KeptEvent> Events);
