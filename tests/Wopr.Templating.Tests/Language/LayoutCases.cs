namespace Wopr.Templating.Tests.Language;

/// <summary>Where white space goes; part of <see cref="LanguageCases"/>, with the same model.</summary>
public static class LayoutCases
{
    /// <summary><c>-</c> takes all white space; <c>~</c> takes blanks, and behind code one line end.</summary>
    public static TheoryData<string, string> WhiteSpace => new()
    {
        { "a \n {{ name }} \n b", "a \n ada \n b" },
        { "a \n {{- name }} \n b", "aada \n b" },
        { "a \n {{ name -}} \n b", "a \n adab" },
        { "a \n\n {{- name -}} \n\n b", "aadab" },
        { "a \n {{~ name }} \n b", "a \nada \n b" },
        { "a \n {{ name ~}} \n b", "a \n ada b" },
        { "a \n\n {{~ name ~}} \n\n b", "a \n\nada\n b" },
        { "a\t {{~ name ~}} \tb", "aadab" },
        { "{{- name -}}", "ada" },
        { " {{~ name ~}} ", "ada" },
        { "a\n{{~ if yes ~}}\nb\n{{~ end ~}}\nc", "a\nb\nc" },
        { "a\n{{~ if no ~}}\nb\n{{~ end ~}}\nc", "a\nc" },
        { "a:\n{{~ for x in letters ~}}\n- {{ x }}\n{{~ end ~}}\nb", "a:\n- x\n- y\n- z\nb" },
        { "a {{-}} b", "a b" },
        { "a {%{- b -}%} c", "a b c" },
        { "{{ name-}} b {{-count }}", "adab3" },
    };

    /// <summary>What code prints over several lines keeps the column that the code stands in.</summary>
    public static TheoryData<string, string> Indent => new()
    {
        { "x:\n  {{ lines }}y", "x:\n  one\n  two\n  \n  three\ny" },
        { "x:\n  {{~ lines }}y", "x:\none\ntwo\n\nthree\ny" },
        { "x: {{ lines }}y", "x: one\ntwo\n\nthree\ny" },
        { "  {{ lines }}", "  one\n  two\n  \n  three\n" },
        { "content: |\n    {{ include 'script' }}end", "content: |\n    #!/bin/sh\n    echo ada\n    \n    exit 0\nend" },
        { "a\n  {{ if yes }}\n  b\n  {{ end }}\nc", "a\n  \n    b\n    \nc" },
        { "a\n  {{~ if yes ~}}\n  b\n  {{~ end ~}}\nc", "a\n  b\nc" },
        { "a\n  {{~ for x in numbers ~}}\n    {{ lines | string.strip }}\n  {{~ end ~}}\nc", "a\n    one\n    two\n    \n    three\n    one\n    two\n    \n    three\n    one\n    two\n    \n    three\nc" },
    };
}
