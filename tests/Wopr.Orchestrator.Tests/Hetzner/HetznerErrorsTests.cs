using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Wopr.Hetzner;
using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Hetzner;

public sealed class HetznerErrorsTests
{
    /// <summary>The general refusals, so that this holds also where the reference data is not there.</summary>
    public static TheoryData<int, string, string, Retry> General => new()
    {
        { 400, "json_error", "HETZ-010", Retry.Never },
        { 401, "unauthorized", "HETZ-007", Retry.Never },
        { 401, "token_readonly", "HETZ-007", Retry.Never },
        { 403, "forbidden", "HETZ-007", Retry.Never },
        { 403, "maintenance", "HETZ-009", Retry.Later },
        { 403, "resource_limit_exceeded", "HETZ-006", Retry.Later },
        { 404, "not_found", "HETZ-010", Retry.Never },
        { 405, "method_not_allowed", "HETZ-010", Retry.Never },
        { 409, "uniqueness_error", "HETZ-010", Retry.LookFirst },
        { 409, "conflict", "HETZ-009", Retry.Later },
        { 410, "deprecated_api_endpoint", "HETZ-010", Retry.Never },
        { 412, "resource_unavailable", "HETZ-005", Retry.Alternative },
        { 422, "invalid_input", "HETZ-010", Retry.Never },
        { 422, "service_error", "HETZ-009", Retry.Later },
        { 422, "unsupported_error", "HETZ-010", Retry.Never },
        { 422, "placement_error", "HETZ-005", Retry.Alternative },
        { 422, "must_be_unassigned", "HETZ-012", Retry.Later },
        { 422, "resource_in_use", "HETZ-012", Retry.Later },
        { 423, "locked", "HETZ-012", Retry.Later },
        { 423, "protected", "HETZ-012", Retry.Never },
        { 429, "rate_limit_exceeded", "HETZ-013", Retry.Later },
        { 500, "server_error", "HETZ-009", Retry.Later },
        { 502, "bad_gateway", "HETZ-009", Retry.Later },
        { 503, "unavailable", "HETZ-009", Retry.Later },
        { 504, "timeout", "HETZ-009", Retry.Later },
    };

    [Theory, MemberData(nameof(General))]
    public void A_code_has_its_row(int status, string code, string meaning, Retry retry)
    {
        HetznerErrors.Row(status, code).ShouldNotBeNull();
        var verdict = Read("servers.list", status, code, "null");
        verdict.ProviderCode.ShouldBe(code);
        (verdict.Row.Code.Value, verdict.Row.Retry).ShouldBe((meaning, retry));
    }

    [SharedFact("specs/hetzner/errors.general.tsv")]
    public void Every_documented_code_has_an_explicit_row()
    {
        var specs = Path.Combine(Repository.Shared, "specs", "hetzner");
        var general = Rows(Path.Combine(specs, "errors.general.tsv"), status: 0);
        var perOperation = Rows(Path.Combine(specs, "errors.op-specific.tsv"), status: 2);
        using var observed = JsonDocument.Parse(File.ReadAllText(Path.Combine(specs, "errors.observed.json")));
        var seen = observed.RootElement.EnumerateArray()
            .Select(e => (e.GetProperty("status").GetInt32(), e.GetProperty("body").GetProperty("error").GetProperty("code").GetString()!));

        var all = general.Concat(perOperation).Concat(seen).Distinct().ToArray();

        all.Length.ShouldBeGreaterThan(50);
        all.Where(e => HetznerErrors.Row(e.Item1, e.Item2) is null).ShouldBeEmpty();
    }

    [SharedFact("specs/hetzner/errors.observed.json")]
    public void Every_observed_body_is_read_without_its_message_mattering()
    {
        using var observed = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Shared, "specs/hetzner/errors.observed.json")));
        foreach (var seen in observed.RootElement.EnumerateArray())
        {
            var status = seen.GetProperty("status").GetInt32();
            var body = seen.GetProperty("body").GetRawText();
            var other = JsonNode.Parse(body)!;
            other["error"]!["message"] = "reworded";
            var reworded = other.ToJsonString();
            var verdict = HetznerErrors.Table.Read(HetznerErrors.CreateServer, status, Encoding.UTF8.GetBytes(body));
            verdict.ProviderCode.ShouldNotBeEmpty();
            HetznerErrors.Table.Read(HetznerErrors.CreateServer, status, Encoding.UTF8.GetBytes(reworded)).Row.ShouldBe(verdict.Row);
        }
    }

    [Theory]
    [InlineData("null", "HETZ-001", Retry.Alternative)]
    [InlineData("""{"fields":[]}""", "HETZ-001", Retry.Alternative)]
    [InlineData("""{"fields":[{"name":"server_type","messages":["x"]}]}""", "HETZ-001", Retry.Alternative)]
    [InlineData("""{"fields":[{"name":"location"}]}""", "HETZ-001", Retry.Alternative)]
    [InlineData("""{"fields":[{"name":"labels","messages":[]}]}""", "HETZ-002", Retry.Never)]
    [InlineData("""{"fields":[{"name":"ssh_keys"}]}""", "HETZ-003", Retry.Never)]
    [InlineData("""{"fields":[{"name":"user_data"}]}""", "CLOUDINIT-004", Retry.Never)]
    [InlineData("""{"fields":[{"name":"name"}]}""", "HETZ-010", Retry.Never)]
    [InlineData("""{"fields":"of another shape"}""", "HETZ-001", Retry.Alternative)]
    public void The_refused_field_of_a_new_server_decides(string details, string meaning, Retry retry)
    {
        var row = Read(HetznerErrors.CreateServer, 422, "invalid_input", details).Row;
        (row.Code.Value, row.Retry).ShouldBe((meaning, retry));
    }

    [Theory]
    [InlineData("server_limit", Retry.Later)]
    [InlineData("primary_ip_limit", Retry.Later)]
    [InlineData("dedicated_core_limit", Retry.Alternative)]
    public void The_limit_that_is_reached_decides(string limit, Retry retry)
    {
        var row = Read(HetznerErrors.CreateServer, 403, "resource_limit_exceeded", $$"""{"limits":[{"name":"{{limit}}"}]}""").Row;
        (row.Code, row.Retry).ShouldBe((ErrorCodes.AccountLimit, retry));
    }

    [Fact]
    public void A_taken_server_name_is_looked_up() =>
        Read(HetznerErrors.CreateServer, 409, "uniqueness_error", "null").Row.ShouldBe(new ErrorRow(ErrorCodes.ServerNameTaken, Retry.LookFirst));

    [Theory]
    [InlineData(401, "HETZ-007")]
    [InlineData(404, "HETZ-010")]
    [InlineData(418, "HETZ-010")]
    [InlineData(429, "HETZ-013")]
    [InlineData(500, "HETZ-009")]
    [InlineData(503, "HETZ-009")]
    [InlineData(599, "HETZ-009")]
    [InlineData(302, "HETZ-009")]
    public void Without_a_code_the_status_decides(int status, string meaning)
    {
        foreach (var body in new[] { "", "<html>", "null", "[]", "{}", """{"error":"text"}""", """{"error":{"code":"never_heard_of","message":null}}""" })
            HetznerErrors.Table.Read("servers.list", status, Encoding.UTF8.GetBytes(body)).Row.Code.Value.ShouldBe(meaning);
    }

    private static Verdict Read(string operation, int status, string code, string details) => HetznerErrors.Table.Read(
        operation, status, Encoding.UTF8.GetBytes($$"""{"error":{"code":"{{code}}","message":"text","details":{{details}} } }"""));

    private static (int, string)[] Rows(string file, int status) =>
        [.. File.ReadLines(file).Skip(1).Select(l => l.Split('\t')).Select(c => (int.Parse(c[status], CultureInfo.InvariantCulture), c[status + 1]))];
}
