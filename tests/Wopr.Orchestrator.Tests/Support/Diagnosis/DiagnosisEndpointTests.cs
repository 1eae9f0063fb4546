using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Wopr.Audit;
using Wopr.Incidents;
using Wopr.Operators;
using Wopr.Operators.SignIn;
using Wopr.Orchestrator.Tests.Operators;
using Wopr.Orchestrator.Tests.Provisioning;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;
using Wopr.Support.Diagnosis;
using Wopr.Support.Keys;
using Xunit;

namespace Wopr.Orchestrator.Tests.Support.Diagnosis;

public sealed class DiagnosisEndpointTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private readonly (ICloud Cloud, CloudStub Stub) cloud = CloudStub.Create();
    private TestHost host = null!;

    public async Task InitializeAsync()
    {
        await StartAsync();
        await SignInAsync();
    }

    private async Task StartAsync() => host = await TestHost.StartAsync(
        builder =>
        {
            builder.Services.AddSingleton(database.Source).AddSingleton(cloud.Stub.Clouds).AddSingleton<IDnsProvider>(new NoRecords()).AddSingleton(TimeProvider.System);
            builder.Services.AddSingleton<JobDossiers>().AddSingleton<JobEvents>().AddSingleton<IncidentStore>().AddSingleton<AuditLog>();
            builder.Services.AddSupport(ErrorCatalogue.Load).AddDiagnosis().AddSupportKeys().AddSingleton<IIdSource, RandomIdSource>();
            builder.Services.AddOperatorSchemes(TestSettings.Make());
            builder.Services.Configure<JsonOptions>(json => Json.Configure(json.SerializerOptions));
        },
        app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapDiagnosis();
        });

    /// <summary>A key that may diagnose, and nothing else.</summary>
    private async Task SignInAsync()
    {
        var keys = new SupportKeys(database.Source, new RandomIdSource());
        var key = await keys.MakeAsync(Guid.NewGuid().ToString(), [SupportScope.Diagnose], SupportKeys.MostPerMinute, Actor.System, CancellationToken.None);
        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task A_log_is_diagnosed_with_evidence_a_next_check_and_a_remedy()
    {
        var answer = await DiagnoseAsync(new { log = "one\ncurl: (6) Could not resolve host: install.wopr.systems" });

        answer.GetProperty("verdict").GetString().ShouldBe("found");
        var first = answer.GetProperty("codes")[0];
        first.GetProperty("code").GetString().ShouldBe("CLOUDINIT-002");
        first.GetProperty("certainty").GetString().ShouldBe("high");
        first.GetProperty("role").GetString().ShouldBe("cause");
        first.GetProperty("evidence")[0].GetProperty("line").GetInt32().ShouldBe(2);
        first.GetProperty("next_check").GetString().ShouldNotBeNullOrEmpty();
        first.GetProperty("remedy").GetProperty("name").GetString().ShouldBe("rerun-installer");
    }

    [Fact]
    public async Task What_fits_nothing_is_unknown()
    {
        var answer = await DiagnoseAsync(new { text = "My grandmother's radio plays only static since Tuesday." });

        answer.GetProperty("verdict").GetString().ShouldBe("unknown");
        answer.GetProperty("codes").GetArrayLength().ShouldBe(0);
        answer.GetProperty("next_check").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Of_a_job_the_rows_and_the_provider_are_asked()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.DeployingWopr);
        cloud.Stub.On<CloudServer?>("FindServerAsync", _ => ProviderResult<CloudServer?>.Success(null));

        var answer = await DiagnoseAsync(new { job = job.ToString() });

        answer.GetProperty("codes")[0].GetProperty("code").GetString().ShouldBe("HETZ-011");
        answer.GetProperty("looked_at").EnumerateArray().Select(l => l.GetString()).ShouldBe(["timeline", "job", "provider"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_failed_job_names_its_own_code_and_a_log_the_cause_behind_it()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.Failed, JobState.DeployingWopr, "CALLBACK-003");
        cloud.Stub.On<CloudServer?>("FindServerAsync", _ => new ProviderFailure("hetzner", 503, "unavailable", "", ErrorCodes.HetznerUnavailable, Retry.Later));

        var alone = await DiagnoseAsync(new { job = job.ToString() });
        alone.GetProperty("codes").EnumerateArray().Select(c => c.GetProperty("code").GetString()).ShouldContain("CALLBACK-003");
        alone.GetProperty("not_looked_at").GetArrayLength().ShouldBe(1);

        var both = await DiagnoseAsync(new { job = job.ToString(), log = "jq: error: Could not open file /etc/wopr/bootstrap.json: No such file or directory" });
        both.GetProperty("codes")[0].GetProperty("code").GetString().ShouldBe("CLOUDINIT-003");
        both.GetProperty("codes").EnumerateArray().Single(c => c.GetProperty("code").GetString() == "CALLBACK-003").GetProperty("follows_from").GetString().ShouldBe("CLOUDINIT-003");
    }

    [Fact]
    public async Task Nothing_secret_comes_back()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.Failed, JobState.DeployingWopr, "JOB-001");
        cloud.Stub.On<CloudServer?>("FindServerAsync", _ => ProviderResult<CloudServer?>.Success(null));
        await using (var connection = await database.Source.OpenConnectionAsync())
            await connection.ExecuteAsync("UPDATE jobs SET error_detail = 'login anna@example.com password=Hunter2Hunter2 at 78.46.1.2' WHERE id = @id", new { id = job.Value });

        var answer = (await DiagnoseAsync(new { job = job.ToString(), log = "Authorization: Bearer wopr_op_abcdef0123456789 Could not resolve host" })).GetRawText();

        foreach (var secret in (string[])["anna@example.com", "Hunter2", "78.46.1.2", "abcdef0123456789"]) answer.ShouldNotContain(secret);
        answer.ShouldContain("[masked:");
    }

    [Theory]
    [InlineData("{}", HttpStatusCode.UnprocessableEntity, "JOB-005")]
    [InlineData("{\"job\": \"nonsense\"}", HttpStatusCode.NotFound, "JOB-003")]
    [InlineData("not json", HttpStatusCode.UnprocessableEntity, "JOB-005")]
    [InlineData(null, HttpStatusCode.RequestEntityTooLarge, "SUPPORT-003")]
    public async Task What_cannot_be_diagnosed_is_refused(string? body, HttpStatusCode status, string code)
    {
        body ??= JsonSerializer.Serialize(new { log = new string('x', LogText.LargestInput + 1) });
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await host.Client.PostAsync("/api/support/diagnose", content);

        response.StatusCode.ShouldBe(status);
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString().ShouldBe(code);
    }

    private async Task<JsonElement> DiagnoseAsync(object form)
    {
        using var response = await host.Client.PostAsJsonAsync("/api/support/diagnose", form);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private sealed class NoRecords : IDnsProvider
    {
        public Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsAsync(IReadOnlyCollection<string> names, CancellationToken cancellation) =>
            Task.FromResult(ProviderResult<IReadOnlyList<DnsRecord>>.Success([]));

        public Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsByCommentAsync(string comment, CancellationToken cancellation) => throw new InvalidOperationException();

        public Task<ProviderResult<IReadOnlyList<DnsRecord>>> ApplyAsync(DnsChanges changes, CancellationToken cancellation) => throw new InvalidOperationException();

        public Task<ProviderResult<bool>> PurgeCacheAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellation) => throw new InvalidOperationException();
    }
}
