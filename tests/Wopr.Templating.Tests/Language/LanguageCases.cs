namespace Wopr.Templating.Tests.Language;

/// <summary>
/// What templates mean: each case renders the same text under Scriban itself with the settings that the library's
/// README names. Whoever renders with Scriban holds it to these, too.
/// </summary>
public static class LanguageCases
{
    /// <summary>A value of every kind.</summary>
    public static IReadOnlyDictionary<string, object?> Model { get; } = new Dictionary<string, object?>
    {
        ["name"] = "ada",
        ["blank_text"] = "",
        ["count"] = 3,
        ["zero"] = 0,
        ["large"] = 5_000_000_000L,
        ["price"] = 12.50m,
        ["ratio"] = 0.1,
        ["yes"] = true,
        ["no"] = false,
        ["nothing"] = null,
        ["letters"] = new[] { "x", "y", "z" },
        ["numbers"] = new List<int> { 3, 1, 2 },
        ["none"] = Array.Empty<string>(),
        ["lines"] = "one\ntwo\n\nthree\n",
        ["owner"] = new Owner("Ada", 36, new Address("London", null)),
        ["ports"] = new Dictionary<string, object?> { ["http"] = 80, ["https"] = 443 },
        ["modules"] = new[] { new Module("redis", 2), new Module("caddy", 1) },
    };

    /// <summary>Templates that may be included.</summary>
    public static IReadOnlyDictionary<string, string> Includes { get; } = new Dictionary<string, string>
    {
        ["word"] = "word",
        ["script"] = "#!/bin/sh\necho {{ name }}\n\nexit 0\n",
        ["list"] = "{{ for letter in letters }}{{ include 'word' }}-{{ letter }} {{ end }}",
        ["assigns"] = "{{ kept = 'from include' }}",
    };

    public static TheoryData<string, string> Values => new()
    {
        { "plain", "plain" },
        { "", "" },
        { "{{ name }}", "ada" },
        { "{{name}}", "ada" },
        { "{{ }}", "" },
        { "{{ nothing }}|{{ blank_text }}", "|" },
        { "{{ yes }} {{ no }}", "true false" },
        { "{{ count }} {{ large }} {{ price }} {{ ratio }}", "3 5000000000 12.50 0.1" },
        { "{{ owner.first_name }} {{ owner.address.city }} {{ owner . age }}", "Ada London 36" },
        { "{{ ports.http }} {{ ports['https'] }}", "80 443" },
        { "{{ letters[0] }}{{ letters[-1] }} {{ letters.size }} {{ name.size }}", "xz 3 3" },
        { "{{ modules[1].name }}", "caddy" },
        { "{{ owner.address.zip }}", "" },
        { "{{ owner?.address?.zip?.length }}|{{ nothing?.a.b }}|{{ nothing?.a[0]?.b }}", "||" },
        { "{{ 'single' }} {{ \"double\" }} {{ `verbatim \\n` }}", "single double verbatim \\n" },
        { @"{{ 'a\'b' }} {{ ""tab\tend"" }} {{ '\u0041\x42' }}", "a'b tab\tend AB" },
        { "{{ 'a\\\nb' }}", "ab" },
        { "{{ `a``b` }}", "a`b" },
        { "{{ '}}' }}", "}}" },
        { "{{ 1.50 }} {{ 12345678901 }}", "1.5 12345678901" },
        { "{{ null }}{{ true }}{{ false }}", "truefalse" },
        { "{{ [1, 'a'].size }} {{ [\n1,\n2,\n] | array.last }}", "2 2" },
    };

    public static TheoryData<string, string> Operators => new()
    {
        { "{{ 1 + 2 * 3 - 4 }}", "3" },
        { "{{ (1 + 2) * 3 }}", "9" },
        { "{{ 7 / 2 }} {{ 8 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }}", "3.5 4 3 -3 1 -1" },
        { "{{ 2147483647 + 1 }} {{ large * 2 }}", "2147483648 10000000000" },
        { "{{ price * 2 }} {{ price + 0.25 }} {{ ratio + 0.2 }}", "25.00 12.75 0.30000000000000004" },
        { "{{ 7.5 // 2 }} {{ 1 - -1 }}", "4 2" },
        { "{{ 'a' + 1 }} {{ 1 + 'a' }} {{ 'a' + true }} {{ 'a' + null }}", "a1 1a atrue a" },
        { "{{ 1 == 1.0 }} {{ 1 == '1' }} {{ 'a' == 'A' }} {{ null == nothing }} {{ '' == null }}", "true true false true false" },
        { "{{ 1 != 2 }} {{ name != 'ada' }} {{ letters == null }} {{ yes == true }}", "true false false true" },
        { "{{ 2 < 10 }} {{ '2' < '10' }} {{ 'a' < 'b' }} {{ 2 >= 2 }} {{ 3 <= 2 }} {{ price > 12 }}", "true false true true false true" },
        { "{{ yes && no }} {{ yes || no }} {{ !yes }} {{ !nothing }} {{ !!1 }}", "false true false true true" },
        { "{{ 1 == 1 && 2 > 1 || false }}", "true" },
        { "{{ no && missing }}{{ yes || missing }}", "falsetrue" },
        { "{{ nothing ?? 'else' }} {{ blank_text ?? 'else' }}| {{ nothing ?? null ?? 1 }}", "else | 1" },
        { "{{ yes ? 'a' : 'b' }} {{ count > 5 ? 'many' : count > 2 ? 'some' : 'few' }}", "a some" },
        { "{{ for i in 1..3 }}{{ i }}{{ end }} {{ for i in 3..1 }}{{ i }}{{ end }} {{ for i in 0..<3 }}{{ i }}{{ end }}", "123 321 012" },
        { "{{ for i in (count - 2)..count }}{{ i }}{{ end }}", "123" },
    };

    public static TheoryData<string, string> Statements => new()
    {
        { "{{ if yes }}a{{ end }}{{ if no }}b{{ end }}", "a" },
        { "{{ if no }}a{{ else if nothing }}b{{ else if 0 }}c{{ else }}d{{ end }}", "c" },
        { "{{ if blank_text }}the empty string is true{{ end }}", "the empty string is true" },
        { "{{ if zero }}so is zero{{ end }}", "so is zero" },
        { "{{ if no }}a{{ else }}{{ if yes }}b{{ end }}{{ end }}", "b" },
        { "{{ for letter in letters }}{{ letter }},{{ end }}", "x,y,z," },
        { "{{ for m in modules }}{{ m.name }}{{ if !for.last }}, {{ end }}{{ end }}", "redis, caddy" },
        { "{{ for x in letters }}{{ for.index }}{{ for.rindex }}{{ for.length }}{{ for.first }}{{ for.last }}{{ for.even }}{{ for.odd }} {{ end }}", "023truefalsetruefalse 113falsefalsefalsetrue 203falsetruetruefalse " },
        { "{{ for x in none }}{{ x }}{{ else }}nobody{{ end }}", "nobody" },
        { "{{ for x in letters }}{{ for y in numbers }}{{ x }}{{ y }}{{ for.index }} {{ end }}{{ for.index }}|{{ end }}", "x30 x11 x22 0|y30 y11 y22 1|z30 z11 z22 2|" },
        { "{{ for x in letters }}{{ if x == 'y' }}{{ continue }}{{ end }}{{ x }}{{ end }}", "xz" },
        { "{{ for x in letters }}{{ if x == 'y' }}{{ break }}{{ end }}{{ x }}{{ end }}", "x" },
        { "{{ v = 1 }}{{ v = v + 1 }}{{ v }}", "2" },
        { "{{ for x in letters }}{{ seen = x }}{{ end }}{{ seen }}", "z" },
        { "{{ name = 'eve' }}{{ name }}", "eve" },
        { "{{ x = 1\ny = 2; x + y }}", "3" },
        { "{{\n# comment\nif yes\n  'a'\nend\n}}", "a" },
        { "a{{ # comment }}b{{## over\nlines ##}}c{{ name # comment }}", "abcada" },
        { "{%{ {{ name }} }%}", " {{ name }} " },
        { "{%%{ }%} }%%}", " }%} " },
        { "{ x } }} {% {", "{ x } }} {% {" },
    };

    public static TheoryData<string, string> Calls => new()
    {
        { "{{ string.upcase name }}", "ADA" },
        { "{{ name | string.upcase }}", "ADA" },
        { "{{ string.upcase(name) }}", "ADA" },
        { "{{ name | string.append 'x' | string.upcase }}", "ADAX" },
        { "{{ (name | string.append('x')).size }}", "4" },
        { "{{ name |\n string.upcase }}", "ADA" },
        { "{{ string.append name (1 + 2) }} {{ string.append(name, 1 + 2) }}", "ada3 ada3" },
        { "{{ string.append (string.upcase name) letters[0] }}", "ADAx" },
        { "{{ 'a' + string.upcase('b') }} {{ string.size(name) + 1 }}", "aB 4" },
        { "{{ array.join [1, 2, 3] '-' }}", "1-2-3" },
        { "{{ if name | string.starts_with 'a' }}yes{{ end }}", "yes" },
        { "{{ for n in numbers | array.sort }}{{ n }}{{ end }}", "123" },
        { "{{ x = name | string.upcase }}{{ x }}", "ADA" },
        { "{{ include 'word' }} {{ include('word') | string.upcase }}", "word WORD" },
        { "{{ include 'list' }}", "word-x word-y word-z " },
        { "{{ include 'assigns' }}{{ kept }}", "from include" },
        { "{{ w = include 'word' }}{{ w }}{{ w.size }}", "word4" },
    };
}

public sealed record Owner(string FirstName, int Age, Address Address);

public sealed record Address(string City, string? Zip);

public sealed record Module(string Name, int Rank);
