using Wopr.CloudInit;
using Wopr.Modules;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Templating;
using Wopr.Templating.Loading;

namespace Wopr.Bench.Rows;

/// <summary>The user-data of one beacon, rendered by this profile; where Scriban is there, against Scriban itself.</summary>
internal sealed class Rendering : IMeasurement
{
    public string Name => "render";

    public async Task<IReadOnlyList<Row>> RunAsync(Effort effort)
    {
        var renderer = new UserDataRenderer(new TemplateEngine(new FolderLoader(House.Templates)));
        var plan = Plan();
        if (renderer.Render(plan) is { IsSuccess: false } refused) throw new InvalidOperationException(refused.Reason);
        Task OurAsync(int worker, int i)
        {
            renderer.Render(plan);
            return Task.CompletedTask;
        }

        await Figures.RateAsync(1, effort.Round, OurAsync);
        var rate = await Figures.RateAsync(1, effort.Round, OurAsync);
        return [Row.Skipped("render of the user-data against Scriban", "≥ 100 %", $"Scriban is not in the package registry; {rate:0} renders/s on one core")];
    }

    public static BeaconPlan Plan()
    {
        var modules = ModuleCatalogue.Load(House.InstallerModules).Catalogue!.Plan(["nextcloud", "collabora", "outline", "vikunja", "vaultwarden"]).Modules!;
        var job = new JobId(Guid.Parse("5f1c7d64-8a53-4d3e-9d0b-0f7b5f3b2a11"));
        var hash = new string('a', 64);
        return new BeaconPlan(
            job, "alice.beacons.example.org", "alice", "starter", 1, [.. modules.Select(m => m.Id)], "alice@example.org",
            new Uri($"https://wopr.example.org/api/provision/{job}/callback"), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            new Uri($"https://wopr.example.org/api/installer/{hash}.tar.gz"), hash, "WOPR 0.1.0");
    }
}
