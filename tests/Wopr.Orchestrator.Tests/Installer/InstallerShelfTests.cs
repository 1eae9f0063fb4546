using Wopr.Installer;
using Wopr.Modules;
using Wopr.Orchestrator.Tests.Modules;
using Wopr.Orchestrator.Tests.Support;

namespace Wopr.Orchestrator.Tests.Installer;

/// <summary>What a job has pinned is there for its beacon, whichever node is asked.</summary>
public sealed class InstallerShelfTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    [Fact]
    public async Task What_was_pinned_is_found_by_a_node_with_another_installer()
    {
        var (ours, theirs) = (Tarball("a"), Tarball("b"));
        var other = Shelf(theirs);
        (await other.FindAsync(ours.Sha256, default)).ShouldBeNull();

        var pins = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Shelf(ours).PinCurrentAsync(default)));

        pins.ShouldAllBe(pin => pin == ours.Sha256);
        (await other.FindAsync(ours.Sha256, default))!.Value.ToArray().ShouldBe(ours.Bytes.ToArray());
        (await other.FindAsync(theirs.Sha256, default))!.Value.ToArray().ShouldBe(theirs.Bytes.ToArray());
    }

    private InstallerShelf Shelf(InstallerTarball current) => new(database.Source, new(current));

    private static InstallerTarball Tarball(string module)
    {
        using var modules = TestModules.WithCore();
        modules.Add(module);
        return InstallerTarball.Build(modules.Folder, ModuleCatalogue.Load(modules.Folder).Catalogue!);
    }
}
