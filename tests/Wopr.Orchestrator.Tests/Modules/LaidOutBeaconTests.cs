using System.Text;
using System.Text.RegularExpressions;
using Wopr.Checkout;
using Wopr.Orchestrator.Tests.CloudInit;
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
        var plan = CloudInit.Beacons.Alice() with { Beacon = LaidOutBeacon.Host, Bundle = bundle, Modules = [.. beacon.Plan.Select(m => m.Id)] };
        foreach (var (path, file) in UserDataTests.Files(CloudInit.Beacons.Text(plan)).Where(file => file.Key.StartsWith("/etc/", StringComparison.Ordinal)))
            text.Append($"=== user-data: {path} {file.Permissions}\n").Append(file.Content);
        foreach (var file in beacon.Files("etc/wopr").Concat(beacon.Files("var/lib/wopr/public")).Where(f => !f.StartsWith("etc/wopr/secrets/", StringComparison.Ordinal) && f != "etc/wopr/bootstrap.env"))
            text.Append($"=== {file} {Convert.ToString((int)File.GetUnixFileMode(beacon.PathOf(file)), 8)}\n").Append(beacon.Read(file));
        text.Append("=== units\n").AppendJoin('\n', beacon.Files("etc/containers/systemd")).Append('\n');
        var secrets = beacon.Plan.SelectMany(m => m.Secrets).ToDictionary(LaidOutBeacon.SecretOf, name => $"<{name}>", StringComparer.Ordinal);
        foreach (var (value, name) in secrets) text.Replace(value, name);
        Snapshot.Match(text.ToString(), name: bundle);
    }

    /// <summary>An address may look like the runner's own words, like a shell's, like YAML or like a template.</summary>
    [ToolTheory("bash")]
    [InlineData("${beacon}@example.org")]
    [InlineData("o'neil+\"$(touch${IFS}pwned)`id`\"&;|<>\\n#@example.org")]
    [InlineData("{{job_id}}{%x%}!!int:*a%s@example.org")]
    public void An_address_stands_in_every_file_as_it_was_typed(string email)
    {
        var modules = TestModules.RealCatalogue().Modules.Where(m => m.Environment.Any(e => e.Value == "${admin_email}")).ToList();
        modules.Count.ShouldBeGreaterThan(3);
        using var beacon = new LaidOutBeacon("test", modules.Select(m => m.Id.Value), email);
        using var plain = new LaidOutBeacon("test", modules.Select(m => m.Id.Value));
        foreach (var module in modules)
        {
            foreach (var (name, _) in module.Environment.Where(e => e.Value == "${admin_email}"))
                File.ReadAllLines(beacon.PathOf($"etc/wopr/modules/{module.Id}.env")).ShouldContain($"{name}={email}", module.Id.Value);
        }

        // Everything else is as with any other address.
        beacon.Files("").ShouldBe(plain.Files(""));
        foreach (var file in beacon.Files("").Where(f => f != "etc/wopr/bootstrap.env"))
            beacon.Read(file).ShouldBe(plain.Read(file).Replace("alice@example.com", email, StringComparison.Ordinal), file);
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

    /// <summary>What the blueprint points to is made before it, by itself or by Authentik's own blueprints; and no secret stands in it.</summary>
    [ToolFact("bash")]
    public void The_blueprint_points_to_nothing_that_is_not_there()
    {
        var beacon = LaidOutBeacon.OfEverything();
        var blueprint = beacon.Read("etc/wopr/blueprints/wopr.yaml");
        var environment = beacon.Read("etc/wopr/modules/authentik.env");
        var made = Regex.Matches(blueprint, @"^    id: (\S+)$", RegexOptions.Multiline).ToDictionary(m => m.Groups[1].Value, m => m.Index, StringComparer.Ordinal);
        foreach (Match used in Regex.Matches(blueprint, @"!KeyOf (\S+)")) made[used.Groups[1].Value].ShouldBeLessThan(used.Index);
        foreach (Match used in Regex.Matches(blueprint, @"!Env (\S+)")) environment.ShouldContain($"{used.Groups[1].Value}=");
        Regex.Matches(blueprint, @"!Find \[([^]]+\])").Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal).ShouldBe(
        [
            "authentik_crypto.certificatekeypair, [name, authentik Self-signed Certificate]",
            "authentik_flows.flow, [slug, default-provider-authorization-implicit-consent]",
            "authentik_flows.flow, [slug, default-provider-invalidation-flow]",
            "authentik_providers_oauth2.scopemapping, [managed, goauthentik.io/providers/oauth2/scope-email]",
            "authentik_providers_oauth2.scopemapping, [managed, goauthentik.io/providers/oauth2/scope-openid]",
            "authentik_providers_oauth2.scopemapping, [managed, goauthentik.io/providers/oauth2/scope-profile]",
        ]);
        foreach (var secret in beacon.Plan.SelectMany(m => m.Secrets)) blueprint.ShouldNotContain(LaidOutBeacon.SecretOf(secret)[..32]);
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
            blueprint.ShouldContain($"    identifiers: {{slug: {module.Id}}}\n");
            var own = beacon.Files("etc/wopr/modules").Where(f => f == $"etc/wopr/modules/{module.Id}.env" || f.StartsWith($"etc/wopr/modules/{module.Id}/", StringComparison.Ordinal));
            string.Concat(own.Select(beacon.Read)).ShouldContain(LaidOutBeacon.SecretOf($"{name}_oidc"), customMessage: module.Id.Value);
            foreach (var path in module.SignIn!.RedirectPaths) blueprint.ShouldContain($"url: \"https://{module.HostOn(LaidOutBeacon.Host)}{path}\"");
        }

        foreach (var module in beacon.Plan.Where(m => m.SignIn?.Mode == Wopr.Modules.SignInMode.ForwardAuth))
        {
            blueprint.ShouldContain($"external_host: \"https://{module.HostOn(LaidOutBeacon.Host)}\"\n");
            blueprint.ShouldContain($"        - !KeyOf provider-{module.Id}\n");
        }
    }
}
