using System.Collections.Concurrent;
using Scriban;
using Scriban.Parsing;
using Scriban.Runtime;
using Scriban.Syntax;
using Wopr.Templating;
using Wopr.Templating.Functions;
using Wopr.Templating.Loading;
using Wopr.Templating.Output;
using Template = Scriban.Template;

namespace Wopr.Profiles;

/// <summary>
/// Scriban itself, as strict as the core's own renderer, with the project's quoting functions. A template is read once and
/// kept. What it makes must be what the core makes, byte for byte.
/// </summary>
public sealed class ScribanEngine(IIncludeLoader loader) : ITemplateEngine
{
    private readonly ConcurrentDictionary<string, Template> templates = new(StringComparer.Ordinal);
    private readonly ScriptObject functions = Functions();

    public RenderOutcome Render(string name, object model)
    {
        try
        {
            if (Load(name) is { HasErrors: true } broken)
                return RenderOutcome.Failure([.. broken.Messages.Where(m => m.Type == ParserMessageType.Error).Select(m => ErrorAt(m.Span, m.Message))]);
            var globals = new ScriptObject();
            globals.Import(model);
            var context = new TemplateContext(functions)
            {
                StrictVariables = true,
                EnableRelaxedFunctionAccess = false,
                EnableRelaxedMemberAccess = false,
                EnableRelaxedTargetAccess = false,
                TemplateLoader = new Includes(loader),
                NewLine = "\n",
                AutoIndent = true,
            };
            context.PushGlobal(globals);
            return RenderOutcome.Success(Load(name).Render(context));
        }
        catch (ScriptRuntimeException error)
        {
            return RenderOutcome.Failure(ErrorAt(error.Span, error.OriginalMessage));
        }
    }

    public RenderOutcome Render(string name, object model, OutputKind kind, OutputLimits? outputLimits = null)
    {
        var outcome = Render(name, model);
        return outcome.IsSuccess(out var text, out _) ? OutputGuard.Check(text, kind, name, outputLimits) : outcome;
    }

    private Template Load(string name) => templates.GetOrAdd(name, wanted =>
        loader.TryLoad(wanted, out var text, out var problem)
            ? Template.Parse(text, wanted)
            : throw new ScriptRuntimeException(new SourceSpan(wanted, new TextPosition(0, 0, 0), new TextPosition(0, 0, 0)), problem));

    private static TemplateError ErrorAt(SourceSpan span, string message) => new(span.FileName ?? "", span.Start.Line + 1, span.Start.Column + 1, message);

    private static ScriptObject Functions()
    {
        var known = TemplateContext.GetDefaultBuiltinObject();
        known.Import("json", new Func<object?, string>(value => Quoted(Quoting.Json(Plain(value)))));
        known.Import("yaml", new Func<object?, string>(value => Quoted(Quoting.Yaml(Plain(value)))));
        known.Import("shell", new Func<object?, string>(value => Quoted(Quoting.Shell(Plain(value)))));
        return known;
    }

    private static string Quoted(QuotingOutcome outcome) =>
        outcome.IsSuccess(out var quoted, out var problem) ? quoted : throw new InvalidOperationException(problem);

    /// <summary>Scriban's own kinds of lists and objects as everybody's.</summary>
    private static object? Plain(object? value) => value switch
    {
        ScriptArray list => list.Select(Plain).ToList(),
        ScriptObject members => members.ToDictionary(m => m.Key, m => Plain(m.Value), StringComparer.Ordinal),
        _ => value,
    };

    private sealed class Includes(IIncludeLoader loader) : ITemplateLoader
    {
        public string GetPath(TemplateContext context, SourceSpan callerSpan, string templateName) => templateName;

        public string Load(TemplateContext context, SourceSpan callerSpan, string templatePath) =>
            loader.TryLoad(templatePath, out var text, out var problem) ? text : throw new ScriptRuntimeException(callerSpan, problem);

        public ValueTask<string?> LoadAsync(TemplateContext context, SourceSpan callerSpan, string templatePath) => new(Load(context, callerSpan, templatePath));
    }
}
