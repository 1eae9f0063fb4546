using Wopr.Templating.Syntax;
using Wopr.Templating.Values;

namespace Wopr.Templating.Rendering;

/// <summary>Carries out the statements of a template, once, with one model.</summary>
internal sealed class Renderer
{
    private readonly Template _template;
    private readonly RenderOptions _options;
    private readonly OutputWriter _output;
    private readonly Scope _scope;
    private readonly Evaluator _evaluator;
    private int _iterations;
    private int _includeDepth;

    public Renderer(Template template, object model, RenderOptions options)
    {
        (_template, _options) = (template, options);
        _output = new OutputWriter(options.Limits.OutputLength);
        _scope = Scope.For(model, new Place(template.Path, 1, 1));
        _evaluator = new Evaluator(_scope, options.Limits, RenderInclude);
    }

    /// <summary>How a block ended.</summary>
    private enum Flow
    {
        Onwards,
        Break,
        Continue,
    }

    public string Render()
    {
        RenderBlock(_template.Body);
        return _output.ToString();
    }

    private Flow RenderBlock(Block block)
    {
        var outer = _output.Indent;
        var indent = outer;
        var flow = Flow.Onwards;
        foreach (var statement in block.Statements)
        {
            if (statement is CodeStart start)
                indent = start.Indent;
            else if (statement is CodeEnd)
                indent = outer;

            _output.Indent = indent;
            flow = RenderStatement(statement);
            if (flow != Flow.Onwards)
                break;
        }

        _output.Indent = outer;
        return flow;
    }

    private Flow RenderStatement(Statement statement)
    {
        switch (statement)
        {
            case RawText raw:
                _output.Write(raw.Text, raw.Place);
                return Flow.Onwards;
            case Print print:
                _output.Write(_evaluator.Text(print.Value) ?? "", print.Value.Place);
                return Flow.Onwards;
            case Assignment assignment:
                _scope.Assign(assignment.Name, _evaluator.Evaluate(assignment.Value));
                return Flow.Onwards;
            case If choice:
                return RenderIf(choice);
            case For loop:
                return RenderFor(loop);
            case Break:
                return Flow.Break;
            case Continue:
                return Flow.Continue;
            default:
                return Flow.Onwards;
        }
    }

    private Flow RenderIf(If choice)
    {
        if (Value.IsTrue(_evaluator.Evaluate(choice.Condition)))
            return RenderBlock(choice.Then);

        return choice.Else is null ? Flow.Onwards : RenderBlock(choice.Else);
    }

    private Flow RenderFor(For loop)
    {
        var items = _evaluator.List(loop.Items);
        var turn = _scope.Enter(loop.Variable, items);
        foreach (var item in items)
        {
            CountIteration(loop.Place);
            turn.Step(item);
            if (RenderBlock(loop.Body) == Flow.Break)
                break;
        }

        if (items.Count == 0 && loop.Else is not null)
            RenderBlock(loop.Else);

        _scope.Leave();
        return Flow.Onwards;
    }

    private string RenderInclude(Include include)
    {
        if (!_options.Includes.TryGetValue(include.Name, out var template))
            throw new TemplateFault(include.Place, $"there is no template `{include.Name}` to include");

        CountIteration(include.Place);
        if (++_includeDepth > _options.Limits.IncludeDepth)
            throw new TemplateFault(include.Place, $"includes nest deeper than {_options.Limits.IncludeDepth}");

        var text = _output.Capture(() => RenderBlock(template.Body));
        _includeDepth--;
        return text;
    }

    private void CountIteration(Place place)
    {
        if (++_iterations > _options.Limits.Iterations)
            throw new TemplateFault(place, $"more than {_options.Limits.Iterations} loop turns and includes");
    }
}
