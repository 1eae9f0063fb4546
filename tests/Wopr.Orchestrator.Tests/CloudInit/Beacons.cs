using Wopr.CloudInit;
using Wopr.Modules;
using Wopr.Orchestrator.Tests.Modules;
using Wopr.Provisioning;
using Wopr.Templating;
using Wopr.Templating.Loading;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.CloudInit;

/// <summary>A plan for one beacon, and its rendering with the real templates.</summary>
internal static class Beacons
{
    public const string Token = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    public static BeaconPlan Alice()
    {
        var modules = TestModules.RealCatalogue().Plan(["nextcloud", "collabora", "outline", "vikunja", "vaultwarden", "uptime-kuma"]).Modules!;
        var job = new JobId(Guid.Parse("5f1c7d64-8a53-4d3e-9d0b-0f7b5f3b2a11"));
        var hash = new string('a', 64);
        return new BeaconPlan(
            job,
            "alice.beacons.example.org",
            "alice",
            "starter",
            1,
            [.. modules.Select(m => m.Id)],
            "alice@example.org",
            new Uri($"https://wopr.example.org/api/provision/{job}/callback"),
            Token,
            new Uri($"https://wopr.example.org/api/installer/{hash}.tar.gz"),
            hash,
            "WOPR 0.1.0");
    }

    public static UserDataOutcome Render(BeaconPlan plan) =>
        new UserDataRenderer(new TemplateEngine(new FolderLoader(Repository.PathOf("templates")))).Render(plan);

    public static string Text(BeaconPlan plan)
    {
        var outcome = Render(plan);
        outcome.Reason.ShouldBeNull();
        return outcome.UserData!.Text;
    }
}
