using System.Text.RegularExpressions;
using Markdig;
using Microsoft.AspNetCore.Html;
using Wopr.Support;

namespace Wopr.Web;

/// <summary>Turns the catalogue's Markdown into HTML; codes that it names become links to their pages.</summary>
public sealed partial class MarkdownPages(ErrorCatalogue catalogue)
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().UseAutoLinks().UsePipeTables().Build();

    public IHtmlContent Render(string markdown) => new HtmlString(Linked(Markdown.ToHtml(markdown, Pipeline)));

    private string Linked(string html) => Paragraph().Replace(html, paragraph => Code().Replace(paragraph.Value, Link));

    private string Link(Match code) =>
        catalogue.TryFind(code.Value, out var entry) ? $"<a href=\"/support/{entry.Code}\">{entry.Code}</a>" : code.Value;

    // Only running text: what stands in a code block or an attribute stays as it is.
    [GeneratedRegex("<p>.*?</p>", RegexOptions.Singleline)]
    private static partial Regex Paragraph();

    [GeneratedRegex(@"(?<![\w/>""-])[A-Z]{2,12}-[0-9]{3}\b")]
    private static partial Regex Code();
}
