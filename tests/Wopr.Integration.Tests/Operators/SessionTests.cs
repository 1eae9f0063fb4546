using System.Net;
using System.Text.RegularExpressions;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests.Operators;

/// <summary>An operator's session is one for all nodes, also of nodes that were started at the same moment.</summary>
public sealed partial class SessionTests
{
    [Fact]
    public async Task Who_signed_in_at_one_node_is_known_at_the_other_and_may_send_its_forms_there()
    {
        await using var stack = await WoprStack.StartCloudsOnlyAsync(boot: "none");
        var nodes = await stack.StartNodesAsync(2);
        // Cookies go by host name, so both nodes get the same, as behind one name in front of them.
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() });
        Uri At(int node, string path) => new(nodes[node].Http.BaseAddress!, path);

        // The form of one node is sent to the other, and what that answers with counts at the first.
        var token = TokenIn(await browser.GetStringAsync(At(0, "/operator/sign-in")));
        using var signedIn = await browser.PostAsync(At(1, "/operator/sign-in"), Form(token, ("key", WoprStack.OperatorKey)));
        signedIn.StatusCode.ShouldBe(HttpStatusCode.Redirect, await signedIn.Content.ReadAsStringAsync());
        var beacons = await browser.GetStringAsync(At(0, "/operator/beacons"));
        beacons.ShouldContain("Look at all of them now");
        using var asked = await browser.PostAsync(At(1, "/operator/beacons"), Form(TokenIn(beacons)));
        asked.Headers.Location!.ToString().ShouldBe("/operator/beacons?asked=true");

        // Signed out at one is signed out at both.
        using var left = await browser.PostAsync(At(0, "/operator/sign-in?handler=Out"), Form(TokenIn(beacons)));
        using var after = await browser.GetAsync(At(1, "/operator/beacons"));
        after.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    private static FormUrlEncodedContent Form(string token, params (string Name, string Value)[] fields) =>
        new([new("__RequestVerificationToken", token), .. fields.Select(f => new KeyValuePair<string, string>(f.Name, f.Value))]);

    private static string TokenIn(string html) => Token().Match(html).Groups[1].Value;

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
