namespace Wopr.Templating.Syntax;

/// <summary>Something that is done while rendering, in the order of the text.</summary>
internal abstract record Statement;

/// <summary>Statements up to an <c>else</c>, an <c>end</c> or the end of the text.</summary>
internal sealed record Block(IReadOnlyList<Statement> Statements);

/// <summary>Text outside of code, printed as it stands.</summary>
internal sealed record RawText(Place Place, string Text) : Statement;

/// <summary><c>{{</c>: from here on, lines that code prints are indented like the line the code stands in.</summary>
internal sealed record CodeStart(string Indent) : Statement;

/// <summary><c>}}</c>: back to the indent of the block.</summary>
internal sealed record CodeEnd : Statement;

/// <summary>An expression whose value is printed.</summary>
internal sealed record Print(Expression Value) : Statement;

/// <summary><c>name = value</c></summary>
internal sealed record Assignment(string Name, Expression Value) : Statement;

/// <summary><c>if … else … end</c>; an <c>else if</c> is an else that holds nothing but an if.</summary>
internal sealed record If(Expression Condition, Block Then, Block? Else) : Statement;

/// <summary><c>for variable in items … else … end</c>; the else is for no items at all.</summary>
internal sealed record For(Place Place, string Variable, Expression Items, Block Body, Block? Else) : Statement;

/// <summary><c>break</c></summary>
internal sealed record Break : Statement;

/// <summary><c>continue</c></summary>
internal sealed record Continue : Statement;
