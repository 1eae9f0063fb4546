using Hangfire;
using Hangfire.Server;
using Hangfire.Storage;
using Wopr.Platform.Work;

namespace Wopr.Profiles;

/// <summary>
/// Sweeps and checks as Hangfire's recurring jobs: each drives its work item, which also keeps its own time. They are made
/// once the server runs, by one of its own processes: a lock that a node took to its grave delays them and not the start.
/// </summary>
internal sealed class RecurringRounds(IEnumerable<IWorkHandler> handlers, IRecurringJobManager recurring) : IBackgroundProcess
{
    public void Execute(BackgroundProcessContext context)
    {
        var known = handlers.OfType<RecurringWork>().ToList();
        foreach (var work in known)
            recurring.AddOrUpdate<HandedWork>(work.Kind, HandedQueues.Later, rounds => rounds.RoundAsync(work.Kind, CancellationToken.None), Crons.Of(work.UsualPeriod));
        using (var connection = context.Storage.GetConnection())
            foreach (var gone in connection.GetRecurringJobs().Select(job => job.Id).Except(known.Select(work => work.Kind), StringComparer.Ordinal)) recurring.RemoveIfExists(gone);
        context.StoppingToken.WaitHandle.WaitOne();
    }
}

/// <summary>A period as Hangfire's recurring jobs want it: every so many minutes or hours.</summary>
public static class Crons
{
    public static string Of(TimeSpan period)
    {
        if (period <= TimeSpan.FromMinutes(1)) return Cron.Minutely();
        return period < TimeSpan.FromHours(1) ? $"*/{(int)period.TotalMinutes} * * * *" : $"0 */{(int)Math.Min(period.TotalHours, 23)} * * *";
    }
}
