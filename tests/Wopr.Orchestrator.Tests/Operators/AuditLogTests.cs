using Dapper;
using Npgsql;
using Wopr.Audit;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Operators;

/// <summary>What was done stays on record, whoever would rather have it otherwise.</summary>
public sealed class AuditLogTests : IAsyncLifetime
{
    private static readonly JobId Job = new(new Guid("11111111-2222-4333-8444-555555555555"));

    private readonly MigratedDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Actions_are_listed_newest_first_and_page_by_page()
    {
        await AppendAsync(new(Actor.Operator("anna"), "cancel", Job, "the customer asked", AuditOutcome.Done));
        await AppendAsync(new(Actor.Operator("anna"), "resume", Job, "try again", AuditOutcome.Refused, ErrorCodes.VerbDoesNotApply));
        await AppendAsync(new(Actor.System, "retention", null, "older than its time", AuditOutcome.Done));
        var log = new AuditLog(database.Source);

        var page = await log.ListAsync(null, null, 2, CancellationToken.None);
        page.Select(r => r.Action).ShouldBe(["retention", "resume"]);
        page[1].Code.ShouldBe("JOB-007");
        page[1].Actor.ShouldBe("anna");
        (await log.ListAsync(null, page[1].Id, 2, CancellationToken.None)).Select(r => r.Action).ShouldBe(["cancel"]);
        (await log.ListAsync(Job, null, 10, CancellationToken.None)).Select(r => r.Action).ShouldBe(["resume", "cancel"]);
    }

    [Fact]
    public async Task An_entry_is_kept_with_its_action_or_not_at_all()
    {
        await using (var connection = await database.Source.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await AuditLog.AppendAsync(connection, transaction, new(Actor.System, "cancel", Job, "never committed", AuditOutcome.Done));
            await transaction.RollbackAsync();
        }
        (await new AuditLog(database.Source).ListAsync(null, null, 10, CancellationToken.None)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("UPDATE audit_log SET reason = 'another'")]
    [InlineData("DELETE FROM audit_log")]
    [InlineData("TRUNCATE audit_log")]
    public async Task Nothing_is_changed_or_taken_away(string sql)
    {
        await AppendAsync(new(Actor.Operator("anna"), "cancel", Job, "the customer asked", AuditOutcome.Done));
        await using var connection = await database.Source.OpenConnectionAsync();

        (await Should.ThrowAsync<PostgresException>(() => connection.ExecuteAsync(sql))).MessageText.ShouldBe("the audit log is append-only");

        (await new AuditLog(database.Source).ListAsync(Job, null, 10, CancellationToken.None)).Count.ShouldBe(1);
    }

    private Task AppendAsync(AuditEntry entry) =>
        database.Source.InTransactionAsync((connection, transaction) => AuditLog.AppendAsync(connection, transaction, entry), CancellationToken.None);
}
