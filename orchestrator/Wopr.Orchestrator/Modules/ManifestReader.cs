using System.Text.RegularExpressions;

namespace Wopr.Modules;

/// <summary>From module.yaml and its folder to a <see cref="Module"/>, or to everything that is wrong with it.</summary>
internal sealed partial class ManifestReader(string folder, IReadOnlySet<string> volumes)
{
    private readonly string _where = Path.GetFileName(folder);
    private readonly List<ModuleError> _errors = [];

    /// <param name="volumes">The files of all modules' volumes: units may share them.</param>
    public static (Module? Module, IReadOnlyList<ModuleError> Errors) Read(string folder, IReadOnlySet<string> volumes)
    {
        var reader = new ManifestReader(folder, volumes);
        var module = reader.Read();
        return (reader._errors.Count == 0 ? module : null, reader._errors);
    }

    private Module? Read()
    {
        var (document, reason) = ManifestDocument.Read(File.ReadAllText(Path.Combine(folder, "module.yaml")));
        if (document is null)
        {
            Wrong("module.yaml", reason!);
            return null;
        }

        CheckWords(document);
        CheckSecrets(document);
        var units = ModuleUnits.Read(folder, document.Image ?? "", document.Ports, volumes, Wrong);
        var module = new Module(
            IdOf(document.Id),
            document.Name ?? "",
            document.Summary ?? "",
            document.Category ?? "",
            document.Image ?? "",
            [.. document.Requires.Select(IdOf)],
            document.MemoryMb,
            document.Port,
            document.Subdomain,
            HealthOf(document.Health),
            document.Secrets,
            document.Database,
            document.DatabaseEngine ?? "postgresql",
            PortsOf(document.Ports),
            SignInOf(document),
            [.. document.Environment],
            units.Units,
            units.Images,
            document.Withheld);
        CheckRoute(module);
        CheckWithheld(module);
        return module;
    }

    private void CheckWords(ManifestDocument document)
    {
        Check(document.Id == _where, "id", "is not the folder's name");
        Check(Plain().IsMatch(document.Name ?? ""), "name", "is missing, or has characters other than letters, digits, spaces and .-");
        Check(Plain().IsMatch(document.Summary ?? ""), "summary", "is missing, or has characters other than letters, digits, spaces and .,-");
        Check(Label().IsMatch(document.Category ?? ""), "category", "is missing or not one lower-case word");
        Check(ModuleUnits.IsPinned(document.Image ?? ""), "image", "must name a registry, a repository and a released tag such as 1.2.3");
        Check(document.MemoryMb is >= 16 and <= 65536, "memory_mb", "is not between 16 and 65536");
        Check(document.Port is >= 1 and <= 65535, "port", "is not a port");
        Check(document.Subdomain is null or Module.Apex || Label().IsMatch(document.Subdomain), "subdomain", "is not a DNS label");
        foreach (var name in document.Environment.Keys.Where(name => !Variable().IsMatch(name))) Wrong("module.yaml", $"environment '{name}' is not a variable's name");
        foreach (var (name, _) in document.Environment.Where(e => e.Value.AsSpan().ContainsAny('\r', '\n', '\0'))) Wrong("module.yaml", $"environment '{name}' has more than one line");
    }

    private void CheckSecrets(ManifestDocument document)
    {
        foreach (var secret in document.Secrets.Where(secret => !Identifier().IsMatch(secret))) Wrong("module.yaml", $"secrets '{secret}' is not a name");
        Check(document.Secrets.Distinct(StringComparer.Ordinal).Count() == document.Secrets.Count, "secrets", "names one twice");
        var engine = document.DatabaseEngine ?? "postgresql";
        Check(engine is "postgresql" or "mariadb", "database_engine", "is not one of postgresql, mariadb");
        Check(document.DatabaseEngine is null || document.Database is not null, "database_engine", "is said only with a database");
        if (document.Database is not { } database) return;
        Check(Identifier().IsMatch(database), "database", "is not a name");
        Check(document.Secrets.Contains($"{database}_database"), "database", $"needs the secret '{database}_database'");
        Check(document.Requires.Contains(engine), "database", $"needs '{engine}' among requires");
    }

    private List<PublishedPort> PortsOf(List<string> texts)
    {
        var ports = texts.Select(PublishedPort.Parse).OfType<PublishedPort>().ToList();
        Check(ports.Count == texts.Count, "ports", "has one that is not of the form 10000/udp");
        return ports;
    }

    private ModuleHealth HealthOf(ManifestDocument.HealthDocument? health)
    {
        Check(health is not null, "health", "is missing");
        if (health is null) return new ModuleHealth(null, [], [], 0);
        Check(health.Path is null != (health.Command.Count == 0), "health", "has either a path or a command");
        Check(health.Path is null || UrlPath().IsMatch(health.Path), "health.path", "is not a path");
        Check(health.Status.All(status => status is >= 200 and < 500), "health.status", "has a status outside 200..499");
        Check(health.WithinSeconds is >= 10 and <= 1800, "health.within_seconds", "is not between 10 and 1800");
        return new ModuleHealth(health.Path, health.Status.Count == 0 ? [200] : health.Status, health.Command, health.WithinSeconds);
    }

    private ModuleSignIn? SignInOf(ManifestDocument document)
    {
        Check(document.SignIn is null == document.Subdomain is null, "sign_in", "is said exactly when there is a subdomain");
        if (document.SignIn is not { } signIn) return null;
        SignInMode? mode = signIn.Mode switch
        {
            "none" => SignInMode.None,
            "oidc" => SignInMode.Oidc,
            "forward_auth" => SignInMode.ForwardAuth,
            "header" => SignInMode.Header,
            _ => null,
        };
        Check(mode is not null, "sign_in.mode", "is not one of none, oidc, forward_auth, header");
        Check(mode == SignInMode.Oidc == signIn.RedirectPaths.Count > 0, "sign_in.redirect_paths", "are said exactly for oidc");
        Check(signIn.RedirectPaths.All(path => UrlPath().IsMatch(path)), "sign_in.redirect_paths", "has one that is not a path");
        if (mode == SignInMode.Oidc) Check(document.Secrets.Contains($"{document.Id?.Replace('-', '_')}_oidc"), "sign_in", $"needs the secret '{document.Id?.Replace('-', '_')}_oidc'");
        Check(mode == SignInMode.None == signIn.Reason is not null, "sign_in.reason", "is said exactly for none");
        return new ModuleSignIn(mode ?? SignInMode.None, signIn.RedirectPaths, signIn.Reason);
    }

    /// <summary>Who can be reached has a route, and a route behind the sign-in really asks for it.</summary>
    private void CheckRoute(Module module)
    {
        var path = Path.Combine(folder, "route.caddy");
        Check(File.Exists(path) == module.Subdomain is not null, "route.caddy", "is there exactly when there is a subdomain");
        if (!File.Exists(path) || module.SignIn?.Mode is not (SignInMode.ForwardAuth or SignInMode.Header)) return;
        Check(File.ReadAllLines(path).Any(line => line.Trim() == "import signed_in"), "route.caddy", "never asks for the sign-in");
    }

    /// <summary>A name below <c>.invalid</c> (RFC 2606) says that no released image exists: nothing can be pulled from there by mistake.</summary>
    private void CheckWithheld(Module module)
    {
        Check(module.Withheld is null || Sentence().IsMatch(module.Withheld), "withheld", "is not a sentence that customers can read");
        Check(module.Withheld is not null || !module.Images.Any(image => image.Split('/')[0].EndsWith(".invalid", StringComparison.Ordinal)), "image", "does not exist, and the module is not withheld");
    }

    private ModuleId IdOf(string? text)
    {
        Check(ModuleId.TryParse(text, out var id), "module.yaml", $"'{text}' is not a module's name");
        return id;
    }

    private void Check(bool holds, string key, string reason)
    {
        if (!holds) Wrong("module.yaml", $"{key} {reason}");
    }

    private void Wrong(string file, string reason) => _errors.Add(new ModuleError($"{_where}/{file}", reason));

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"\A[a-z][a-z0-9_]*\z")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9 .,-]*\z")]
    private static partial Regex Plain();

    [GeneratedRegex(@"\A[A-Z][A-Za-z0-9 .,'-]{9,}[.]\z")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\A(/[A-Za-z0-9._~-]*)+\z")]
    private static partial Regex UrlPath();
}
