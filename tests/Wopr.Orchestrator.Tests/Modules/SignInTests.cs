using System.Net;
using System.Text.RegularExpressions;
using Wopr.Modules;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Modules;

/// <summary>Who gets through to an application, asked of the real Caddy: nobody without a sign-in, unless the manifest says so.</summary>
public sealed partial class SignInTests(RunningCaddy caddy) : IClassFixture<RunningCaddy>
{
    private static readonly ModuleCatalogue Catalogue = TestModules.RealCatalogue();

    public static TheoryData<string> Guarded => [.. With(SignInMode.ForwardAuth, SignInMode.Header)];

    public static TheoryData<string> Own => [.. With(SignInMode.Oidc, SignInMode.None).Where(id => id != "caddy")];

    public static TheoryData<string> Reachable => [.. With(SignInMode.ForwardAuth, SignInMode.Header, SignInMode.Oidc, SignInMode.None).Where(id => id != "caddy")];

    /// <summary>Also not by words that Authentik would send, nor by a way that leads out of a public path.</summary>
    [ToolTheory(RunningCaddy.Tool, "bash")]
    [MemberData(nameof(Guarded))]
    public async Task Without_a_sign_in_nobody_reaches_it(string id)
    {
        var targets = new List<string> { "/", "/settings", "/a/b?c=d", "//", "/outpost.goauthentik.io/../settings", "/outpost.goauthentik.io/%2e%2e/settings", "/outpost.goauthentik.io/..%2fsettings" };
        foreach (var path in PublicPaths(id).Where(path => path.EndsWith("/*", StringComparison.Ordinal)))
            targets.AddRange([$"{path[..^1]}../settings", $"{path[..^1]}%2e%2e/settings", $"{path[..^1]}..%2fsettings"]);
        foreach (var target in targets)
        {
            using var answer = await caddy.GetAsync(Host(id), target, cookie: null, ("X-Authentik-Username", "eve"), ("X-Authentik-Groups", "authentik Admins"));
            answer.StatusCode.ShouldBe(HttpStatusCode.Redirect, target);
            answer.Headers.Location!.Host.ShouldBe("sign-in.invalid", target);
        }
    }

    [ToolTheory(RunningCaddy.Tool, "bash")]
    [MemberData(nameof(Guarded))]
    public async Task Who_is_signed_in_reaches_it_under_their_own_name_alone(string id)
    {
        using var answer = await caddy.GetAsync(Host(id), "/settings", RunningCaddy.Session, ("X-Authentik-Username", "eve"), ("X-Authentik-Groups", "authentik Admins"), ("X-Authentik-Meta-Outpost", "eve"));
        var words = (await answer.Content.ReadAsStringAsync()).Split(' ');
        Find(id).Units.ShouldContain(words[0]);
        // For what Authentik does not answer, Caddy 2.6 writes the placeholder itself.
        words.Skip(1).Where(word => !word.Contains("={http.reverse_proxy.header.", StringComparison.Ordinal)).ShouldBe(["X-Authentik-Username=alice"]);
    }

    [ToolTheory(RunningCaddy.Tool, "bash")]
    [MemberData(nameof(Reachable))]
    public async Task Its_public_paths_are_open_and_carry_nobodys_word_for_who_they_are(string id)
    {
        foreach (var path in PublicPaths(id))
        {
            using var answer = await caddy.GetAsync(Host(id), path.Replace("*", "a", StringComparison.Ordinal), cookie: null, ("X-Authentik-Username", "eve"));
            Find(id).Units.ShouldContain(await answer.Content.ReadAsStringAsync(), path);
        }
    }

    /// <summary>It signs people in itself, or says in its manifest why it need not.</summary>
    [ToolTheory(RunningCaddy.Tool, "bash")]
    [MemberData(nameof(Own))]
    public async Task What_signs_people_in_by_itself_is_asked_directly_and_told_nothing(string id)
    {
        using var answer = await caddy.GetAsync(Host(id), "/", cookie: null, ("X-Authentik-Username", "eve"));
        if (answer.StatusCode == HttpStatusCode.Redirect) (answer.Headers.Location!.IsAbsoluteUri && answer.Headers.Location.Host == "sign-in.invalid").ShouldBeFalse();
        else Find(id).Units.ShouldContain(await answer.Content.ReadAsStringAsync());
    }

    [ToolFact(RunningCaddy.Tool, "bash")]
    public async Task Every_host_that_asks_for_a_sign_in_also_takes_the_answer_of_the_sign_in()
    {
        foreach (var id in With([.. Enum.GetValues<SignInMode>()]).Where(id => Route(id).Contains("import signed_in", StringComparison.Ordinal)))
        {
            using var answer = await caddy.GetAsync(Host(id), "/outpost.goauthentik.io/callback?code=1");
            (await answer.Content.ReadAsStringAsync()).ShouldBe("wopr-authentik", id);
        }
    }

    private static IEnumerable<string> With(params SignInMode[] modes) =>
        Catalogue.Modules.Where(m => m.SignIn is { } signIn && modes.Contains(signIn.Mode)).Select(m => m.Id.Value);

    private static Module Find(string id) => Catalogue.TryFind(id, out var module) ? module : throw new InvalidOperationException(id);

    private static string Host(string id) => Find(id).HostOn(LaidOutBeacon.Host)!;

    private static string Route(string id) => File.ReadAllText(Path.Combine(TestModules.RealFolder, id, "route.caddy"));

    private static string[] PublicPaths(string id) =>
        Public().Match(Route(id)) is { Success: true } match ? match.Groups[1].Value.Split(' ') : [];

    [GeneratedRegex(@"^@public path (.+)$", RegexOptions.Multiline)]
    private static partial Regex Public();
}
