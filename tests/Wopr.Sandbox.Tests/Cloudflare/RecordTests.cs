using System.Text.Json.Nodes;
using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Cloudflare;

public sealed class RecordTests : SandboxTest
{
    [Fact]
    public async Task A_record_is_made_read_changed_replaced_and_deleted()
    {
        var made = (await Dns("POST", "", new { type = "A", name = "One.beacons.test", content = "198.18.0.1", ttl = 60, comment = "ours" })).ShouldBe(200).Body["result"]!;
        var id = made["id"]!.GetValue<string>();
        id.ShouldMatch("^[0-9a-f]{32}$");
        made["name"]!.GetValue<string>().ShouldBe("one.beacons.test");
        made.AsObject().ContainsKey("zone_id").ShouldBeFalse();
        (await Dns("GET", $"/{id}")).ShouldBe(200);

        var patched = (await Dns("PATCH", $"/{id}", new { content = "198.18.0.2" })).ShouldBe(200).Body["result"]!;
        (patched["content"]!.GetValue<string>(), patched["comment"]!.GetValue<string>(), patched["ttl"]!.GetValue<int>()).ShouldBe(("198.18.0.2", "ours", 60));

        var replaced = (await Dns("PUT", $"/{id}", new { type = "A", name = "one.beacons.test", content = "198.18.0.3" })).ShouldBe(200).Body["result"]!;
        replaced["comment"].ShouldBeNull();
        replaced["ttl"]!.GetValue<int>().ShouldBe(1);

        (await Dns("DELETE", $"/{id}")).ShouldBe(200).Body["result"]!["id"]!.GetValue<string>().ShouldBe(id);
        (await Dns("DELETE", $"/{id}")).ShouldRefuse(404, 81044);
    }

    [Theory]
    [InlineData("""{"type":"A","name":"a","content":"300.0.0.1"}""", 9005)]
    [InlineData("""{"type":"A","name":"a","content":"1.2.3"}""", 9005)]
    [InlineData("""{"type":"A","name":"a","content":"2001:db8::1"}""", 9005)]
    [InlineData("""{"type":"AAAA","name":"a","content":"198.18.0.1"}""", 9006)]
    [InlineData("""{"type":"CNAME","name":"a","content":"not a host"}""", 9007)]
    [InlineData("""{"type":"A","name":"bad name","content":"198.18.0.1"}""", 9000)]
    [InlineData("""{"type":"A","name":"a.*.beacons.test","content":"198.18.0.1"}""", 9000)]
    [InlineData("""{"type":"A","name":"a","content":"198.18.0.1","ttl":59}""", 9021)]
    [InlineData("""{"type":"A","name":"a","content":"198.18.0.1","ttl":86401}""", 9021)]
    [InlineData("""{"type":"A","name":"a","content":"198.18.0.1","ttl":"60"}""", 9021)]
    [InlineData("""{"type":"TXT","name":"a","content":"x","proxied":true}""", 9004)]
    [InlineData("""{"type":"A","name":"a","content":"198.18.0.1","proxied":"yes"}""", 9003)]
    [InlineData("""{"type":"A","name":"a","content":"198.18.0.1","tags":["a:b"]}""", 9300)]
    [InlineData("""{"type":"NOPE","name":"a","content":"x"}""", 9002)]
    [InlineData("""{"name":"a","content":"198.18.0.1"}""", 9101)]
    [InlineData("""{"type":"A","content":"198.18.0.1"}""", 9101)]
    [InlineData("""{"type":"A","name":"a"}""", 9101)]
    [InlineData("""{"type":"MX","name":"a","content":"mail.example.com"}""", 9101)]
    public async Task A_bad_record_is_refused(string record, int code)
    {
        (await Dns("POST", "", JsonNode.Parse(record))).ShouldRefuse(400, code);
        (await Dns("GET")).Body["result_info"]!["total_count"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public async Task A_comment_has_a_length()
    {
        (await Dns("POST", "", new { type = "A", name = "a", content = "198.18.0.1", comment = new string('c', 101) })).ShouldRefuse(400, 9313);
        (await Dns("POST", "", new { type = "A", name = "a", content = "198.18.0.1", comment = new string('c', 100) })).ShouldBe(200);
    }

    [Fact]
    public async Task Names_become_full_and_Punycode()
    {
        (await Name("one")).ShouldBe("one.beacons.test");
        (await Name("@")).ShouldBe("beacons.test");
        (await Name("bücher.beacons.test.")).ShouldBe("xn--bcher-kva.beacons.test");
        (await Name("*.one.beacons.test")).ShouldBe("*.one.beacons.test");
        (await Name("other.example.com")).ShouldBe("other.example.com.beacons.test");
    }

    [Fact]
    public async Task What_exists_already_is_refused()
    {
        (await Dns("POST", "", new { type = "A", name = "a", content = "198.18.0.1" })).ShouldBe(200);
        (await Dns("POST", "", new { type = "CNAME", name = "c", content = "a.beacons.test" })).ShouldBe(200);

        (await Dns("POST", "", new { type = "A", name = "a", content = "198.18.0.1", ttl = 300 })).ShouldRefuse(400, 81058);
        (await Dns("POST", "", new { type = "CNAME", name = "a", content = "b.beacons.test" })).ShouldRefuse(400, 81053);
        (await Dns("POST", "", new { type = "A", name = "c", content = "198.18.0.1" })).ShouldRefuse(400, 81053);
        (await Dns("POST", "", new { type = "CNAME", name = "c", content = "d.beacons.test" })).ShouldRefuse(400, 81053);
        (await Dns("POST", "", new { type = "A", name = "a", content = "198.18.0.2" })).ShouldBe(200);
        (await Dns("POST", "", new { type = "TXT", name = "c", content = "x" })).ShouldBe(200);
    }

    [Fact]
    public async Task The_type_of_a_record_stays()
    {
        var id = (await Dns("POST", "", new { type = "A", name = "a", content = "198.18.0.1" })).Body["result"]!["id"]!.GetValue<string>();

        (await Dns("PATCH", $"/{id}", new { type = "AAAA", content = "2001:db8::1" })).ShouldRefuse(400, 9002);
        (await Dns("PUT", $"/{id}", new { type = "TXT", name = "a", content = "x" })).ShouldRefuse(400, 9002);
    }

    [Fact]
    public async Task A_proxied_record_has_the_automatic_ttl() =>
        (await Dns("POST", "", new { type = "A", name = "a", content = "198.18.0.1", ttl = 300, proxied = true })).ShouldBe(200)
            .Body["result"]!["ttl"]!.GetValue<int>().ShouldBe(1);

    private async Task<string> Name(string name) =>
        (await Dns("POST", "", new { type = "A", name, content = "198.18.0.1" })).ShouldBe(200).Body["result"]!["name"]!.GetValue<string>();
}
