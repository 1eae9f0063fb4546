using Shouldly;
using Wopr.Support.Diagnosis;
using Xunit;

namespace Wopr.Orchestrator.Tests.Support.Diagnosis;

public sealed class MaskingTests
{
    [Theory]
    [InlineData("Authorization: Bearer wopr_op_0123456789abcdef", "wopr_op_0123456789abcdef")]
    [InlineData("X-Callback-Token: Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6", "Zm9vYmFyYmF6")]
    [InlineData("{\"callback_token\": \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"}", "9f86d081884c7d65")]
    [InlineData("PGPASSWORD=hunter2-Secret", "hunter2-Secret")]
    [InlineData("postgres://wopr:s3cr3tpw@db.example:5432/wopr", "s3cr3tpw")]
    [InlineData("the password is Tr0ub4dor&3", "Tr0ub4dor")]
    [InlineData("stripe key sk_live_51HxAbCdEfGhIj", "sk_live_51Hx")]
    [InlineData("Cookie: wopr_operator=abcdef0123456789; theme=dark", "abcdef0123456789")]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAA\n-----END OPENSSH PRIVATE KEY-----", "b3BlbnNzaC1rZXktdjEAAAA")]
    [InlineData("token 5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99 refused", "5f4dcc3b5aa765d6")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123", "eyJhbGciOiJIUzI1NiJ9")]
    [InlineData("mail to anna.huber@example.com bounced", "anna.huber@example.com")]
    [InlineData("server 78.46.12.99 is running", "78.46.12.99")]
    [InlineData("AAAA 2a01:4f8:c17:1234::1", "2a01:4f8")]
    [InlineData("card 4242 4242 4242 4242 declined", "4242 4242")]
    [InlineData("account DE89 3704 0044 0532 0130 00", "3704 0044")]
    [InlineData("call me at +49 170 1234567", "1234567")]
    public void Secrets_and_personal_data_are_masked(string text, string secret)
    {
        var masked = Masking.Apply(text);

        masked.ShouldNotContain(secret);
        masked.ShouldContain("[masked:");
        Masking.Apply(masked).ShouldBe(masked);
    }

    [Theory]
    [InlineData("connection to server at \"127.0.0.1\", port 5432 failed: Connection refused")]
    [InlineData("Connection refused to 172.20.0.1:5432")]
    [InlineData("{\"detail\": \"Invalid callback token for this job\"}")]
    [InlineData("SHA-256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 differs")]
    [InlineData("job 3d1f6a0e-1111-4222-8333-444455556666 failed")]
    [InlineData("2026-03-02T08:14:51.220Z warn: 12:00:31 elapsed")]
    [InlineData("HCLOUD_TOKEN is not set")]
    [InlineData("fe80::1 and ::1 and fd00:1::2")]
    [InlineData("POST https://orc.wopr.systems/api/provision/81/callback")]
    public void What_says_what_is_wrong_is_kept(string text) => Masking.Apply(text).ShouldBe(text);
}
