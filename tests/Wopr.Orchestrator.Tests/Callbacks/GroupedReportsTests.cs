using System.Security.Cryptography;
using Dapper;
using Wopr.Callbacks;
using Wopr.Orchestrator.Tests.Operators;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform;
using Wopr.Provisioning;

namespace Wopr.Orchestrator.Tests.Callbacks;

/// <summary>Reports that many beacons send at the same moment, and when the step that waits for them is woken.</summary>
public sealed class GroupedReportsTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private readonly CallbackStore callbacks = new(database.Source, new RandomIdSource(), TimeProvider.System);

    [Fact]
    public async Task Each_of_many_beacons_is_heard_and_what_one_may_not_say_harms_no_other()
    {
        var jobs = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => JobAsync(JobState.DeployingWopr)));

        var outcomes = await Task.WhenAll(jobs.Select((job, i) => callbacks.TakeAsync(job.Id, i % 10 == 3 ? Token() : job.Token, Report(BeaconStage.Packages, 10), default)));

        outcomes.Select((outcome, i) => (i, outcome)).Where(o => o.outcome != CallbackOutcome.Accepted).ShouldBe(
            [(3, CallbackOutcome.TokenInvalid), (13, CallbackOutcome.TokenInvalid), (23, CallbackOutcome.TokenInvalid), (33, CallbackOutcome.TokenInvalid)]);
        foreach (var (job, i) in jobs.Select((job, i) => (job, i)))
            (await JobRows.AskAsync<int>(database.Source, "SELECT count(*) FROM events WHERE job_id = @id AND kind = 'stage'", job.Id)).ShouldBe(i % 10 == 3 ? 0 : 1);
    }

    [Theory]
    [InlineData(JobState.DeployingWopr, BeaconStage.Packages, false)]
    [InlineData(JobState.DeployingWopr, BeaconStage.Boot, false)]
    [InlineData(JobState.DeployingWopr, BeaconStage.WoprDownload, true)]
    [InlineData(JobState.DeployingWopr, BeaconStage.Complete, true)]
    [InlineData(JobState.WaitingForVps, BeaconStage.Packages, true)]
    public async Task The_waiting_step_is_woken_when_the_stage_turns_or_it_waited_for_any_report(JobState state, BeaconStage stage, bool woken)
    {
        var job = await JobAsync(state);

        (await callbacks.TakeAsync(job.Id, job.Token, Report(stage, 10), default)).ShouldBe(CallbackOutcome.Accepted);

        (await JobRows.AskAsync<bool>(database.Source, "SELECT signals = 1 AND wake_at <= now() FROM work_items WHERE subject = @id", job.Id)).ShouldBe(woken);
        (await JobRows.AskAsync<bool>(database.Source, "SELECT last_callback_at IS NOT NULL FROM jobs WHERE id = @id", job.Id)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_token_that_was_good_a_moment_ago_is_refused_once_it_is_revoked()
    {
        var job = await JobAsync(JobState.DeployingWopr);
        (await callbacks.TakeAsync(job.Id, job.Token, Report(BeaconStage.Packages, 10), default)).ShouldBe(CallbackOutcome.Accepted);
        await JobRows.AskAsync<bool>(database.Source, "UPDATE callback_tokens SET revoked_at = now() WHERE job_id = @id AND fingerprint = 'grouped' RETURNING true", job.Id);

        (await callbacks.TakeAsync(job.Id, job.Token, Report(BeaconStage.Complete, 11), default)).ShouldBe(CallbackOutcome.TokenInvalid);

        (await callbacks.CheckAsync(job.Id, job.Token, default)).ShouldBe(CallbackOutcome.TokenInvalid, "and its next body is not read");
        (await JobRows.AskAsync<string>(database.Source, "SELECT stage FROM jobs WHERE id = @id", job.Id)).ShouldBe("packages");
    }

    private async Task<(JobId Id, string Token)> JobAsync(JobState state)
    {
        var job = await JobRows.InsertAsync(database.Source, state, stage: "packages");
        var token = Token();
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync("INSERT INTO callback_tokens (hash, job_id, fingerprint, expires_at) VALUES (@hash, @id, 'grouped', now() + interval '1 hour')",
            new { id = job.Value, hash = SHA256.HashData(Convert.FromHexString(token)) });
        return (job, token);
    }

    private static CallbackReport Report(BeaconStage stage, long seq) => new(stage, 50, null, "on its way", null, seq);

    private static string Token() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}
