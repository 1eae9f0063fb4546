using Microsoft.Extensions.Logging.Abstractions;
using Wopr.Incidents;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Incidents;

/// <summary>A provider in trouble is one incident, whoever meets it, and its recovery closes it.</summary>
public sealed class ProviderWatchTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly IncidentStore incidents = new(database.Source);

    [Fact]
    public async Task Passing_trouble_is_none_but_three_calls_in_a_row_are()
    {
        using var watch = Watch();
        watch.Troubled("north", ErrorCodes.HetznerUnavailable, "503");
        watch.Troubled("north", ErrorCodes.HetznerUnavailable, "503");
        watch.Answered("north");
        watch.Troubled("north", ErrorCodes.HetznerUnavailable, "503");
        await watch.SettleAsync(None);
        (await OpenAsync("north")).ShouldBeEmpty();

        watch.Troubled("north", ErrorCodes.HetznerUnavailable, "503");
        watch.Troubled("north", ErrorCodes.HetznerUnavailable, "no answer");
        await watch.SettleAsync(None);
        var incident = (await OpenAsync("north")).ShouldHaveSingleItem();
        incident.Code.ShouldBe("HETZ-009");
        incident.Detail.GetProperty("calls_in_a_row").GetInt32().ShouldBe(3);
    }

    [Fact]
    public async Task A_refused_token_counts_at_once_and_another_node_may_close_what_one_raised()
    {
        using var one = Watch();
        using var other = Watch();
        one.Troubled("east", ErrorCodes.CloudflareTokenRefused, "403");
        await one.SettleAsync(None);
        other.Troubled("east", ErrorCodes.CloudflareTokenRefused, "403");
        await other.SettleAsync(None);
        (await OpenAsync("east")).ShouldHaveSingleItem().Count.ShouldBe(2);

        other.Answered("east");
        await other.SettleAsync(None);
        (await OpenAsync("east")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_news_nothing_is_raised_again()
    {
        using var watch = Watch();
        watch.Troubled("south", ErrorCodes.HetznerTokenRefused, "401");
        await watch.SettleAsync(None);
        await watch.SettleAsync(None);
        (await OpenAsync("south")).ShouldHaveSingleItem().Count.ShouldBe(1);
    }

    private ProviderWatch Watch() => new(incidents, TimeProvider.System, NullLogger<ProviderWatch>.Instance);

    private Task<IReadOnlyList<Incident>> OpenAsync(string provider) => incidents.ListAsync(new(CausePrefix: $"provider:{provider}"), None);
}
