namespace Wopr.Web.Pages.Operator;

/// <summary>The console's pages, in the order in which they are offered.</summary>
public static class ConsoleTabs
{
    public const string Jobs = "Jobs";
    public const string Incidents = "Incidents";
    public const string Audit = "Audit log";
    public const string Mails = "Mails";

    public static readonly IReadOnlyList<(string Name, string Path)> All =
        [(Jobs, "/operator"), (Incidents, "/operator/incidents"), (Audit, "/operator/audit"), (Mails, "/operator/mails")];
}
