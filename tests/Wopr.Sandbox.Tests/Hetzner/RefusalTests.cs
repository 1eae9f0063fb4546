using System.Text.Json.Nodes;
using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Hetzner;

public sealed class RefusalTests : SandboxTest
{
    [Fact]
    public async Task An_unknown_path_is_refused_before_the_token_is_looked_at()
    {
        (await Hetzner("GET", "/nonsense", token: null)).ShouldRefuse(404, "not_found", "api route not found");
        (await Hetzner("GET", "/servers", token: null)).ShouldRefuse(401, "unauthorized", "token is required");
        (await Hetzner("PATCH", "/servers", token: null)).ShouldRefuse(401, "unauthorized", "token is required");
        (await Hetzner("GET", "/servers", token: "wrong")).ShouldRefuse(401, "unauthorized", "the token you have provided is invalid");
        (await Hetzner("PATCH", "/servers")).ShouldRefuse(405, "method_not_allowed");
    }

    [Fact]
    public async Task Every_refusal_has_details_and_a_correlation_id()
    {
        var reply = await Hetzner("GET", "/servers/42");

        reply.ShouldRefuse(404, "not_found");
        reply.Body["error"]!.AsObject().ContainsKey("details").ShouldBeTrue();
        reply.Body["error"]!["details"].ShouldBeNull();
        reply.Header("X-Correlation-Id").ShouldNotBeNull().Length.ShouldBe(16);
    }

    [Fact]
    public async Task Data_centers_are_gone()
    {
        (await Hetzner("GET", "/datacenters")).ShouldRefuse(410, "deprecated_api_endpoint").Body["error"]!["details"]!["announcement"].ShouldNotBeNull();
        (await Hetzner("GET", "/datacenters/3")).ShouldRefuse(410, "deprecated_api_endpoint");
        (await Hetzner("GET", "/actions")).ShouldRefuse(410, "deprecated_api_endpoint");
    }

    [Fact]
    public async Task What_is_not_JSON_is_refused()
    {
        (await Hetzner("POST", "/servers", "{\"name\":")).ShouldRefuse(400, "json_error");
        (await Hetzner("POST", "/servers", "[]")).ShouldRefuse(400, "json_error");
        (await Hetzner("POST", "/servers", "{\"name\":\"a\",\"name\":\"b\"}")).ShouldRefuse(400, "json_error");
    }

    [Theory]
    [InlineData("""{"name":"under_score"}""", "name")]
    [InlineData("""{"name":"-dash"}""", "name")]
    [InlineData("""{"name":42}""", "name")]
    [InlineData("""{"server_type":null}""", "server_type")]
    [InlineData("""{"image":null}""", "image")]
    [InlineData("""{"image":"plan-9"}""", "image")]
    [InlineData("""{"server_type":"cx1000"}""", "server_type")]
    [InlineData("""{"location":"mars1"}""", "location")]
    [InlineData("""{"ssh_keys":["unknown"]}""", "ssh_keys")]
    [InlineData("""{"firewalls":[{"firewall":1}]}""", "firewalls")]
    [InlineData("""{"volumes":[1]}""", "volumes")]
    [InlineData("""{"labels":{"mail":"a@b.c"}}""", "labels")]
    [InlineData("""{"labels":{"with space":"x"}}""", "labels")]
    [InlineData("""{"labels":{"hetzner.cloud/x":"x"}}""", "labels")]
    [InlineData("""{"labels":{"x":1}}""", "labels")]
    [InlineData("""{"labels":[]}""", "labels")]
    [InlineData("""{"start_after_create":"yes"}""", "start_after_create")]
    public async Task A_bad_field_is_named(string changes, string field)
    {
        var reply = await Hetzner("POST", "/servers", Order("one", JsonNode.Parse(changes)));

        reply.ShouldRefuse(422, "invalid_input");
        reply.Body["error"]!["details"]!["fields"]!.AsArray().Select(one => one!["name"]!.GetValue<string>()).ShouldBe([field]);
        (await Hetzner("GET", "/servers")).Body["servers"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task User_data_has_a_length()
    {
        (await Hetzner("POST", "/servers", Order("one", new { user_data = new string('x', 32769) })))
            .ShouldRefuse(422, "invalid_input", "invalid input in field 'user_data'")
            .Body["error"]!["details"]!["fields"]![0]!["messages"]![0]!.GetValue<string>().ShouldBe("Length must be between 0 and 32768.");
        (await Hetzner("POST", "/servers", Order("one", new { user_data = new string('x', 32768) }))).ShouldBe(201);
    }

    [Fact]
    public async Task A_name_is_used_once()
    {
        await RunningServer("one");

        (await Hetzner("POST", "/servers", Order("one"))).ShouldRefuse(409, "uniqueness_error", "server name is already used");
    }

    [Fact]
    public async Task A_type_is_refused_where_it_is_not_sold()
    {
        (await Hetzner("POST", "/servers", Order("one", new { server_type = "cpx22", location = "ash" })))
            .ShouldRefuse(422, "invalid_input", "unsupported location for server type");
        (await Hetzner("POST", "/servers", Order("one", new { server_type = "cpx51", location = "ash" }))).ShouldBe(201);
    }

    [Fact]
    public async Task A_vanished_type_is_listed_no_more_and_refused()
    {
        (await Hetzner("GET", "/server_types?name=cx22")).ShouldBe(200).Body["server_types"]!.AsArray().ShouldBeEmpty();
        (await Hetzner("POST", "/servers", Order("one", new { server_type = "cx22" }))).ShouldRefuse(422, "invalid_input", "server type 104 is deprecated");
    }

    [Fact]
    public async Task An_image_must_have_the_architecture_of_the_type()
    {
        var images = (await Hetzner("GET", "/images?name=debian-13&architecture=x86")).Body["images"]!.AsArray();
        var x86 = Id(images.Single()!);

        (await Hetzner("POST", "/servers", Order("arm", new { server_type = "cax11", image = x86 }))).ShouldRefuse(422, "invalid_input");
        (await Hetzner("POST", "/servers", Order("arm", new { server_type = "cax11" }))).ShouldBe(201)
            .Body["server"]!["image"]!["architecture"]!.GetValue<string>().ShouldBe("arm");
    }

    [Fact]
    public async Task A_limit_is_named()
    {
        await Misbehave(new { kind = "limit", provider = "hetzner", limit = 1 });
        await RunningServer("one");

        (await Hetzner("POST", "/servers", Order("two"))).ShouldRefuse(403, "resource_limit_exceeded", "server limit exceeded")
            .Body["error"]!["details"]!["limits"]![0]!["name"]!.GetValue<string>().ShouldBe("server_limit");
    }

    [Fact]
    public async Task Addresses_have_a_limit_too_and_free_up_only_later()
    {
        await Misbehave(new { kind = "limit", provider = "hetzner", name = "primary_ip_limit", limit = 2 });
        var server = Id(await RunningServer("one"));
        (await Hetzner("DELETE", $"/servers/{server}")).ShouldBe(200);

        Advance(0.3);
        (await Hetzner("POST", "/servers", Order("two"))).ShouldRefuse(403, "resource_limit_exceeded", "Primary IP limit exceeded");
        Advance(0.2);
        (await Hetzner("POST", "/servers", Order("two"))).ShouldBe(201);
    }
}
