namespace Wopr.Platform;

/// <summary>
/// What a build adds to the core or puts in the place of its parts. The core needs none; whatever a profile does, the rows
/// stay the truth and the work queue the owner of leases, fences and attempts.
/// </summary>
public interface IProfile
{
    /// <summary>Where operators find the runs of a work item: <c>PATH/KIND/SUBJECT</c> follows it.</summary>
    string RunsPath { get; }

    /// <summary>After the core's own registrations.</summary>
    void AddServices(IServiceCollection services, Settings settings);

    /// <summary>After the core's own addresses. What is not opened must be closed here.</summary>
    void Map(WebApplication app);

    /// <summary>Once the database is up to date and before anything runs. What throws ends the start.</summary>
    Task PrepareAsync(IServiceProvider services, CancellationToken cancellation);
}
