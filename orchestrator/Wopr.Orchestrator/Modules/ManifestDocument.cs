using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Wopr.Modules;

/// <summary>module.yaml as it stands; installer-modules/module.schema.json describes the same keys. Unknown and repeated keys are refused.</summary>
internal sealed class ManifestDocument
{
    private static readonly IDeserializer Yaml = new DeserializerBuilder()
        .WithNamingConvention(UnderscoredNamingConvention.Instance)
        .WithDuplicateKeyChecking()
        .Build();

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
            return Yaml.Deserialize<ManifestDocument?>(yaml) is { } document ? (document, null) : (null, "it is empty");
        }
        catch (YamlException e)
        {
            return (null, $"line {e.Start.Line}: {e.InnerException?.Message ?? e.Message}");
        }
    }
}
