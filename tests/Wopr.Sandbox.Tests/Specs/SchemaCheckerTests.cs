using System.Text.Json.Nodes;

namespace Wopr.Sandbox.Tests.Specs;

public sealed class SchemaCheckerTests
{
    [Theory]
    [InlineData("""{"type":"object","required":["a"]}""", """{"a":1}""", true)]
    [InlineData("""{"type":"object","required":["a"]}""", """{"b":1}""", false)]
    [InlineData("""{"type":["string","null"]}""", "null", true)]
    [InlineData("""{"type":"string"}""", "null", false)]
    [InlineData("""{"type":"string","nullable":true}""", "null", true)]
    [InlineData("""{"type":"integer"}""", "1.5", false)]
    [InlineData("""{"type":"number"}""", "1", true)]
    [InlineData("""{"enum":["a","b"]}""", "\"c\"", false)]
    [InlineData("""{"type":"array","items":{"type":"integer"}}""", "[1,\"x\"]", false)]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"integer"}]}""", "1", true)]
    [InlineData("""{"oneOf":[{"type":"number"},{"type":"integer"}]}""", "1", false)]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"boolean"}]}""", "1", false)]
    [InlineData("""{"allOf":[{"required":["a"]},{"required":["b"]}]}""", """{"a":1}""", false)]
    [InlineData("""{"$ref":"#/defs/text"}""", "1", false)]
    [InlineData("""{"properties":{"a":{"maximum":3}}}""", """{"a":4}""", false)]
    [InlineData("""{"additionalProperties":{"type":"string"}}""", """{"a":4}""", false)]
    [InlineData("""{"maxLength":2}""", "\"abc\"", false)]
    public void The_checker_can_say_no(string schema, string value, bool fits)
    {
        var checker = new SchemaChecker(JsonNode.Parse("""{"defs":{"text":{"type":"string"}}}""")!);

        checker.Check(JsonNode.Parse(schema)!, JsonNode.Parse(value)).Count.ShouldBe(fits ? 0 : 1);
    }

    [Fact]
    public void A_problem_names_its_place()
    {
        var schema = JsonNode.Parse("""{"properties":{"a":{"items":{"type":"string"}}}}""")!;

        new SchemaChecker(schema).Check(schema, JsonNode.Parse("""{"a":["x",1]}""")).ShouldBe(["/a/1: number is not \"string\""]);
    }
}
