using Wopr.Mail;
using Wopr.Templating;
using Wopr.Templating.Loading;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Mail;

/// <summary>What customers get in writing.</summary>
public sealed class MailTemplatesTests
{
    private static readonly TemplateEngine Templates = new(new FolderLoader(Path.Combine(AppContext.BaseDirectory, "house", "templates")));

    public static TheoryData<string, string> Occasions
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var occasion in Enum.GetValues<Occasion>().Where(o => o != Occasion.Welcome).Select(CustomerMails.Word))
                foreach (var (part, kind) in new[] { ("subject.txt", "txt"), ("txt", "txt"), ("html", "html") })
                    data.Add($"mail/{occasion}.{part}", kind);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Occasions))]
    public void Every_other_occasion(string template, string extension) =>
        Snapshot.Match(Render(template, Model()), extension, NameOf(template));

    public static TheoryData<string, string> All => new()
    {
        { "mail/welcome.subject.txt", "txt" },
        { "mail/welcome.txt", "txt" },
        { "mail/welcome.html", "html" },
        { "runbook/beacon.md", "md" },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void A_beacon_as_ordered(string template, string extension) =>
        Snapshot.Match(Render(template, Model()), extension, NameOf(template));

    [Theory]
    [MemberData(nameof(All))]
    public void A_beacon_that_differs_from_the_order(string template, string extension) =>
        Snapshot.Match(Render(template, Model(substitution: "It stands in Helsinki, for Falkenstein had no room.")), extension, NameOf(template));

    [Fact]
    public void What_a_customer_typed_cannot_become_markup()
    {
        var html = Render("mail/welcome.html", Model(email: "\"<script>alert(1)</script>\"@example.org", substitution: "<b>&</b>"));

        html.ShouldNotContain("<script>");
        html.ShouldContain("&lt;script&gt;");
        html.ShouldContain("&lt;b&gt;&amp;&lt;/b&gt;");
    }

    [Fact]
    public void Every_subject_is_one_line()
    {
        foreach (var occasion in Enum.GetValues<Occasion>())
            Render($"mail/{CustomerMails.Word(occasion)}.subject.txt", Model()).TrimEnd('\n').ShouldNotContain("\n");
    }

    private static object Model(string email = "alice@example.org", string? substitution = null) => new
    {
        BeaconName = "alice",
        BeaconUrl = "https://alice.beacons.example/",
        BundleName = "Starter",
        Size = "50 GB",
        Apps = new[]
        {
            new { Name = "Nextcloud", Url = "https://files.alice.beacons.example/", Summary = "Files, calendar and contacts." },
            new { Name = "Vaultwarden", Url = "https://vault.alice.beacons.example/", Summary = "Passwords for everyone." },
        },
        AdminEmail = email,
        SupportUrl = "https://wopr.example/support",
        SetupUrl = "https://wopr.example/setup/5b0f9c1e-7d1f-4a39-9a53-0d2a8c9f1e11",
        Substitution = substitution,
        Problem = new { Code = "HETZ-005", Title = "Sold out", WhatHappened = "There is no server to be had.", WhatWeDo = "We try again.", WhatYouCanDo = "Wait <a while>." },
    };

    private static string Render(string template, object model)
    {
        var outcome = Templates.Render(template, model);
        outcome.IsSuccess(out var text, out var errors).ShouldBeTrue(string.Join('\n', errors ?? []));
        return text!;
    }

    private static string NameOf(string template) => template.Replace('/', '-');
}
