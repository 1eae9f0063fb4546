using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;

namespace Wopr.Provisioning;

/// <summary>How the servers of jobs are. Jobs of one project that ask at nearly the same moment, as after the poller's round, share one call.</summary>
public sealed class ServerLookout
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);
    private const int MostAtOnce = 50;

    private readonly IClouds clouds;
    private readonly Gathering<Wanted, CloudServer?> looks;

    public ServerLookout(IClouds clouds, Pause pause)
    {
        this.clouds = clouds;
        looks = new(Window, MostAtOnce, _ => 1, pause, LookAsync);
    }

    /// <summary>The job's server of this id, or null when the provider has none.</summary>
    public Task<ProviderResult<CloudServer?>> FindAsync(ProjectName? project, JobId job, long id, CancellationToken cancellation) => looks.AskAsync(new(project, job, id), cancellation);

    private Task LookAsync(IReadOnlyList<Asking<Wanted, CloudServer?>> all) =>
        Task.WhenAll(all.GroupBy(a => a.Ask.Project).Select(group => LookAsync(clouds.Of(group.Key), [.. group])));

    private static async Task LookAsync(ICloud cloud, IReadOnlyList<Asking<Wanted, CloudServer?>> group)
    {
        IReadOnlyList<CloudServer> servers = [];
        if (group.Count > 1)
        {
            var list = await cloud.ListServersAsync(ServerLabels.Job, [.. group.Select(a => a.Ask.Job.ToString())], CancellationToken.None);
            if (!list.IsSuccess(out servers!, out var failure))
            {
                foreach (var asking in group) asking.Answer(failure);
                return;
            }
        }

        foreach (var asking in group)
        {
            // That one is missing from a list is no proof that it is gone: its own address says so for certain.
            if (servers.FirstOrDefault(s => s.Id == asking.Ask.Id) is { } server) asking.Answer(ProviderResult<CloudServer?>.Success(server));
            else asking.Answer(await cloud.GetServerAsync(asking.Ask.Id, CancellationToken.None));
        }
    }

    private sealed record Wanted(ProjectName? Project, JobId Job, long Id);
}
