using System.Text.RegularExpressions;
using Markdig;
using Microsoft.AspNetCore.Html;
using Wopr.Support;

namespace Wopr.Web;

/// <summary>Turns the catalogue's Markdown into HTML; codes that it names become links to their pages.</summary>
public sealed partial class MarkdownPages(ErrorCatalogue catalogue)
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().UseAutoLinks().UsePipeTables().Build();

    public IHtmlContent Render(string markdown) => new HtmlString(Reachable(Linked(Markdown.ToHtml(WhereToRun(markdown), Pipeline))));

    /// <summary>The document marks each block of commands with the machine it is for; readers are told in words.</summary>
    private static string WhereToRun(string markdown) => markdown
        .Replace("```bash service\n", "On the service:\n\n```bash\n", StringComparison.Ordinal)
        .Replace("```bash beacon\n", "On the beacon:\n\n```bash\n", StringComparison.Ordinal);

    /// <summary>What scrolls sideways can be scrolled by keyboard.</summary>
    private static string Reachable(string html) => html.Replace("<pre>", "<pre tabindex=\"0\">", StringComparison.Ordinal);

    private string Linked(string html) => Paragraph().Replace(html, paragraph => Code().Replace(paragraph.Value, Link));

    private string Link(Match code) =>
        catalogue.TryFind(code.Value, out var entry) ? $"<a href=\"/support/{entry.Code}\">{entry.Code}</a>" : code.Value;

    // Only running text: what stands in a code block or an attribute stays as it is.
    [GeneratedRegex("<p>.*?</p>", RegexOptions.Singleline)]
    private static partial Regex Paragraph();

    [GeneratedRegex(@"(?<![\w/>""-])[A-Z]{2,12}-[0-9]{3}\b")]
    private static partial Regex Code();
}
