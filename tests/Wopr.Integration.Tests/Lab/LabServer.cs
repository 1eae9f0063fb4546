using System.Text.Json;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Lab;

/// <summary>The one server of a stack that boots in the lab, seen from inside and from its neighbourhood.</summary>
internal sealed class LabServer(WoprStack stack)
{
    public static readonly string Command = Repository.PathOf("deploy", "lab");

    public static async Task<WoprStack> StackAsync(string broken = "")
    {
        var stack = await WoprStack.StartAsync(boot: "lab", pace: "0.1", environment: new Dictionary<string, string>
        {
            ["WOPR_SANDBOX_LAB"] = Command,
            ["WOPR_SANDBOX_BREAK"] = broken,
            // The service's name in the lab.
            ["WOPR_PUBLIC_URL"] = "http://wopr.lab",
        });
        stack.JobPatience = TimeSpan.FromMinutes(6);
        return stack;
    }

    /// <summary>For one script; machines that run many tests at once are slow.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private string Id => Path.GetFileName(Directory.GetDirectories(stack.MachinesFolder).Single(folder => File.Exists(Path.Combine(folder, "address"))));

    public string Address => File.ReadAllText(Path.Combine(stack.MachinesFolder, Id, "address")).Trim();

    public string Ipv6 => Run("ip -oneline -6 addr show dev host0 scope global | awk '{ print $4 }' | cut -d/ -f1").Output.Trim();

    /// <summary>Runs a script on the server, as root.</summary>
    public ToolRun Run(string script) => ToolRun.Of(Command, ["enter", stack.MachinesFolder, Id, "bash", "-euo", "pipefail", "-c", script], limit: Limit);

    /// <summary>Runs a script as someone on the same internet.</summary>
    public ToolRun Outside(string script) => ToolRun.Of(Command, ["outside", stack.MachinesFolder, "bash", "-euo", "pipefail", "-c", script], limit: Limit);

    /// <summary>Time and bytes of each phase.</summary>
    public string Report(JsonElement status)
    {
        var file = Path.Combine(stack.MachinesFolder, "status.json");
        File.WriteAllText(file, status.ToString());
        return ToolRun.Of(Command, ["report", stack.MachinesFolder, Id, file]).Output;
    }

    /// <summary>What the server said last, for a failing test.</summary>
    public string Logs() => Run("tail -n 40 /var/log/cloud-init-output.log /var/log/wopr/*.log; true").Output;
}
