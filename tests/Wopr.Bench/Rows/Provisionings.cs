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
        if (!await HasToolAsync()) return [Row.Skipped(What, Goal, "hcloud is not installed (Debian's package hcloud-cli)"), .. rows];
        var tool = new List<(double Wall, double Cpu)>();
        for (var i = 0; i < effort.Rounds; i++) tool.Add(await ByToolAsync(stack, i));
        var (wall, toolCpu) = (Figures.Median(tool.Select(t => t.Wall)), Figures.Median(tool.Select(t => t.Cpu)));
        return [new(What, Goal, $"wall {one / wall:0.00}× ({one:0} ms against {wall:0} ms), CPU {ourCpu / toolCpu:0.00}× ({ourCpu:0} ms against {toolCpu:0} ms)", one / wall <= MostWall && ourCpu / toolCpu <= MostCpu), .. rows];
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

    private static async Task<bool> HasToolAsync()
    {
        try
        {
            using var tool = Process.Start(new ProcessStartInfo("hcloud", ["version"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            await tool.WaitForExitAsync();
            return tool.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static async Task<(double Wall, double Cpu)> ByToolAsync(WoprStack stack, int number)
    {
        var cpu = Children.Cpu();
        var start = Stopwatch.GetTimestamp();
        using var tool = Process.Start(new ProcessStartInfo("hcloud", ["server", "create", "--name", $"tool-{number}", "--type", "cx23", "--image", "debian-13", "--location", "fsn1"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["HCLOUD_TOKEN"] = "sandbox-hetzner", ["HCLOUD_ENDPOINT"] = new Uri(stack.HetznerUrl, "v1").ToString() },
        })!;
        var said = await tool.StandardOutput.ReadToEndAsync() + await tool.StandardError.ReadToEndAsync();
        await tool.WaitForExitAsync();
        if (tool.ExitCode != 0) throw new InvalidOperationException($"hcloud: {said}");
        cpu = Children.Cpu() - cpu;
        using var http = new HttpClient { BaseAddress = stack.CloudflareUrl, DefaultRequestHeaders = { { "Authorization", "Bearer sandbox-cloudflare-token-0000000000000000" } } };
        var zones = await http.GetFromJsonAsync<System.Text.Json.JsonElement>("client/v4/zones");
        var zone = zones.GetProperty("result")[0].GetProperty("id").GetString();
        using var made = await http.PostAsJsonAsync($"client/v4/zones/{zone}/dns_records", new { type = "A", name = $"tool-{number}", content = "192.0.2.1", ttl = 60 });
        made.EnsureSuccessStatusCode();
        return (Figures.Milliseconds(start), cpu);
    }
}
