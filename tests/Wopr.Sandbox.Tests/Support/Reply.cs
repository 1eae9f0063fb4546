using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Wopr.Sandbox.Tests.Support;

public sealed record Reply(int Status, string Text, HttpResponseHeaders Headers)
{
    private readonly Lazy<JsonNode?> body = new(() => Text.Length == 0 ? null : JsonNode.Parse(Text));

    /// <summary>The body as JSON; fails the test when there is none.</summary>
    public JsonNode Body => body.Value.ShouldNotBeNull(Text);

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? values.Single() : null;

    public Reply ShouldBe(int status)
    {
        Status.ShouldBe(status, Text);
        return this;
    }

    /// <summary>A refusal of the Hetzner emulator.</summary>
    public Reply ShouldRefuse(int status, string code, string? message = null)
    {
        ShouldBe(status);
        Body["error"]!["code"]!.GetValue<string>().ShouldBe(code, Text);
        if (message is not null)
        {
            Body["error"]!["message"]!.GetValue<string>().ShouldBe(message);
        }

        return this;
    }

    /// <summary>A refusal of the Cloudflare emulator.</summary>
    public Reply ShouldRefuse(int status, int code)
    {
        ShouldBe(status);
        Body["success"]!.GetValue<bool>().ShouldBeFalse();
        Body["errors"]![0]!["code"]!.GetValue<int>().ShouldBe(code, Text);
        return this;
    }
}
