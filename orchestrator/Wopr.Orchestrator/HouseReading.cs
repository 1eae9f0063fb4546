using Wopr.Checkout;
using Wopr.Modules;
using Wopr.Platform;
using Wopr.Support;

namespace Wopr;

/// <summary>
/// What travels with the service and is read once: each part when somebody first asks for it, or ahead on threads of their
/// own, for it takes its time and needs nothing of the host.
/// </summary>
internal sealed class HouseReading
{
    private readonly Lazy<Catalogue> shop = new(Catalogue.Load);
    private readonly Lazy<ErrorCatalogue> errors = new(ReadErrors);
    private readonly Lazy<ModuleCatalogue> modules = new(ReadModules);

    public HouseReading() => Installer = new(() => InstallerTarball.Build(House.InstallerModules, Modules));

    /// <exception cref="HouseException">It cannot be used; so with the others.</exception>
    public Catalogue Shop => shop.Value;

    public ErrorCatalogue Errors => errors.Value;

    public ModuleCatalogue Modules => modules.Value;

    /// <summary>Built when it is first asked for: no start needs it.</summary>
    public Lazy<InstallerTarball> Installer { get; }

    public Task ReadAheadAsync() => Task.WhenAll(AheadAsync(() => Modules), AheadAsync(() => (Shop, Errors)));

    private static Task<T> AheadAsync<T>(Func<T> read) => Task.Factory.StartNew(read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static ErrorCatalogue ReadErrors()
    {
        try
        {
            return ErrorCatalogue.Load();
        }
        catch (InvalidDataException error)
        {
            throw new HouseException([$"{ErrorCodes.ConfigurationInvalid} {error.Message}"], error);
        }
    }

    private static ModuleCatalogue ReadModules()
    {
        var outcome = ModuleCatalogue.Load(House.InstallerModules);
        return outcome.Catalogue ?? throw new HouseException([.. outcome.Errors.Select(error => error.ToString())]);
    }
}

/// <summary>Something that travels with the service cannot be used: the build is not whole.</summary>
/// <param name="reasons">One line each, with its code.</param>
internal sealed class HouseException(IReadOnlyList<string> reasons, Exception? inner = null) : Exception(string.Join('\n', reasons), inner)
{
    public IReadOnlyList<string> Reasons { get; } = reasons;
}
