using Wopr.Templating.Functions;

namespace Wopr.Templating.Syntax;

/// <summary>Something that has a value.</summary>
internal abstract record Expression(Place Place);

/// <summary>A number, a string, <c>true</c>, <c>false</c> or <c>null</c>.</summary>
internal sealed record Literal(Place Place, object? Value) : Expression(Place);

/// <summary><c>name</c></summary>
internal sealed record Variable(Place Place, string Name) : Expression(Place);

/// <summary><c>for.index</c> and its like, of the innermost loop.</summary>
internal sealed record LoopState(Place Place, string Name) : Expression(Place);

/// <summary><c>target.name</c>; with <c>?.</c> the target may be null.</summary>
internal sealed record Member(Place Place, Expression Target, string Name, bool AllowsNull) : Expression(Place);

/// <summary><c>target[key]</c></summary>
internal sealed record Element(Place Place, Expression Target, Expression Key) : Expression(Place);

/// <summary><c>[1, 2]</c></summary>
internal sealed record ArrayLiteral(Place Place, IReadOnlyList<Expression> Items) : Expression(Place);

/// <summary><c>!operand</c></summary>
internal sealed record Not(Place Place, Expression Operand) : Expression(Place);

/// <summary><c>-operand</c></summary>
internal sealed record Negation(Place Place, Expression Operand) : Expression(Place);

/// <summary><c>left operator right</c></summary>
internal sealed record Binary(Place Place, BinaryOperator Operator, Expression Left, Expression Right) : Expression(Place);

/// <summary><c>condition ? then : else</c></summary>
internal sealed record Choice(Place Place, Expression Condition, Expression Then, Expression Else) : Expression(Place);

/// <summary><c>function argument …</c>, however it was written: as a command, with parentheses or behind a pipe.</summary>
internal sealed record Call(Place Place, Function Function, IReadOnlyList<Expression> Arguments) : Expression(Place);

/// <summary><c>include 'name'</c>: what the other template renders to.</summary>
internal sealed record Include(Place Place, string Name) : Expression(Place);
