using Wopr.Provisioning;
using Wopr.Provisioning.Steps;
using Wopr.Support;

namespace Wopr.Integration.Tests.Steps;

// Each step in each way that it goes.

public sealed class PendingTests(StepBench bench) : StepSuite<PendingStep>(bench)
{
    protected override JobState State => JobState.Pending;

    protected override JobState End => JobState.PaymentReceived;
}

public sealed class PaymentReceivedTests(StepBench bench) : StepSuite<PaymentReceivedStep>(bench)
{
    protected override JobState State => JobState.PaymentReceived;

    protected override JobState End => JobState.ProvisioningVps;

    private protected override void Judge(IReadOnlyList<string> effects) => effects.ShouldContain("mail received");
}

public sealed class ProvisioningVpsTests(StepBench bench) : StepSuite<ProvisioningVpsStep>(bench)
{
    protected override JobState State => JobState.ProvisioningVps;

    protected override JobState End => JobState.ConfiguringDns;

    private protected override void Judge(IReadOnlyList<string> effects)
    {
        effects.ShouldContain("servers 1");
        effects.ShouldContain("all servers 1");
        effects.ShouldContain("firewalls 1");
    }
}

/// <summary>The old server goes before a new one is made.</summary>
public sealed class ProvisioningVpsAnewTests(StepBench bench) : StepSuite<ProvisioningVpsStep>(bench)
{
    protected override JobState State => JobState.ProvisioningVps;

    protected override JobState End => JobState.ConfiguringDns;

    private protected override async Task LeadAsync(StepScene scene)
    {
        await scene.DriveUntilAsync(JobState.Verifying, new ParkedStep(JobState.Verifying));
        await scene.ExecuteAsync("UPDATE jobs SET state = 'provisioning_vps', rebuild_requested_at = now() WHERE id = @id");
    }

    private protected override void Judge(IReadOnlyList<string> effects)
    {
        effects.ShouldContain("servers 1");
        effects.ShouldContain("addresses 2");
        effects.Count(e => e.StartsWith("server ", StringComparison.Ordinal)).ShouldBe(2, "one gone and one here");
    }
}

/// <summary>A job that is taken up again has its server, and its attempts are counted anew.</summary>
public sealed class ProvisioningVpsTakenUpTests(StepBench bench) : StepSuite<ProvisioningVpsStep>(bench)
{
    protected override JobState State => JobState.ProvisioningVps;

    protected override JobState End => JobState.ConfiguringDns;

    private protected override async Task LeadAsync(StepScene scene)
    {
        await scene.DriveUntilAsync(JobState.Verifying, new ParkedStep(JobState.Verifying));
        await scene.ExecuteAsync("UPDATE jobs SET state = 'provisioning_vps', server_attempts = 0 WHERE id = @id");
    }

    private protected override void Judge(IReadOnlyList<string> effects)
    {
        effects.ShouldContain("all servers 1");
        effects.Count(e => e.Contains("server created in", StringComparison.Ordinal)).ShouldBe(1, "no other is asked for");
    }
}

public sealed class ConfiguringDnsTests(StepBench bench) : StepSuite<ConfiguringDnsStep>(bench)
{
    protected override JobState State => JobState.ConfiguringDns;

    protected override JobState End => JobState.WaitingForVps;

    private protected override void Judge(IReadOnlyList<string> effects) => effects.Count(e => e.StartsWith("record ", StringComparison.Ordinal)).ShouldBe(4);
}

/// <summary>The beacon has called already.</summary>
public sealed class WaitingForVpsTests(StepBench bench) : StepSuite<WaitingForVpsStep>(bench)
{
    protected override JobState State => JobState.WaitingForVps;

    protected override JobState End => JobState.DeployingWopr;
}

/// <summary>The provider's actions are done before the beacon has called.</summary>
public sealed class WaitingForVpsAskingTests(StepBench bench) : StepSuite<WaitingForVpsStep>(bench)
{
    protected override JobState State => JobState.WaitingForVps;

    protected override JobState End => JobState.DeployingWopr;

    protected override string? Stage => null;

    private protected override async Task LeadAsync(StepScene scene)
    {
        await base.LeadAsync(scene);
        await scene.ExecuteAsync("UPDATE provider_actions SET status = 'success' WHERE job_id = @id");
    }
}

/// <summary>The provider could not start the server, which is taken away.</summary>
public sealed class WaitingForVpsReplacedTests(StepBench bench) : StepSuite<WaitingForVpsStep>(bench)
{
    protected override JobState State => JobState.WaitingForVps;

    protected override JobState End => JobState.ProvisioningVps;

    protected override string? Stage => null;

    private protected override async Task LeadAsync(StepScene scene)
    {
        await base.LeadAsync(scene);
        await scene.ExecuteAsync("UPDATE provider_actions SET status = CASE command WHEN 'create_server' THEN 'error' ELSE 'success' END WHERE job_id = @id");
    }

    private protected override void Judge(IReadOnlyList<string> effects) => effects.ShouldContain("servers 0");
}

public sealed class DeployingWoprTests(StepBench bench) : StepSuite<DeployingWoprStep>(bench)
{
    protected override JobState State => JobState.DeployingWopr;

    protected override JobState End => JobState.Verifying;
}

/// <summary>The beacon has said nothing for too long.</summary>
public sealed class DeployingWoprSilentTests(StepBench bench) : StepSuite<DeployingWoprStep>(bench)
{
    protected override JobState State => JobState.DeployingWopr;

    protected override JobState End => JobState.Failed;

    protected override string? Stage => "boot";

    private protected override async Task LeadAsync(StepScene scene)
    {
        await base.LeadAsync(scene);
        await scene.ExecuteAsync("UPDATE jobs SET state_entered_at = now() - interval '1 hour' WHERE id = @id");
    }

    private protected override void Judge(IReadOnlyList<string> effects) => effects.ShouldContain("error CALLBACK-003");
}

public sealed class VerifyingTests(StepBench bench) : StepSuite<VerifyingStep>(bench)
{
    protected override JobState State => JobState.Verifying;

    protected override JobState End => JobState.GeneratingDocs;
}

public sealed class GeneratingDocsTests(StepBench bench) : StepSuite<GeneratingDocsStep>(bench)
{
    protected override JobState State => JobState.GeneratingDocs;

    protected override JobState End => JobState.SendingWelcome;

    private protected override void Judge(IReadOnlyList<string> effects) => effects.ShouldContain("document runbook");
}

public sealed class SendingWelcomeTests(StepBench bench) : StepSuite<SendingWelcomeStep>(bench)
{
    protected override JobState State => JobState.SendingWelcome;

    protected override JobState End => JobState.Completed;

    private protected override void Judge(IReadOnlyList<string> effects) => effects.Count(e => e == "mail welcome").ShouldBe(1);
}

/// <summary>A failed job whose retention is over.</summary>
public sealed class FailedTests(StepBench bench) : StepSuite<FailedStep>(bench)
{
    protected override JobState State => JobState.Failed;

    protected override JobState End => JobState.RollingBack;

    private protected override Task LeadAsync(StepScene scene) => scene.DriveUntilAsync(
        JobState.Failed, new ParkedStep(JobState.Verifying, Outcome.Fail(ErrorCodes.BeaconUnreachable, "nobody is there")), new ParkedStep(JobState.Failed));

    private protected override void Judge(IReadOnlyList<string> effects) => effects.Count(e => e == "mail failed-VERIFY-001").ShouldBe(1);
}

/// <summary>A job that was cancelled when all of it was there.</summary>
public sealed class RollingBackTests(StepBench bench) : StepSuite<RollingBackStep>(bench)
{
    protected override JobState State => JobState.RollingBack;

    protected override JobState End => JobState.Cancelled;

    private protected override async Task LeadAsync(StepScene scene)
    {
        await scene.DriveUntilAsync(JobState.Verifying, new ParkedStep(JobState.Verifying));
        await scene.CancelAsync();
        await scene.DriveUntilAsync(JobState.RollingBack, new ParkedStep(JobState.RollingBack));
    }

    private protected override void Judge(IReadOnlyList<string> effects)
    {
        effects.ShouldContain("servers 0");
        effects.ShouldContain("addresses 0");
        effects.ShouldAllBe(e => !e.StartsWith("record ", StringComparison.Ordinal));
        effects.Count(e => e == "mail cancelled").ShouldBe(1);
    }
}

public sealed class EveryStepHasItsSuiteTests
{
    [Fact]
    public void No_step_goes_untried()
    {
        var steps = typeof(IStep).Assembly.GetTypes().Where(t => t.IsClass && !t.IsAbstract && t.IsAssignableTo(typeof(IStep))).ToList();
        var tried = typeof(EveryStepHasItsSuiteTests).Assembly.GetTypes().Where(t => t.IsPublic && !t.IsAbstract).Select(StepOf).OfType<Type>().ToHashSet();

        steps.Count.ShouldBeGreaterThanOrEqualTo(11);
        steps.Where(s => !tried.Contains(s)).ShouldBeEmpty("each step has a subclass of StepSuite");
    }

    /// <summary>The step that a suite tries; null when it is none.</summary>
    private static Type? StepOf(Type? type) => type switch
    {
        null => null,
        { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(StepSuite<>) => type.GetGenericArguments()[0],
        _ => StepOf(type.BaseType),
    };
}
