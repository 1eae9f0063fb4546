using System.Text;
using System.Text.Json;
using Wopr.Cloudflare;
using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Cloudflare;

public sealed class CloudflareErrorsTests
{
    public static TheoryData<int, int, string, Retry> Known => new()
    {
        { 400, 9106, "CF-004", Retry.Never },
        { 400, 6003, "CF-004", Retry.Never },
        { 401, 1000, "CF-004", Retry.Never },
        { 401, 10000, "CF-004", Retry.Never },
        { 403, 10000, "CF-004", Retry.Never },
        { 403, 9103, "CF-004", Retry.Never },
        { 403, 9109, "CF-004", Retry.Never },
        { 400, 1003, "CF-005", Retry.Never },
        { 404, 7003, "CF-007", Retry.Never },
        { 404, 10404, "CF-007", Retry.Never },
        { 404, 81044, "CF-007", Retry.LookFirst },
        { 400, 81053, "CF-003", Retry.LookFirst },
        { 400, 81057, "CF-002", Retry.LookFirst },
        { 400, 81058, "CF-002", Retry.LookFirst },
        { 400, 9005, "CF-007", Retry.Never },
        { 429, 971, "CF-008", Retry.Later },
        { 429, 10100, "CF-008", Retry.Later },
        { 429, 10429, "CF-008", Retry.Later },
    };

    [Theory, MemberData(nameof(Known))]
    public void A_number_has_its_row(int status, int code, string meaning, Retry retry)
    {
        CloudflareErrors.Row(status, code).ShouldNotBeNull();
        var verdict = Read(status, $$"""{"success":false,"errors":[{"code":{{code}},"message":"text"}],"messages":[],"result":null}""");
        (verdict.Row.Code.Value, verdict.Row.Retry).ShouldBe((meaning, retry));
        verdict.ProviderCode.ShouldBe($"{code}");
    }

    [SharedFact("specs/cloudflare/errors.observed.json")]
    public void Every_observed_envelope_has_an_explicit_row()
    {
        using var observed = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Shared, "specs/cloudflare/errors.observed.json")));
        var seen = observed.RootElement.EnumerateArray()
            .Select(e => (Status: e.GetProperty("status").GetInt32(), Code: e.GetProperty("body").GetProperty("errors")[0].GetProperty("code").GetInt32()))
            .ToArray();
        seen.Length.ShouldBeGreaterThan(15);
        seen.Where(e => CloudflareErrors.Row(e.Status, e.Code) is null).ShouldBeEmpty();
    }

    [Fact]
    public void Of_several_errors_the_first_known_one_decides() =>
        Read(400, """{"success":false,"errors":[{"code":55555,"message":"new"},{"code":81058,"message":"old"}]}""").Row.Code.Value.ShouldBe("CF-002");

    [Theory]
    [InlineData(401, "CF-004")]
    [InlineData(404, "CF-007")]
    [InlineData(429, "CF-008")]
    [InlineData(500, "CF-006")]
    [InlineData(522, "CF-006")]
    [InlineData(200, "CF-006")]
    public void Without_a_known_number_the_status_decides(int status, string meaning)
    {
        foreach (var body in new[] { "", "<html>", "null", "[]", """{"errors":null}""", """{"errors":[{"code":"text"}]}""", """{"errors":[{"code":424242,"message":"new"}]}""" })
            Read(status, body).Row.Code.Value.ShouldBe(meaning);
    }

    private static Verdict Read(int status, string body) => CloudflareErrors.Table.Read("records.batch", status, Encoding.UTF8.GetBytes(body));
}
