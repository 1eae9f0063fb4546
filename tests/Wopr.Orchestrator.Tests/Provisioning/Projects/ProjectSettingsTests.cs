using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform;
using Wopr.Provisioning.Ports;

namespace Wopr.Orchestrator.Tests.Provisioning.Projects;

/// <summary>Which projects there are, and what keeps the service from starting.</summary>
public sealed class ProjectSettingsTests
{
    [Theory]
    [InlineData("main", true)]
    [InlineData("a", true)]
    [InlineData("north-2", true)]
    [InlineData("a23456789012345678901234567890", true)]
    [InlineData("a234567890123456789012345678901", false)]
    [InlineData("", false)]
    [InlineData("North", false)]
    [InlineData("2north", false)]
    [InlineData("north-", false)]
    [InlineData("no_rth", false)]
    [InlineData("north\n", false)]
    [InlineData("nörd", false)]
    [InlineData(null, false)]
    public void A_name_is_letters_digits_and_hyphens(string? text, bool isName) => ProjectName.TryParse(text, out _).ShouldBe(isName);

    [Fact]
    public void One_token_is_the_project_main_and_its_provider_is_called_as_ever()
    {
        var only = TestSettings.MakeLive(("HCLOUD_TOKEN", "secret")).Hetzner.Projects.ShouldHaveSingleItem();
        only.ShouldBe(new HetznerProject(ProjectName.Main, "secret"));
        only.Name.Provider.ShouldBe("hetzner");
        TestSettings.Make().Hetzner.Projects.ShouldHaveSingleItem().Token.ShouldBe("sandbox-hetzner");
    }

    [Fact]
    public void Others_are_named_each_with_a_token_a_limit_and_whether_it_is_closed()
    {
        var projects = TestSettings.MakeLive(
            ("HCLOUD_TOKEN", "a"), ("HCLOUD_PROJECTS", "north, far-south"), ("HCLOUD_TOKEN_NORTH", "b"), ("HCLOUD_TOKEN_FAR_SOUTH", "c"),
            ("HCLOUD_MOST_SERVERS", "main=90, north = 0"), ("HCLOUD_CLOSED", "far-south")).Hetzner.Projects;
        projects.ShouldBe([
            new(ProjectName.Main, "a", MostServers: 90), new(ProjectName.Parse("north"), "b", MostServers: 0), new(ProjectName.Parse("far-south"), "c", Closed: true)]);
        projects[1].Name.Provider.ShouldBe("hetzner:north");
        string.Join(' ', projects).ShouldBe("main north far-south", "tokens are not printed");
    }

    [Fact]
    public void Main_may_be_left_out_and_the_sandbox_has_tokens_of_its_own()
    {
        TestSettings.MakeLive(("HCLOUD_TOKEN", ""), ("HCLOUD_PROJECTS", "north"), ("HCLOUD_TOKEN_NORTH", "b")).Hetzner.Projects.ShouldHaveSingleItem().Name.Value.ShouldBe("north");
        TestSettings.Make(("WOPR_SANDBOX_HETZNER_PROJECTS", "north")).Hetzner.Projects.Select(p => p.Token).ShouldBe(["sandbox-hetzner", "sandbox-hetzner-north"]);
    }

    [Theory]
    [InlineData("HCLOUD_PROJECTS", "north,north", "HCLOUD_PROJECTS names a project twice")]
    [InlineData("HCLOUD_PROJECTS", "north,main", "names 'main', which is the project of HCLOUD_TOKEN")]
    [InlineData("HCLOUD_PROJECTS", "north,East", "'East' is not the name of a project")]
    [InlineData("HCLOUD_PROJECTS", "north,east", "HCLOUD_TOKEN_EAST is missing")]
    [InlineData("HCLOUD_TOKEN_NORTH", "a", "main and north have the same token")]
    [InlineData("HCLOUD_MOST_SERVERS", "east=3", "HCLOUD_MOST_SERVERS: there is no project 'east'")]
    [InlineData("HCLOUD_MOST_SERVERS", "north=-1", "'north=-1' is not PROJECT=NUMBER")]
    [InlineData("HCLOUD_MOST_SERVERS", "north", "'north' is not PROJECT=NUMBER")]
    [InlineData("HCLOUD_MOST_SERVERS", "north=1,north=2", "names 'north' twice")]
    [InlineData("HCLOUD_CLOSED", "east", "HCLOUD_CLOSED: there is no project 'east'")]
    public void What_is_wrong_is_said_before_the_start(string variable, string value, string said)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOPR_DATABASE"] = "Host=nowhere.invalid",
            ["HCLOUD_TOKEN"] = "a",
            ["HCLOUD_PROJECTS"] = "north",
            ["HCLOUD_TOKEN_NORTH"] = "b",
            ["CLOUDFLARE_API_TOKEN"] = "t",
            ["WOPR_ZONE"] = "example.com",
            ["WOPR_PUBLIC_URL"] = "https://wopr.example.com",
            [variable] = value,
        };
        var (settings, problems) = new SettingsReader(environment.GetValueOrDefault).Read();
        settings.ShouldBeNull();
        problems.ShouldHaveSingleItem().ShouldContain(said);
    }
}
