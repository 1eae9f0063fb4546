using System.Text;
using Wopr.Checkout;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Modules;

/// <summary>Everything that is rendered on the beacon of each suite, as the real runner renders it.</summary>
public sealed class LaidOutBeaconTests
{
    public static TheoryData<string> Suites => [.. Catalogue.Load().Bundles.Where(b => b.Kind == "suite").Select(b => b.Id)];

    /// <summary>Units and hooks travel as they are and stand beside the modules; here is what differs from beacon to beacon.</summary>
    [ToolTheory("bash")]
    [MemberData(nameof(Suites))]
    public void A_suite_renders_as_promised(string bundle)
    {
        var beacon = LaidOutBeacon.Of(bundle);
        var text = new StringBuilder();
        foreach (var file in beacon.Files("etc/wopr").Concat(beacon.Files("var/lib/wopr/public")).Where(f => !f.StartsWith("etc/wopr/secrets/", StringComparison.Ordinal) && f != "etc/wopr/bootstrap.env"))
            text.Append($"=== {file} {Convert.ToString((int)File.GetUnixFileMode(beacon.PathOf(file)), 8)}\n").Append(beacon.Read(file));
        text.Append("=== units\n").AppendJoin('\n', beacon.Files("etc/containers/systemd")).Append('\n');
        var secrets = beacon.Plan.SelectMany(m => m.Secrets).ToDictionary(LaidOutBeacon.SecretOf, name => $"<{name}>", StringComparer.Ordinal);
        foreach (var (value, name) in secrets) text.Replace(value, name);
        Snapshot.Match(text.ToString(), name: bundle);
    }

    [ToolFact("bash")]
    public void Secrets_stand_only_where_root_alone_can_read()
    {
        var beacon = LaidOutBeacon.OfEverything();
        var secrets = beacon.Plan.SelectMany(m => m.Secrets).ToList();
        foreach (var file in beacon.Files(""))
        {
            var text = beacon.Read(file);
            var mode = File.GetUnixFileMode(beacon.PathOf(file));
            if (file.StartsWith("etc/wopr/secrets/", StringComparison.Ordinal) || secrets.Any(s => text.Contains(LaidOutBeacon.SecretOf(s)[..32], StringComparison.Ordinal)))
                mode.ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
        }
    }

    [ToolFact("bash")]
    public void Every_word_is_replaced_and_every_unit_is_the_modules_own()
    {
        var beacon = LaidOutBeacon.OfEverything();
        foreach (var file in beacon.Files("etc/wopr")) beacon.Read(file).ShouldNotContain("${", customMessage: file);
        var units = beacon.Plan.SelectMany(m => Directory.EnumerateFiles(Path.Combine(TestModules.RealFolder, m.Id.Value), "wopr-*")).ToDictionary(p => Path.GetFileName(p), File.ReadAllText, StringComparer.Ordinal);
        beacon.Files("etc/containers/systemd").Select(f => Path.GetFileName(f)).ShouldBe(units.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, text) in units) beacon.Read($"etc/containers/systemd/{name}").ShouldBe(text);
    }

    /// <summary>Authentik knows every application that signs in through it, by its own secret and its own address.</summary>
    [ToolFact("bash")]
    public void Authentik_is_told_of_every_application()
    {
        var beacon = LaidOutBeacon.OfEverything();
        var blueprint = beacon.Read("etc/wopr/blueprints/wopr.yaml");
        var environment = beacon.Read("etc/wopr/modules/authentik.env");
        foreach (var module in beacon.Plan.Where(m => m.SignIn?.Mode == Wopr.Modules.SignInMode.Oidc))
        {
            var name = module.Id.Value.Replace('-', '_');
            environment.ShouldContain($"WOPR_OIDC_{name.ToUpperInvariant()}={LaidOutBeacon.SecretOf($"{name}_oidc")}\n");
            blueprint.ShouldContain($"client_secret: !Env WOPR_OIDC_{name.ToUpperInvariant()}\n");
            foreach (var path in module.SignIn!.RedirectPaths) blueprint.ShouldContain($"url: \"https://{module.HostOn(LaidOutBeacon.Host)}{path}\"");
        }

        foreach (var module in beacon.Plan.Where(m => m.SignIn?.Mode == Wopr.Modules.SignInMode.ForwardAuth))
        {
            blueprint.ShouldContain($"external_host: \"https://{module.HostOn(LaidOutBeacon.Host)}\"\n");
            blueprint.ShouldContain($"        - !KeyOf provider-{module.Id}\n");
        }
    }
}
