using System.Diagnostics;
using System.Text;
using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Books;

public sealed class RestartTests : SandboxTest
{
    [Fact]
    public async Task Everything_is_there_again_and_goes_on()
    {
        var body = (await Hetzner("POST", "/servers", Order("one", new { labels = new { a = "b" } }))).ShouldBe(201).Body;
        (await Hetzner("POST", "/firewalls", new { name = "web", apply_to = new[] { new { type = "label_selector", label_selector = new { selector = "a" } } } })).ShouldBe(201);
        (await Hetzner("POST", "/volumes", new { name = "data", size = 10, location = "fsn1" })).ShouldBe(201);
        (await Dns("POST", "", new { type = "A", name = "one", content = "198.18.0.1", comment = "ours" })).ShouldBe(200);
        Advance(0.5);
        var before = await State();

        await RestartAsync();
        (await State()).ShouldBe(before);

        Advance(1);
        var server = (await Hetzner("GET", $"/servers/{Id(body["server"]!)}")).Body["server"]!;
        server["status"]!.GetValue<string>().ShouldBe("running");
        await Machines.ShouldBecome(Text($"start {Id(server)}"));
        (await Hetzner("POST", "/servers", Order("one"))).ShouldRefuse(409, "uniqueness_error");
        Id((await Hetzner("POST", "/servers", Order("two"))).ShouldBe(201).Body["server"]!).ShouldBeGreaterThan(Id(server));
    }

    [Fact]
    public async Task A_running_server_gets_its_machine_back_and_a_deleted_one_does_not()
    {
        var (kept, off, gone) = (Id(await RunningServer("kept")), Id(await RunningServer("off")), Id(await RunningServer("gone")));
        (await Hetzner("POST", $"/servers/{off}/actions/poweroff")).ShouldBe(201);
        (await Hetzner("DELETE", $"/servers/{gone}")).ShouldBe(200);

        // The time passes while nothing runs.
        await Machines.ShouldBecome(Text($"start {kept}"), Text($"start {off}"), Text($"start {gone}"), Text($"stop {off}"), Text($"stop {gone}"));
        Advance(60);
        await RestartAsync();

        (await Hetzner("GET", $"/servers/{gone}")).ShouldRefuse(404, "not_found");
        await Machines.ShouldBecome(Text($"start {kept}"), Text($"destroy {gone}"));
    }

    [Fact]
    public async Task A_killed_process_loses_nothing_that_it_told()
    {
        var books = Path.Combine(Folder, "process");
        long id;
        using (var first = await SandboxProcess.StartAsync(books))
        {
            using var reply = await first.Http.PostAsync("v1/servers", new StringContent(Order("one").ToJsonString(), Encoding.UTF8, "application/json"));
            reply.IsSuccessStatusCode.ShouldBeTrue();
            id = Id(System.Text.Json.Nodes.JsonNode.Parse(await reply.Content.ReadAsStringAsync())!["server"]!);
            first.Kill();
        }

        using var second = await SandboxProcess.StartAsync(books);
        (await second.Http.GetAsync(Text($"v1/servers/{id}"))).IsSuccessStatusCode.ShouldBeTrue();
    }

    private async Task<string> State()
    {
        var books = await Admin("GET", "/books");
        return books["hetzner"]!.ToJsonString() + books["cloudflare"]!.ToJsonString();
    }

    private sealed class SandboxProcess : IDisposable
    {
        private readonly Process process;

        private SandboxProcess(Process process, HttpClient http) => (this.process, Http) = (process, http);

        public HttpClient Http { get; }

        public static async Task<SandboxProcess> StartAsync(string books)
        {
            var start = new ProcessStartInfo("dotnet")
            {
                ArgumentList = { typeof(SandboxHost).Assembly.Location },
                RedirectStandardOutput = true,
                UseShellExecute = false,
                Environment =
                {
                    ["WOPR_SANDBOX_DIR"] = books,
                    ["WOPR_SANDBOX_HETZNER_URL"] = "http://127.0.0.1:0",
                    ["WOPR_SANDBOX_CLOUDFLARE_URL"] = "http://127.0.0.1:0",
                    ["WOPR_SANDBOX_GATE_URL"] = "http://127.0.0.1:0",
                    ["WOPR_SANDBOX_BOOT"] = "none",
                    ["WOPR_SANDBOX_HETZNER_TOKEN"] = HetznerToken,
                },
            };
            var started = Process.Start(start)!;
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var line = (await started.StandardOutput.ReadLineAsync(patience.Token)).ShouldNotBeNull();
            var address = line.Split(' ').First(word => word.StartsWith("http://", StringComparison.Ordinal));
            var http = new HttpClient { BaseAddress = new Uri(address.Replace("v1,", "", StringComparison.Ordinal)) };
            http.DefaultRequestHeaders.Add("Authorization", $"Bearer {HetznerToken}");
            return new SandboxProcess(started, http);
        }

        public void Kill()
        {
            process.Kill();
            process.WaitForExit(TimeSpan.FromMinutes(1)).ShouldBeTrue();
        }

        public void Dispose()
        {
            Kill();
            process.Dispose();
            Http.Dispose();
        }
    }
}
