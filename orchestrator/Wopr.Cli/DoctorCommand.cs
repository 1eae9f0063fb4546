using System.CommandLine;
using Wopr.Cli.Api;

namespace Wopr.Cli;

/// <summary><c>wopr doctor</c>: whether the service and what it stands on are well, and what to do where not.</summary>
internal static class DoctorCommand
{
    public static Command Create(SharedOptions shared)
    {
        var command = new Command("doctor", "Looks whether the service is well; with an operator's key also at incidents and what was left behind. Status 1 when something is not.\n\nExample: wopr doctor --json");
        command.SetAction(async (parsed, cancellation) =>
        {
            using var api = shared.Connect(parsed);
            var findings = new List<Finding>();
            await foreach (var finding in LookAsync(api, cancellation))
            {
                findings.Add(finding);
                if (!shared.Output(parsed).IsJson) Console.WriteLine($"{(finding.Well ? "well " : "WRONG")}  {finding.What}: {finding.Detail}");
            }
            if (shared.Output(parsed).IsJson) Output.Write(findings);
            return findings.TrueForAll(f => f.Well) ? ExitStatus.Well : ExitStatus.NotWell;
        });
        return command;
    }

    private static async IAsyncEnumerable<Finding> LookAsync(WoprApi api, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var health = await api.HealthAsync(cancellation);
        yield return health.Value is { } well ? new("service", true, $"{api.Service} answers, and its database too ({well.Mode})") : new("service", false, health.Refusal!.ToString());
        // Nothing else can be asked of a service that does not answer.
        if (health.Value is null) yield break;

        var shop = await api.BundlesAsync(cancellation);
        yield return shop.Value is not { } offer ? new("shop", false, shop.Refusal!.ToString())
            : offer.Open ? new("shop", true, $"open: {offer.Bundles.Count(b => b.Ready)} of {offer.Bundles.Count} bundles can be ordered in {offer.Locations.Count(l => !l.SoldOut)} of {offer.Locations.Count} locations")
            : new("shop", false, "nothing can be bought: no payment provider is configured (STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRETS)");
        if (!api.IsOperator)
        {
            yield return new("operator", true, "not looked at: incidents and orphans want WOPR_OPERATOR_KEY");
            yield break;
        }

        var incidents = await api.IncidentsAsync(state: "open", cancellation: cancellation);
        yield return incidents.Value is not { } open ? new("incidents", false, incidents.Refusal!.ToString())
            : new("incidents", open.Incidents.Count == 0, open.Incidents.Count == 0 ? "none is open" : string.Join("; ", open.Incidents.Take(5).Select(i => $"{i.Code} {i.Summary}")));
        var orphans = await api.OrphansAsync(cancellation: cancellation);
        yield return orphans.Value is not { } left ? new("orphans", false, orphans.Refusal!.ToString())
            : new("orphans", left.Orphans.Count == 0 && left.Problems.Count == 0, left.Orphans.Count == 0
                ? left.Problems.Count == 0 ? left.SweptAt is null ? "not swept yet" : "nothing is left at the providers" : string.Join("; ", left.Problems)
                : $"{left.Orphans.Count} at the providers that belong to no live job, {left.MonthlyCents / 100.0:0.00} a month: {new Uri(api.Service, "/operator/orphans")} lists them");
    }

    private sealed record Finding(string What, bool Well, string Detail);
}
