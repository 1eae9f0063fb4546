using Wopr.Checkout;
using Wopr.CloudInit;
using Wopr.Modules;
using Wopr.Orchestrator.Tests.Modules;
using Wopr.Profiles;
using Wopr.Templating;
using Wopr.Templating.Loading;
using Wopr.Tests.Support;
using Plans = Wopr.Orchestrator.Tests.CloudInit.Beacons;

namespace Wopr.Hangfire.Tests;

/// <summary>Everything that is rendered, by the core's renderer and by Scriban: the same bytes, and the same refusals.</summary>
public sealed class SameBytesTests
{
    private static readonly FolderLoader Templates = new(Repository.PathOf("templates"));
    private static readonly TemplateEngine Core = new(Templates);
    private static readonly ScribanEngine Scriban = new(Templates);

    private static readonly Catalogue Shop = Catalogue.Load();
    private static readonly ModuleCatalogue Modules = TestModules.RealCatalogue();

    // Parts of others, which set what these show.
    private static readonly string[] Parts = ["mail/head.html", "mail/foot.html"];

    public static TheoryData<string> Texts =>
        [.. Directory.GetFiles(Repository.PathOf("templates"), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.PathOf("templates"), file))
            .Where(name => !name.StartsWith("cloud-init/", StringComparison.Ordinal) && !Parts.Contains(name))
            .Order(StringComparer.Ordinal)];

    public static TheoryData<string> Bundles => [.. Shop.Bundles.Where(bundle => Modules.CanDeliver(bundle.Modules)).Select(bundle => bundle.Id)];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Texts_for_customers(string template)
    {
        foreach (var model in new[] { Model("alice@example.org", null), Model("\"<b>&'\"@example.org", "{{ it }} stands in <Helsinki> & \"elsewhere\"\nfor ümläuts") })
            Text(Scriban, template, model).ShouldBe(Text(Core, template, model));
    }

    [Theory]
    [MemberData(nameof(Bundles))]
    public void User_data_of_every_bundle(string bundle)
    {
        var plan = Plans.Alice() with
        {
            Bundle = bundle,
            Modules = [.. Modules.Plan(Shop.FindBundle(bundle)!.Modules).Modules!.Select(module => module.Id)],
        };
        for (var tier = 1; tier <= 4; tier++) SameUserData(plan with { StorageTier = tier });
        SameUserData(plan with { AdminEmail = "o'neil+$(id)`x`\\\"@example.org" });
        SameUserData(plan with { BeaconName = "a'b\"c: {{ it }} # &" });
    }

    private static void SameUserData(BeaconPlan plan)
    {
        var (core, scriban) = (new UserDataRenderer(Core).Render(plan), new UserDataRenderer(Scriban).Render(plan));
        (scriban.UserData?.Text, scriban.IsSuccess).ShouldBe((core.UserData?.Text, core.IsSuccess), scriban.Reason ?? core.Reason ?? "");
    }

    [Theory]
    [InlineData("{{ missing }}")]
    [InlineData("{{ missing.member }}")]
    [InlineData("{{ name | no_such_function }}")]
    [InlineData("{{ include 'no/such.txt' }}")]
    [InlineData("{{ if name }}")]
    [InlineData("{{ name | shell }}")]
    public void What_the_core_refuses_Scriban_refuses(string template)
    {
        var loader = new MemoryLoader(new Dictionary<string, string>(StringComparer.Ordinal) { ["t"] = template });
        var model = new Dictionary<string, object?>(StringComparer.Ordinal) { ["name"] = "a\nb" };
        new TemplateEngine(loader).Render("t", model).IsSuccess(out _, out _).ShouldBeFalse();
        new ScribanEngine(loader).Render("t", model).IsSuccess(out _, out _).ShouldBeFalse();
    }

    private static string Text(ITemplateEngine engine, string template, object model) =>
        engine.Render(template, model).IsSuccess(out var text, out var errors) ? text : throw new InvalidOperationException(string.Join("; ", errors));

    private static object Model(string email, string? substitution) => new
    {
        BeaconName = "alice",
        BeaconUrl = "https://alice.beacons.example.org/",
        BundleName = "Starter",
        Size = "50 GB",
        Apps = new[] { new { Name = "Nextcloud", Url = "https://cloud.alice.example.org/", Summary = "files & <more>" }, new { Name = "Outline", Url = "https://wiki.alice.example.org/", Summary = "notes" } }.ToList(),
        AdminEmail = email,
        SupportUrl = "https://wopr.example.org/support",
        SetupUrl = "https://wopr.example.org/setup/1?a=b&c=d",
        Substitution = substitution,
        Problem = new { Code = "HETZ-006", Title = "No room", WhatHappened = "It was <full>.", WhatWeDo = "We wait.", WhatYouCanDo = "Nothing." },
    };
}
