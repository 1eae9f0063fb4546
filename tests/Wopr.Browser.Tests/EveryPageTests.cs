using System.Globalization;
using Microsoft.Playwright;
using Wopr.Browser.Tests.Site;
using Xunit.Abstractions;

namespace Wopr.Browser.Tests;

/// <summary>What holds for every page: accessible, narrow enough for a phone, light, and without a complaint of the browser.</summary>
[Collection(SiteCollection.Name)]
public sealed class EveryPageTests(RunningSite site, ITestOutputHelper output)
{
    private const int MostBytes = 100_000;

    [BrowserFact(axe: true)]
    public async Task The_rules_of_accessibility_hold_in_light_and_dark()
    {
        var job = await JobAsync();
        var failed = await FailedAsync();
        var rules = await File.ReadAllTextAsync(BrowserFactAttribute.AxeScript);
        var broken = new List<string>();
        foreach (var dark in new[] { false, true })
        {
            // In the dark only the colours are others.
            var only = dark ? "{ type: 'rule', values: ['color-contrast'] }" : "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";
            await using var visit = await site.VisitAsync(dark: dark, forAxe: true, signedIn: true);
            foreach (var (name, path) in (await PagesAsync(job)).Concat([("setup of a failed job", $"/setup/{failed}"), ("failed job", $"/operator/jobs/{failed}?tries=true")]))
            {
                await visit.Page.GotoAsync(path);
                await visit.Page.EvaluateAsync(rules);
                var found = await visit.Page.EvaluateAsync<string[]>($"axe.run({{ runOnly: {only} }}).then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ' ' + n.target.join(' ') + ': ' + n.failureSummary.split('\\n').slice(1, 2))))");
                broken.AddRange(found.Select(v => $"{name}{(dark ? " (dark)" : "")}: {v}"));
            }
        }
        string.Join('\n', broken).ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task No_page_is_wider_than_a_small_phone_and_none_makes_the_browser_complain()
    {
        var job = await JobAsync();
        await using var visit = await site.VisitAsync(width: 320, height: 640, signedIn: true);
        var wide = new List<string>();
        foreach (var (name, path) in await PagesAsync(job))
        {
            await visit.Page.GotoAsync(path);
            var width = await visit.Page.EvaluateAsync<int>("document.scrollingElement.scrollWidth");
            if (width > 320) wide.Add($"{name}: {width}");
            // No table hides columns beside the screen, and each value says what it is.
            wide.AddRange(await visit.Page.EvaluateAsync<string[]>("""
                name => [...document.querySelectorAll('.scroll')].flatMap(part => [
                  ...(part.scrollWidth > part.clientWidth ? [`${name}: ${part.ariaLabel ?? part.textContent.slice(0, 40)} is ${part.scrollWidth} wide`] : []),
                  ...[...part.querySelectorAll('table:not(.history-table) tbody td:not([data-label])')].map(cell => `${name}: ${cell.textContent} has no label`)])
                """, name));
            // The browser itself says that a missing page is missing.
            if (name == "missing") visit.ForgetComplaints();
        }
        wide.ShouldBeEmpty();
        visit.ShouldBeClean();
    }

    [BrowserFact]
    public async Task Every_page_is_light()
    {
        var job = await JobAsync();
        var heavy = new List<string>();
        foreach (var (name, path) in await PagesAsync(job))
        {
            // With nothing kept from the page before.
            await using var visit = await site.VisitAsync(signedIn: true);
            await visit.Page.GotoAsync(path, new() { WaitUntil = WaitUntilState.Load });
            // All that was needed for the page, before compression; the live stream of a job is not part of it.
            var measured = await visit.Page.EvaluateAsync<double[]>("""
                (() => {
                  const page = performance.getEntriesByType('navigation')[0];
                  const parts = performance.getEntriesByType('resource').filter(r => !r.name.endsWith('/stream'));
                  return [[page, ...parts].reduce((sum, r) => sum + r.decodedBodySize, 0), 1 + parts.length, page.responseEnd, page.domInteractive, page.loadEventEnd];
                })()
                """);
            var bytes = measured[0];
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-10} {bytes / 1000,6:0.0} kB in {measured[1]} parts; answered {measured[2],5:0} ms, interactive {measured[3],5:0} ms, loaded {measured[4],5:0} ms"));
            bytes.ShouldBeGreaterThan(0);
            if (bytes >= MostBytes) heavy.Add($"{name}: {bytes}");
        }
        heavy.ShouldBeEmpty();
    }

    private async Task<string> FailedAsync()
    {
        await site.Stack.Sandbox.MisbehaveAsync(Failures.TokenRefused);
        try
        {
            var job = await site.Stack.OrderAsync($"fail-{Guid.NewGuid():N}"[..20]);
            await site.Stack.UntilAsync(job, "failed");
            return job;
        }
        finally
        {
            await site.Stack.Sandbox.BehaveAsync();
        }
    }

    private async Task<IEnumerable<(string Name, string Path)>> PagesAsync(string job) => PageList.OfCustomers(job, await site.UnpaidAsync()).Concat(PageList.OfOperators(job));

    private async Task<string> JobAsync()
    {
        var job = await site.Stack.OrderAsync($"page-{Guid.NewGuid():N}"[..20]);
        await site.Stack.UntilAsync(job, "completed");
        await site.AgentOfAsync(job);
        return job;
    }
}
