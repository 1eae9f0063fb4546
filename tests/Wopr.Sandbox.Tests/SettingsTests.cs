namespace Wopr.Sandbox.Tests;

public sealed class SettingsTests
{
    [Fact]
    public void Without_any_configuration()
    {
        var (settings, problem) = SandboxSettings.Read(_ => null);

        problem.ShouldBeNull();
        settings.ShouldNotBeNull().Hetzner.ShouldBe(new Uri("http://127.0.0.1:8002/"));
        settings.Cloudflare.Port.ShouldBe(8003);
        settings.Gate.Port.ShouldBe(8004);
        settings.Zone.ShouldBe("beacons.localhost");
        settings.HetznerTokens.ShouldBe(["sandbox-hetzner"]);
        settings.Boot.ShouldBe(BootDriver.Script);
        settings.Pace.ShouldBe(1);
        settings.Chaos.ShouldBeNull();
    }

    [Theory]
    [InlineData("WOPR_SANDBOX_PACE", "fast")]
    [InlineData("WOPR_SANDBOX_PACE", "-1")]
    [InlineData("WOPR_SANDBOX_PACE", "NaN")]
    [InlineData("WOPR_SANDBOX_BOOT", "windows")]
    [InlineData("WOPR_SANDBOX_BOOT", "1")]
    [InlineData("WOPR_SANDBOX_HETZNER_URL", "127.0.0.1:8002")]
    [InlineData("WOPR_SANDBOX_HETZNER_URL", "https://127.0.0.1:8002")]
    [InlineData("WOPR_SANDBOX_CLOUDFLARE_URL", "http://192.0.2.1:8003")]
    [InlineData("WOPR_SANDBOX_CLOUDFLARE_URL", "http://127.0.0.1:8002")]
    [InlineData("WOPR_SANDBOX_HETZNER_TOKEN", ",")]
    [InlineData("WOPR_SANDBOX_CHAOS", "much")]
    [InlineData("WOPR_SANDBOX_SEED", "1000000001")]
    [InlineData("WOPR_ZONE", "localhost")]
    [InlineData("WOPR_ZONE", "not a name")]
    public void A_bad_value_is_named_in_one_line(string name, string value)
    {
        var (settings, problem) = SandboxSettings.Read(asked => asked == name ? value : null);

        settings.ShouldBeNull();
        problem.ShouldNotBeNull().ShouldNotContain("\n");
    }

    [Fact]
    public void Projects_by_name_have_tokens_of_their_own() =>
        SandboxSettings.Read(name => name switch { "WOPR_SANDBOX_HETZNER_PROJECTS" => "north, far-south", "WOPR_SANDBOX_HETZNER_TOKEN_FAR_SOUTH" => "t", _ => null })
            .Settings!.HetznerTokens.ShouldBe(["sandbox-hetzner", "sandbox-hetzner-north", "t"]);

    [Theory]
    [InlineData("7", 7)]
    [InlineData(null, null)]
    public void A_seed_is_taken_as_given_or_left_to_the_start(string? text, int? seed) =>
        SandboxSettings.Read(asked => asked == "WOPR_SANDBOX_SEED" ? text : null).Settings!.Seed.ShouldBe(seed);
}
