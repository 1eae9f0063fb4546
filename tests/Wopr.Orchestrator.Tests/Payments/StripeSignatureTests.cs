using System.Security.Cryptography;
using System.Text;
using Wopr.Payments;

namespace Wopr.Orchestrator.Tests.Payments;

/// <summary>Nothing is believed that was not signed with one of the secrets, over exactly these bytes.</summary>
public sealed class StripeSignatureTests
{
    private const long Time = 1_700_000_000;

    private static readonly byte[] Body = """{"id":"evt_1","type":"charge.refunded"}"""u8.ToArray();

    [Fact]
    public void A_signature_made_as_documented_is_taken()
    {
        // Worked out with another program: printf '1700000000.{"id":"evt_1","type":"charge.refunded"}' | openssl dgst -sha256 -hmac whsec_one
        const string Known = "5fbaa3a0d2e3fb47f49c4207700a984eb39ffb460f40cbde503cd0d7a1a5a3f0";
        SignedAt($"t={Time},v1={Known}", "whsec_one").ShouldBe(DateTimeOffset.FromUnixTimeSeconds(Time));
    }

    [Fact]
    public void While_a_secret_is_changed_both_are_good()
    {
        SignedAt($"t={Time},v1={Mac("whsec_old")}", "whsec_new", "whsec_old").ShouldNotBeNull();
        SignedAt($"t={Time},v1={Mac("whsec_new")},v1={Mac("whsec_old")}", "whsec_old").ShouldNotBeNull();
        SignedAt($"t={Time}, v1={Mac("whsec_new")}, v0=abc", "whsec_new").ShouldNotBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("t=1700000000")]
    [InlineData("v1=00")]
    [InlineData("t=,v1=00")]
    [InlineData("t=-1700000000,v1={mac}")]
    [InlineData("t=99999999999999999999,v1={mac}")]
    [InlineData("t=1700000001,v1={mac}")]
    [InlineData("t=1700000000,v0={mac}")]
    [InlineData("t=1700000000,v1={mac}0")]
    [InlineData("t=1700000000,v1={MAC}")]
    public void Anything_else_is_not(string header) =>
        SignedAt(header.Replace("{mac}", Mac("whsec_one"), StringComparison.Ordinal).Replace("{MAC}", Mac("whsec_one").ToUpperInvariant(), StringComparison.Ordinal), "whsec_one").ShouldBeNull();

    [Fact]
    public void One_changed_byte_of_the_body_spoils_it()
    {
        for (var i = 0; i < Body.Length; i++)
        {
            var changed = (byte[])Body.Clone();
            changed[i] ^= 1;
            StripeSignature.SignedAt($"t={Time},v1={Mac("whsec_one")}", changed, ["whsec_one"]).ShouldBeNull();
        }
    }

    private static DateTimeOffset? SignedAt(string header, params string[] secrets) => StripeSignature.SignedAt(header, Body, secrets);

    private static string Mac(string secret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.UTF8.GetBytes($"{Time}."), .. Body]));
}
