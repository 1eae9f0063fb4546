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
    private const double Goal = 1;

    public string Name => "render";

    public async Task<IReadOnlyList<Row>> RunAsync(Effort effort)
    {
        var plan = Plan();
        const string What = "render of the user-data against Scriban with cached template";
        var loader = new FolderLoader(House.Templates);
        var ours = Rate(new TemplateEngine(loader));
        if (HangfireBuild.Make<ITemplateEngine>("ScribanEngine", loader) is not { } scriban)
        {
            await ours();
            return [Row.Skipped(What, "≥ 100 %", $"the Hangfire profile, which has Scriban, is not built; {await ours():0} renders/s on one core")];
        }
        var (our, other, ratio) = await Figures.CompareAsync(effort, ours, Rate(scriban));
        return [new(What, "≥ 100 %", $"{ratio:P0} ({our:0}/s against {other:0}/s on one core)", ratio >= Goal)];

        Func<Task<double>> Rate(ITemplateEngine engine)
        {
            var renderer = new UserDataRenderer(engine);
            if (renderer.Render(plan) is { IsSuccess: false } refused) throw new InvalidOperationException(refused.Reason);
            return () => Figures.RateAsync(1, effort.Round, (_, _) =>
            {
                renderer.Render(plan);
                return Task.CompletedTask;
            });
        }
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
