namespace Wopr.Templating.Tests;

/// <summary>Takes outcomes apart where a test knows which one it wants.</summary>
internal static class Outcomes
{
    public static string Rendered(this ParseOutcome outcome, object model, RenderOptions? options = null)
    {
        outcome.IsSuccess(out var template).ShouldBeTrue(string.Join('\n', outcome.Errors));
        return template!.Render(model, options).Text();
    }

    public static string Text(this RenderOutcome outcome)
    {
        outcome.IsSuccess(out var text, out var errors).ShouldBeTrue(string.Join('\n', errors));
        return text!;
    }

    public static string Error(this RenderOutcome outcome)
    {
        outcome.IsSuccess(out var text, out var errors).ShouldBeFalse(text);
        return errors[0].ToString();
    }
}
