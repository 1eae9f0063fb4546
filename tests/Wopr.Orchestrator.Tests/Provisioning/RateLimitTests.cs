using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Provisioning;

/// <summary>A limit on the number of calls never fails a job, however long it lasts; other trouble does at the deadline.</summary>
public sealed class RateLimitTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    [Theory]
    [InlineData("hetzner", 429, "rate_limit_exceeded")]
    [InlineData("cloudflare", 429, "10429")]
    [InlineData("hetzner", 0, "")]
    public async Task The_deadline_moves_on_while_the_provider_takes_no_more_calls(string provider, int status, string providerCode)
    {
        var code = provider == "hetzner" ? ErrorCodes.HetznerRateLimited : ErrorCodes.CloudflareRateLimited;
        var (state, left) = await DriveAsync($"limited-{provider}-{status}", new(provider, status, providerCode, "too many", code, Retry.Later, TimeSpan.FromMinutes(5)));

        state.ShouldBe("provisioning_vps");
        left.ShouldBeInRange(TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task Any_other_passing_trouble_fails_it_at_the_deadline() =>
        (await DriveAsync("down", new("hetzner", 503, "unavailable", "", ErrorCodes.HetznerUnavailable, Retry.Later))).State.ShouldBe("failed");

    /// <summary>One run of a job whose deadline has passed, and that is refused in this way.</summary>
    private async Task<(string State, TimeSpan Left)> DriveAsync(string name, ProviderFailure refusal)
    {
        var id = await database.AddJobAsync(name, JobState.ProvisioningVps, deadline: TimeSpan.FromSeconds(-1));
        await using var connection = await database.Source.OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await WorkQueue.EnqueueAsync(connection, transaction, JobStore.WorkOf(id), priority: 0);
            await transaction.CommitAsync();
        }
        var lease = (await database.Queue.LeaseAsync(10, CancellationToken.None)).Leases.Single(l => l.Key == JobStore.WorkOf(id));
        var settings = TestSettings.Make();
        var jobs = new JobStore(database.Source, database.Queue);
        var driver = new JobDriver(
            database.Source, jobs, [new Refused(refusal)], new StepRun(new JobWatch(jobs, TimeProvider.System, NullLogger<JobWatch>.Instance), TimeProvider.System), new Deadlines(settings), settings, NullLogger<JobDriver>.Instance);
        await driver.HandleAsync(lease, CancellationToken.None);
        return await connection.QuerySingleAsync<(string, TimeSpan)>(
            "SELECT state, CASE WHEN deadline_at < 'infinity' THEN deadline_at - now() ELSE interval '0' END FROM jobs WHERE id = @id", new { id = id.Value });
    }

    private sealed class Refused(ProviderFailure refusal) : IStep
    {
        public JobState State => JobState.ProvisioningVps;

        public TimeSpan? Deadline => TimeSpan.FromMinutes(30);

        public Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation) => Task.FromResult(ProviderOutcome.For(refusal, context.Job));
    }
}
