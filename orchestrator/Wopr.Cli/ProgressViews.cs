using System.Globalization;
using Spectre.Console;
using Wopr.Cli.Api;

namespace Wopr.Cli;

internal static class ProgressViews
{
    /// <summary>A live line on a terminal, plain lines elsewhere.</summary>
    public static IProgressView Choose() => Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Ansi ? new PlainView() : new LiveView();

    public static string Elapsed(JobStatus status)
    {
        var time = TimeSpan.FromSeconds(status.ElapsedSeconds);
        var minutes = time.ToString(@"mm\:ss", CultureInfo.InvariantCulture);
        return time.TotalHours < 1 ? minutes : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{minutes}");
    }
}

/// <summary>One line for each change, in the words of the API.</summary>
internal sealed class PlainView : IProgressView
{
    private string last = "";
    private bool away;

    public void Show(JobStatus status)
    {
        away = false;
        var line = $"{status.State,-17} {status.Stage ?? "-",-14} {status.Module ?? "-",-14} {status.Progress,3}%";
        if (line == last) return;
        last = line;
        Console.WriteLine($"{ProgressViews.Elapsed(status)}  {line}");
    }

    public void Away(TimeSpan since)
    {
        if (!away) Console.WriteLine("       the service is away; waiting for it");
        away = true;
    }

    public void Close()
    {
    }
}

/// <summary>A small table that is redrawn in place.</summary>
internal sealed class LiveView : IProgressView
{
    private const int Lines = 5;
    private const int BarWidth = 40;
    private bool drawn;

    public void Show(JobStatus status)
    {
        var filled = status.Progress * BarWidth / 100;
        Draw(
            $"[bold]{Markup.Escape(status.Beacon.Fqdn)}[/]",
            $"state   [green]{Markup.Escape(status.State)}[/]",
            $"stage   {Markup.Escape(status.Stage ?? "-")}   module [blue]{Markup.Escape(status.Module ?? "-")}[/]",
            $"        [green]{new string('━', filled)}[/][grey]{new string('━', BarWidth - filled)}[/] {status.Progress,3} %",
            $"elapsed {ProgressViews.Elapsed(status)}");
    }

    public void Away(TimeSpan since) => AnsiConsole.Markup($"\r[yellow]the service is away for {since.TotalSeconds:0} s; waiting for it[/]  ");

    public void Close()
    {
    }

    private void Draw(params string[] lines)
    {
        // What stood below the lines goes too: that the service was away.
        if (drawn) AnsiConsole.Write(new ControlCode($"\u001b[2K\u001b[{Lines}A"));
        drawn = true;
        foreach (var line in lines)
        {
            AnsiConsole.Write(new ControlCode("\u001b[2K\r"));
            AnsiConsole.MarkupLine(line);
        }
    }
}

/// <summary>For programs: one line of JSON for each change, as the API gives it.</summary>
internal sealed class JsonView : IProgressView
{
    private (string, string?, string?, int) last;

    public void Show(JobStatus status)
    {
        var now = (status.State, status.Stage, status.Module, status.Progress);
        if (now == last) return;
        last = now;
        Output.WriteLine(status);
    }

    public void Away(TimeSpan since)
    {
    }

    public void Close()
    {
    }
}
