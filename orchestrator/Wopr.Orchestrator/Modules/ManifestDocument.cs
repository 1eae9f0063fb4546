using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Wopr.Modules;

/// <summary>
/// module.yaml as it stands; installer-modules/module.schema.json describes the same keys. Unknown and repeated keys are refused.
/// Keys are named one by one, for reflection would find them anew at every start.
/// </summary>
internal sealed class ManifestDocument
{
    public string? Id { get; set; }
    public string? Name { get; set; }
    public string? Summary { get; set; }
    public string? Category { get; set; }
    public string? Image { get; set; }
    public List<string> Requires { get; set; } = [];
    public int MemoryMb { get; set; }
    public int Port { get; set; }
    public string? Subdomain { get; set; }
    public HealthDocument? Health { get; set; }
    public List<string> Secrets { get; set; } = [];
    public string? Database { get; set; }
    public string? DatabaseEngine { get; set; }
    public List<string> Ports { get; set; } = [];
    public SignInDocument? SignIn { get; set; }
    public Dictionary<string, string> Environment { get; set; } = [];
    public string? Withheld { get; set; }

    internal sealed class HealthDocument
    {
        public string? Path { get; set; }
        public List<int> Status { get; set; } = [];
        public List<string> Command { get; set; } = [];
        public int WithinSeconds { get; set; } = 120;
    }

    internal sealed class SignInDocument
    {
        public string? Mode { get; set; }
        public List<string> RedirectPaths { get; set; } = [];
        public string? Reason { get; set; }
    }

    /// <summary>The document, or the reason why the text is not one.</summary>
    public static (ManifestDocument? Document, string? Reason) Read(string yaml)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            return stream.Documents is [var only] ? (Manifest(only.RootNode), null) : (null, stream.Documents.Count == 0 ? "it is empty" : "it is more than one document");
        }
        catch (YamlException e)
        {
            return (null, $"line {e.Start.Line}: {e.Message}");
        }
    }

    private static ManifestDocument Manifest(YamlNode node)
    {
        var manifest = new ManifestDocument();
        foreach (var (key, value) in Mapping(node))
        {
            switch (Text(key))
            {
                case "id": manifest.Id = Text(value); break;
                case "name": manifest.Name = Text(value); break;
                case "summary": manifest.Summary = Text(value); break;
                case "category": manifest.Category = Text(value); break;
                case "image": manifest.Image = Text(value); break;
                case "requires": manifest.Requires = Texts(value); break;
                case "memory_mb": manifest.MemoryMb = Number(value); break;
                case "port": manifest.Port = Number(value); break;
                case "subdomain": manifest.Subdomain = Text(value); break;
                case "health": manifest.Health = HealthOf(value); break;
                case "secrets": manifest.Secrets = Texts(value); break;
                case "database": manifest.Database = Text(value); break;
                case "database_engine": manifest.DatabaseEngine = Text(value); break;
                case "ports": manifest.Ports = Texts(value); break;
                case "sign_in": manifest.SignIn = SignInOf(value); break;
                case "environment": manifest.Environment = Mapping(value).ToDictionary(pair => Text(pair.Key), pair => Text(pair.Value), StringComparer.Ordinal); break;
                case "withheld": manifest.Withheld = Text(value); break;
                default: throw Unknown(key);
            }
        }
        return manifest;
    }

    private static HealthDocument HealthOf(YamlNode node)
    {
        var health = new HealthDocument();
        foreach (var (key, value) in Mapping(node))
        {
            switch (Text(key))
            {
                case "path": health.Path = Text(value); break;
                case "status": health.Status = [.. Items(value).Select(Number)]; break;
                case "command": health.Command = Texts(value); break;
                case "within_seconds": health.WithinSeconds = Number(value); break;
                default: throw Unknown(key);
            }
        }
        return health;
    }

    private static SignInDocument SignInOf(YamlNode node)
    {
        var signIn = new SignInDocument();
        foreach (var (key, value) in Mapping(node))
        {
            switch (Text(key))
            {
                case "mode": signIn.Mode = Text(value); break;
                case "redirect_paths": signIn.RedirectPaths = Texts(value); break;
                case "reason": signIn.Reason = Text(value); break;
                default: throw Unknown(key);
            }
        }
        return signIn;
    }

    private static IEnumerable<KeyValuePair<YamlNode, YamlNode>> Mapping(YamlNode node) =>
        node is YamlMappingNode mapping ? mapping.Children : throw Wrong(node, "is not a mapping of keys to values");

    private static IEnumerable<YamlNode> Items(YamlNode node) =>
        node is YamlSequenceNode sequence ? sequence.Children : throw Wrong(node, "is not a list");

    private static List<string> Texts(YamlNode node) => [.. Items(node).Select(Text)];

    private static string Text(YamlNode node) =>
        node is YamlScalarNode { Value: { } text } scalar && !(scalar.Style == ScalarStyle.Plain && text is "" or "~" or "null") ? text : throw Wrong(node, "is not a text");

    private static int Number(YamlNode node) =>
        int.TryParse(Text(node), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong(node, "is not a whole number");

    private static YamlException Unknown(YamlNode key) => Wrong(key, "is not a key that is known here");

    private static YamlException Wrong(YamlNode node, string reason) => new(node.Start, node.End, $"'{node}' {reason}");
}
