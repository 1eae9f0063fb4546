using System.Globalization;
using Wopr.Provisioning;

namespace Wopr.Web;

/// <summary>Plain and honest words for where a job stands.</summary>
public static class Wording
{
    /// <summary>The one line that says what is going on now.</summary>
    public static string Headline(JobView job) => job.State switch
    {
        "pending" => "Waiting for your payment",
        "payment_received" => "Your order is accepted",
        "provisioning_vps" => "Your server is being created",
        "configuring_dns" => "Your address is being set up",
        "waiting_for_vps" => "Your server is starting",
        "deploying_wopr" => Deploying(job),
        "verifying" => "Checking your beacon from outside",
        "generating_docs" => "Writing your guide",
        "sending_welcome" => "Sending your welcome mail",
        "completed" => "Your beacon is ready",
        "failed" => "Your beacon is held up",
        "rolling_back" => "Clearing away what was built",
        "rolled_back" => "This order has ended",
        "cancelled" => "This order was cancelled",
        var other => other,
    };

    /// <summary>What that means, in a sentence or two.</summary>
    public static string Explanation(JobView job) => job.State switch
    {
        "pending" => "We begin as soon as the payment has arrived. You can close this page; its address stays valid.",
        "payment_received" => "It takes its place in the queue and goes on by itself within moments.",
        "provisioning_vps" => "We have asked our provider for a server that is yours alone.",
        "configuring_dns" => $"{job.Beacon.HostName} is being pointed at your server.",
        "waiting_for_vps" => "It starts for the first time. That is usually a matter of a minute.",
        "deploying_wopr" => "Your server installs everything itself and tells us how far it is. You can close this page and come back.",
        "verifying" => "Everything is installed. We call it ready only after reaching it from outside, as you will.",
        "generating_docs" => "Your beacon answers. We put together what you need to know about it.",
        "sending_welcome" => "Your beacon answers. A mail with all addresses is on its way to you.",
        "completed" => "We have reached it from outside, and it answers. Your applications are below.",
        "failed" => "What is already built is kept while we look at it.",
        "rolling_back" => "The server and its address are being removed, so that nothing is left behind.",
        "rolled_back" => "Everything that was built for it has been removed.",
        "cancelled" => "Nothing of it is left, and nothing more will happen.",
        _ => "",
    };

    /// <summary>Where the customer's money is on its way back.</summary>
    public static string Refund(RefundView refund) => refund.State switch
    {
        "requested" => $"Your payment of {Prices.Text(refund.Cents, refund.Currency)} is being returned to you. You need do nothing.",
        "returned" => $"Your payment of {Prices.Text(refund.Cents, refund.Currency)} has been returned. It can take a few days until your bank shows it.",
        _ => $"Your payment of {Prices.Text(refund.Cents, refund.Currency)} could not be returned by itself. We have been told and will return it in another way.",
    };

    /// <summary>A mail as a list names it: what it is about, and the code when it tells of one.</summary>
    public static string Mail(string kind) => kind.Split('-', 2) is [var about, var code] ? $"{about}, {code}" : kind;

    /// <summary>How a state is named in a list.</summary>
    public static string Plain(string word) => word switch
    {
        "provisioning_vps" => "creating server",
        "configuring_dns" => "setting up DNS",
        "waiting_for_vps" => "waiting for server",
        "deploying_wopr" => "installing",
        "generating_docs" => "writing guide",
        "wopr_download" => "download",
        _ => word.Replace('_', ' '),
    };

    /// <summary>One line of the timeline; every kind of event reads like a sentence.</summary>
    public static string Line(TimelineView entry) => entry.Kind switch
    {
        "module" => $"{AppTexts.Of(entry.Module ?? "").Name}: {entry.Message ?? "in hand"}.",
        _ when entry.Message is { Length: > 0 } message => message,
        "created" => "The order was taken.",
        "state" => $"Now: {Plain(entry.State ?? "")}.",
        "stage" => $"The server reports: {Plain(entry.Stage ?? "")}.",
        "substitution" => "Something was chosen in place of what was ordered.",
        "error" => $"It stopped with {entry.Code ?? "an error"}.",
        "completed" => "The job ended.",
        _ => entry.Kind,
    };

    /// <summary>A length of time as people say it: <c>42 s</c>, <c>3 min 5 s</c>, <c>2 h 4 min</c>.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => "moments",
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalSeconds} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min"),
    };

    /// <summary>What past runs say of the time that is left; empty when they say nothing.</summary>
    public static string Expectation(JobView job) => job.Estimate switch
    {
        null => JobSteps.IsOnItsWay(job) ? "Too few like it have been built yet to say how long it takes." : "",
        { TypicalSeconds: > 0 } estimate => $"Usually ready in about {Roughly(estimate.TypicalSeconds)}, nine times out of ten within {Roughly(estimate.SlowSeconds)}.",
        { SlowSeconds: > 0 } estimate => $"A little longer than usual: nine times out of ten it is ready within {Roughly(estimate.SlowSeconds)}.",
        _ => "This takes longer than most do. We keep an eye on it.",
    };

    /// <summary>No more exact than an estimate can be.</summary>
    private static string Roughly(int seconds) => seconds switch
    {
        <= 55 => string.Create(CultureInfo.InvariantCulture, $"{(seconds + 4) / 5 * 5} seconds"),
        <= 90 => "a minute",
        < 5400 => string.Create(CultureInfo.InvariantCulture, $"{(seconds + 59) / 60} minutes"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(seconds + 3599) / 3600} hours"),
    };

    private static string Deploying(JobView job) => job.Stage switch
    {
        null or "boot" => "Your server has started and prepares itself",
        "packages" => "System software is being installed",
        "wopr_download" => "The applications are being prepared",
        "health_ready" or "complete" => "All applications are installed",
        "error" => "The installation stopped",
        _ when job.Modules.FirstOrDefault(m => m.State == "installing") is { } module =>
            $"Installing {module.Name} ({job.Modules.Count(m => m.State == "ready") + 1} of {job.Modules.Count})",
        _ => "Your applications are being installed",
    };
}
