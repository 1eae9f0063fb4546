using Wopr.Checkout;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Mail;

/// <summary>A job that nobody ordered, to look at mails with.</summary>
public static class SampleJob
{
    public static Job For(Occasion occasion, Catalogue catalogue, string zone, DateTimeOffset now)
    {
        var bundle = catalogue.Bundles[0];
        return new Job
        {
            Id = new JobId(Guid.Empty),
            State = JobState.Completed,
            StateEnteredAt = now,
            DeadlinePassed = false,
            BeaconName = "sample",
            Fqdn = $"sample.{zone}",
            Bundle = bundle.Id,
            Tier = 1,
            Email = "customer@example.com",
            Location = null,
            Paid = true,
            Modules = bundle.Modules,
            InstallerSha256 = null,
            Ladder = [],
            LadderPosition = 0,
            ServerAttempts = 1,
            Stage = BeaconStage.Complete,
            Progress = 100,
            Module = null,
            LastCallbackAt = now,
            ReportedError = null,
            Substitution = occasion is Occasion.Welcome or Occasion.Delayed
                ? "The first choice is sold out at the moment: your beacon is placed in nbg1 instead of fsn1, in the same region."
                : null,
            ErrorCode = occasion == Occasion.Failed ? ErrorCodes.SoldOut : null,
            FailedState = null,
            CancelRequested = false,
            DecommissionRequested = false,
            Now = now,
            Signals = 0,
        };
    }
}
