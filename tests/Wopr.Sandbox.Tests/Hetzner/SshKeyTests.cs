using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Hetzner;

public sealed class SshKeyTests : SandboxTest
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICBS9fuE8qdfztAgDvynX0Gn8mYNtwl2DpKuUIZKXqXx me";
    private const string Fingerprint = "2b:41:12:dc:f4:88:78:81:26:36:ad:41:6a:bd:48:87";

    [Fact]
    public async Task A_key_is_made_found_renamed_and_deleted()
    {
        var made = (await Hetzner("POST", "/ssh_keys", new { name = "k", public_key = Key, labels = new { a = "b" } })).ShouldBe(201).Body["ssh_key"]!;
        made["fingerprint"]!.GetValue<string>().ShouldBe(Fingerprint);

        (await Hetzner("GET", $"/ssh_keys?fingerprint={Fingerprint}")).Body["ssh_keys"]!.AsArray().Count.ShouldBe(1);
        (await Hetzner("GET", "/ssh_keys?name=other")).Body["ssh_keys"]!.AsArray().ShouldBeEmpty();
        (await Hetzner("PUT", $"/ssh_keys/{Id(made)}", new { name = "kk" })).ShouldBe(200).Body["ssh_key"]!["name"]!.GetValue<string>().ShouldBe("kk");
        (await Hetzner("DELETE", $"/ssh_keys/{Id(made)}")).ShouldBe(204).Text.ShouldBeEmpty();
        (await Hetzner("GET", $"/ssh_keys/{Id(made)}")).ShouldRefuse(404, "not_found");
    }

    [Fact]
    public async Task Keys_and_names_are_unique()
    {
        (await Hetzner("POST", "/ssh_keys", new { name = "k", public_key = Key })).ShouldBe(201);

        (await Hetzner("POST", "/ssh_keys", new { name = "other", public_key = Key }))
            .ShouldRefuse(409, "uniqueness_error", "SSH key with the same fingerprint already exists")
            .Body["error"]!["details"]!["fields"]![0]!["name"]!.GetValue<string>().ShouldBe("public_key");
    }

    [Theory]
    [InlineData("")]
    [InlineData("ssh-ed25519")]
    [InlineData("ssh-ed25519 not-base64")]
    [InlineData("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAICBS9fuE8qdfztAgDvynX0Gn8mYNtwl2DpKuUIZKXqXx")]
    [InlineData("ssh-ed25519 AAAAC3Nz")]
    public async Task What_is_no_key_is_refused(string text) =>
        (await Hetzner("POST", "/ssh_keys", new { name = "k", public_key = text })).ShouldRefuse(422, "invalid_input");

    [Fact]
    public async Task A_server_with_a_key_gets_no_password()
    {
        var key = Id((await Hetzner("POST", "/ssh_keys", new { name = "k", public_key = Key })).ShouldBe(201).Body["ssh_key"]!);

        (await Hetzner("POST", "/servers", Order("by-name", new { ssh_keys = new[] { "k" } }))).ShouldBe(201).Body["root_password"].ShouldBeNull();
        (await Hetzner("POST", "/servers", Order("by-id", new { ssh_keys = new[] { key } }))).ShouldBe(201).Body["root_password"].ShouldBeNull();
        (await Hetzner("POST", "/servers", Order("without"))).ShouldBe(201).Body["root_password"].ShouldNotBeNull();
    }
}
