using System.Diagnostics;

namespace Wopr.Sandbox.Boot;

/// <summary>Who runs the machines: an unprivileged user when the sandbox is root, else the sandbox's own.</summary>
internal sealed record MachineUser(string Name, string Uid, string Gid, bool IsOther)
{
    public static MachineUser? Of(string name)
    {
        if (!Environment.IsPrivilegedProcess) return new MachineUser(Environment.UserName, "", "", IsOther: false);
        return (from line in File.ReadLines("/etc/passwd")
                let fields = line.Split(':')
                where fields.Length > 3 && fields[0] == name && fields[2] != "0"
                select new MachineUser(name, fields[2], fields[3], IsOther: true)).FirstOrDefault();
    }

    /// <summary>A command as this user, without any of the sandbox's privileges or groups.</summary>
    public ProcessStartInfo Command(params string[] words)
    {
        string[] prefix = IsOther
            ? ["setpriv", $"--reuid={Uid}", $"--regid={Gid}", "--clear-groups", "--no-new-privs", "--"]
            : ["setpriv", "--no-new-privs", "--"];
        return new ProcessStartInfo(prefix[0], [.. prefix[1..], .. words]) { UseShellExecute = false };
    }

    /// <summary>Gives paths that the sandbox has made to this user.</summary>
    public void Own(params string[] paths)
    {
        if (!IsOther) return;
        using var chown = Process.Start(new ProcessStartInfo("chown", ["--no-dereference", $"{Uid}:{Gid}", "--", .. paths]) { UseShellExecute = false })!;
        chown.WaitForExit();
        if (chown.ExitCode != 0) throw new InvalidOperationException($"chown ended with {chown.ExitCode}");
    }
}
