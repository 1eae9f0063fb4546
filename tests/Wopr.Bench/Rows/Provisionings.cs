using System.Diagnostics;
using System.Net.Http.Json;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Bench.Rows;

/// <summary>
/// A durable provisioning until its server and names are made, with a provider whose actions are done at once, against
/// the provider's own command line that makes the same server, and one call for the names.
/// </summary>
internal sealed class Provisionings : IMeasurement
{
    private const double MostWall = 0.35;
    private const double MostCpu = 1;
    private const double MostForFifty = 1.5;
    private const int Many = 50;
    private const int Ones = 20;
    private const int Warming = 40;

    private const string CloudflareToken = "Bearer sandbox-cloudflare-token-0000000000000000";

    // The server and its names are made; whether it has been seen to run is a matter of the emulator's pace.
    private static readonly byte[][] Made = ["\"state\":\"waiting_for_vps\""u8.ToArray(), "\"state\":\"failed\""u8.ToArray()];

    public string Name => "provisioning";

    public async Task<IReadOnlyList<Row>> RunAsync(Effort effort)
    {
        await using var stack = await WoprStack.StartAsync("none");
        using var process = Process.GetProcessById(stack.Service!.Id);
        var name = 0;
        async Task<double> OneAsync()
        {
            var start = Stopwatch.GetTimestamp();
            await UntilMadeAsync(stack, await stack.OrderAsync($"one-{name++}"));
            return Figures.Milliseconds(start);
        }

        async Task<double> ManyAsync()
        {
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, Many).Select(async i => await UntilMadeAsync(stack, await stack.OrderAsync($"many-{name++}"))));
            return Figures.Milliseconds(start);
        }

        // A service that was just started compiles what it does most, for some seconds after it was done.
        await Figures.SettleAsync(async () => 1 / await ManyAsync());
        // What one by itself does otherwise than one of many, too.
        for (var i = 0; i < Warming; i++) await OneAsync();
        await Figures.CalmAsync(process);
        var cpu = process.TotalProcessorTime;
        var ones = new List<double>();
        for (var i = 0; i < Ones; i++) ones.Add(await OneAsync());
        process.Refresh();
        var ourCpu = (process.TotalProcessorTime - cpu).TotalMilliseconds / Ones;
        var one = Figures.Median(ones);

        var fifty = Figures.Median([await ManyAsync(), await ManyAsync(), await ManyAsync()]);
        var rows = new List<Row> { new("fifty provisionings at once against one", "≤ 1.5× the wall", $"{fifty / one:0.0}× ({fifty:0} ms against {one:0} ms)", fifty / one <= MostForFifty) };

        const string What = "one durable provisioning against the provider's command line and one DNS call";
        const string Goal = "wall ≤ 0.35×, CPU ≤ 1×";
        if (await MissingToolAsync() is { } missing) return [Row.Skipped(What, Goal, missing), .. rows];
        var zone = await ZoneAsync(stack);
        var tool = new List<(double Wall, double Command, double Dns)>();
        for (var i = 0; i < effort.Rounds; i++) tool.Add(await ByToolAsync(stack, zone, i));
        var (wall, command, dns) = (Figures.Median(tool.Select(t => t.Wall)), Figures.Median(tool.Select(t => t.Command)), Figures.Median(tool.Select(t => t.Dns)));
        var (wallRatio, cpuRatio) = (one / wall, ourCpu / (command + dns));
        return [new(What, Goal, $"wall {wallRatio:0.00}× ({one:0} ms against {wall:0} ms), CPU {cpuRatio:0.00}× ({ourCpu:0} ms against {command:0} ms and {dns:0} ms)", wallRatio <= MostWall && cpuRatio <= MostCpu), .. rows];
    }

    /// <summary>Hears it from the job's stream: who asks again and again costs the service more than the work does.</summary>
    private static async Task UntilMadeAsync(WoprStack stack, string job)
    {
        using var client = await LeanClient.ConnectAsync(stack.Http.BaseAddress!);
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var made = CancellationTokenSource.CreateLinkedTokenSource(late.Token);
        await client.ReadLinesAsync($"/api/provision/{job}/stream", line =>
        {
            foreach (var state in Made)
                if (line.IndexOf(state) >= 0) made.Cancel();
        }, made.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        late.Token.ThrowIfCancellationRequested();
    }

    private static async Task<string?> MissingToolAsync()
    {
        foreach (var (tool, arguments, package) in new[] { ("hcloud", "version", "hcloud-cli"), ("curl", "--version", "curl") })
        {
            try
            {
                await RunAsync(tool, [arguments]);
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return $"{tool} is not installed (Debian's package {package})";
            }
        }
        return null;
    }

    private static async Task<string> ZoneAsync(WoprStack stack)
    {
        using var http = new HttpClient { BaseAddress = stack.CloudflareUrl, DefaultRequestHeaders = { { "Authorization", CloudflareToken } } };
        var zones = await http.GetFromJsonAsync<System.Text.Json.JsonElement>("client/v4/zones");
        return zones.GetProperty("result")[0].GetProperty("id").GetString()!;
    }

    /// <summary>As an operator does it by hand: Cloudflare has no command line for records, its documents show curl.</summary>
    private static async Task<(double Wall, double Command, double Dns)> ByToolAsync(WoprStack stack, string zone, int number)
    {
        var start = Stopwatch.GetTimestamp();
        var command = await RunAsync("hcloud", ["server", "create", "--name", $"tool-{number}", "--type", "cx23", "--image", "debian-13", "--location", "fsn1"],
            ("HCLOUD_TOKEN", "sandbox-hetzner"), ("HCLOUD_ENDPOINT", new Uri(stack.HetznerUrl, "v1").ToString()));
        var dns = await RunAsync("curl",
            [
                "--disable", "--silent", "--show-error", "--fail-with-body", "--header", $"Authorization: {CloudflareToken}",
                "--json", $$"""{"type":"A","name":"tool-{{number}}","content":"192.0.2.1","ttl":60}""", $"{new Uri(stack.CloudflareUrl, $"client/v4/zones/{zone}/dns_records")}",
            ]);
        return (Figures.Milliseconds(start), command, dns);
    }

    /// <summary>Its user and system time in milliseconds.</summary>
    private static async Task<double> RunAsync(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var cpu = Children.Cpu();
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var tool = Process.Start(start)!;
        var said = await Task.WhenAll(tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
        await tool.WaitForExitAsync();
        return tool.ExitCode == 0 ? Children.Cpu() - cpu : throw new InvalidOperationException($"{program}: {string.Concat(said)}");
    }
}
