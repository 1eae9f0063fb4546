namespace Wopr.Templating.Tests.Language;

/// <summary>What functions give; part of <see cref="LanguageCases"/>, with the same model.</summary>
public static class FunctionCases
{
    public static TheoryData<string, string> All => new()
    {
        { "{{ 'AbC' | string.downcase }} {{ 'äß' | string.upcase }}", "abc Äß" },
        { "{{ 'ab cd' | string.capitalize }}{{ '' | string.capitalize }}", "Ab cd" },
        { "[{{ ' a ' | string.strip }}][{{ ' a ' | string.lstrip }}][{{ ' a ' | string.rstrip }}]", "[a][a ][ a]" },
        { "{{ 'a' | string.append 1 }} {{ 'a' | string.prepend 'b' }}", "a1 ba" },
        { "{{ 'a.b.c' | string.replace '.' '-' }} {{ '' | string.replace 'a' 'b' }}", "a-b-c " },
        { "{{ 'abc' | string.contains 'b' }} {{ 'abc' | string.contains '' }} {{ nothing | string.contains 'a' }}", "true false false" },
        { "{{ 'abc' | string.starts_with 'ab' }} {{ 'abc' | string.ends_with 'ab' }}", "true false" },
        { "{{ 'abc' | string.size }} {{ nothing | string.size }}", "3 0" },
        { "{{ 'hello' | string.slice 1 }} {{ 'hello' | string.slice 1 3 }} {{ 'hello' | string.slice (-2) }} {{ 'hello' | string.slice 9 }}|{{ 'hello' | string.slice (-9) }}", "ello ell lo |h" },
        { "{{ 'a,b,,c' | string.split ',' | array.join '|' }} {{ '' | string.split ',' | array.size }}", "a|b|c 0" },
        { "{{ 'hello world' | string.truncate 8 }} {{ 'hello' | string.truncate 8 }} {{ 'hello' | string.truncate 4 '-' }}", "hello... hello hel-" },
        { "[{{ 'a' | string.pad_left 3 }}][{{ 'a' | string.pad_right 3 }}]", "[  a][a  ]" },
        { "{{ letters | array.size }} {{ letters | array.first }} {{ letters | array.last }} [{{ none | array.first }}]", "3 x z []" },
        { "{{ letters | array.join ', ' }} {{ none | array.join ', ' }}|{{ ['a', null, 1] | array.join '-' }}", "x, y, z |a--1" },
        { "{{ letters | array.contains 'y' }} {{ numbers | array.contains 4 }} {{ [1] | array.contains '1' }}", "true false false" },
        { "{{ numbers | array.sort | array.join '' }} {{ ['b', 'B', 'a'] | array.sort | array.join '' }}", "123 Bab" },
        { "{{ for m in modules | array.sort 'rank' }}{{ m.name }} {{ end }}", "caddy redis " },
        { "{{ modules | array.map 'name' | array.join ',' }}", "redis,caddy" },
        { "{{ numbers | array.reverse | array.join '' }} {{ letters | array.concat numbers | array.join '' }}", "213 xyz312" },
        { "{{ 1.2 | math.ceil }} {{ 1.8 | math.floor }} {{ 2.5 | math.round }} {{ 1.2345 | math.round 2 }}", "2 1 2 1.23" },
        { "{{ price | math.format '0.00' }} {{ 3 | math.format '0.0' }} {{ 1234567 | math.format '#,##0' }}", "12.50 3.0 1,234,567" },
        { "{{ '<a href=\"x\">&\\'é' | html.escape }}", "&lt;a href=&quot;x&quot;&gt;&amp;&#39;&#233;" },
        { "{{ nothing | object.default 'd' }} {{ '' | object.default 'd' }} {{ 0 | object.default 'd' }}", "d d 0" },
        { "{{ name | json }} {{ 1 | json }} {{ nothing | json }} {{ yes | json }} {{ letters | json }}", "\"ada\" 1 null true [\"x\", \"y\", \"z\"]" },
        { "{{ owner | json }}", "{ \"address\": { \"city\": \"London\", \"zip\": null }, \"age\": 36, \"first_name\": \"Ada\" }" },
        { "{{ name | yaml }} {{ 1 | yaml }} {{ nothing | yaml }} {{ 'yes' | yaml }} {{ price | yaml }}", "\"ada\" 1 null \"yes\" 12.50" },
        { "{{ \"it's\" | shell }} {{ 1 | shell }} {{ nothing | shell }}", @"'it'\''s' '1' ''" },
    };
}
