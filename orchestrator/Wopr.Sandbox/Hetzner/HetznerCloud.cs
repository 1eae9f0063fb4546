using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Wopr.Sandbox.Hetzner.Actions;
using Wopr.Sandbox.Hetzner.Firewalls;
using Wopr.Sandbox.Hetzner.Images;
using Wopr.Sandbox.Hetzner.PrimaryIps;
using Wopr.Sandbox.Hetzner.Servers;
using Wopr.Sandbox.Hetzner.SshKeys;
using Wopr.Sandbox.Hetzner.Volumes;
using Wopr.Sandbox.Misbehaviour;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner;

/// <summary>The emulated Hetzner Cloud: its paths, its tokens, its budget, and one transaction a call.</summary>
public sealed class HetznerCloud : IProvider
{
    private readonly HetznerBooks books;
    private readonly HourlyBudget budget;
    private readonly Dictionary<string, string> projects;
    private readonly ServerView serverView;
    private readonly RandomSource random;

    public HetznerCloud(HetznerBooks books, Rulebook rules, IEnumerable<string> tokens, RandomSource random)
    {
        (this.books, this.random) = (books, random);
        budget = new HourlyBudget(rules);

        // A project is known by its token's hash, so that the books do not hold the token.
        projects = tokens.Distinct(StringComparer.Ordinal)
            .ToDictionary(token => token, token => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))[..12], StringComparer.Ordinal);

        var stock = new Stock(books.Catalogue, rules);
        var images = new ImageFinder(books);
        var passwords = new Passwords(random);
        var imageRoutes = new ImageRoutes(books);
        serverView = new ServerView(books, stock);
        new ServerRoutes(books, serverView, rules).Map(Routes);
        new CreateServer(books, serverView, stock, new CreateRequestReader(books, stock, images), rules, passwords).Map(Routes);
        new ServerActions(books, stock, images, passwords).Map(Routes);
        new SshKeyRoutes(books).Map(Routes);
        new FirewallRoutes(books).Map(Routes);
        new PrimaryIpRoutes(books, stock).Map(Routes);
        new VolumeRoutes(books).Map(Routes);
        imageRoutes.Map(Routes);
        new CatalogueRoutes(books.Catalogue, stock).Map(Routes);
        var actions = new ActionRoutes(books);
        actions.Map(Routes);
        actions.MapFor(Routes, "servers", "server", (call, id) => books.Servers.Find(id)?.Project == call.Account);
        actions.MapFor(Routes, "firewalls", "firewall", (call, id) => books.Firewalls.Find(id)?.Project == call.Account);
        actions.MapFor(Routes, "primary_ips", "primary_ip", (call, id) => books.PrimaryIps.Find(id)?.Project == call.Account);
        actions.MapFor(Routes, "volumes", "volume", (call, id) => books.Volumes.Find(id)?.Project == call.Account);
        actions.MapFor(Routes, "images", "image", imageRoutes.Exists);
    }

    public string Name => "hetzner";

    public string Root => "/v1";

    public RouteTable Routes { get; } = new(numericIds: true);

    public (string? Account, Answer? Refusal) Authenticate(IHeaderDictionary headers, string path)
    {
        const string Scheme = "Bearer ";
        var given = headers.Authorization.ToString();
        var token = given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? given[Scheme.Length..].Trim() : "";
        return token.Length == 0 ? (null, Refusals.Unauthorized("token is required"))
            : projects.TryGetValue(token, out var project) ? (project, null)
            : (null, Refusals.Unauthorized("the token you have provided is invalid"));
    }

    public (Answer? Refusal, IReadOnlyDictionary<string, string> Headers) Spend(string account, DateTimeOffset now) => budget.Spend(account, now);

    public (Answer Answer, byte[] Bytes) Handle(Handler handler, Call call)
    {
        lock (books.Gate)
        {
            books.Settle(call.Now);
            books.Ledger.Commit();
            var answer = handler(call);
            if (answer.IsRefusal)
            {
                books.Ledger.Rollback();
                return (answer, answer.Bytes());
            }

            var bytes = answer.Bytes();
            books.Ledger.Commit();
            return (answer, bytes);
        }
    }

    /// <summary>Does what the clock has brought about; called often.</summary>
    public void Tick(DateTimeOffset now)
    {
        lock (books.Gate)
        {
            books.Settle(now);
            books.Ledger.Commit();
        }
    }

    /// <summary>Everything in the books, of all projects, as it would stand on the wire.</summary>
    public JsonElement Snapshot(DateTimeOffset now)
    {
        lock (books.Gate)
        {
            books.Settle(now);
            books.Ledger.Commit();
            return JsonSerializer.SerializeToElement(new
            {
                servers = books.Servers.All.Select(server => serverView.Of(server, now)),
                primary_ips = books.PrimaryIps.All.Select(ip => ip.View(books.Catalogue)),
                ssh_keys = books.SshKeys.All.Select(key => key.View()),
                firewalls = books.Firewalls.All,
                volumes = books.Volumes.All.Select(volume => volume.View(books.Catalogue, now)),
                images = books.Snapshots.All,
                actions = books.Actions.All.Select(action => action.View(now)),
            }, WireJson.Wire);
        }
    }

    public void Clear()
    {
        lock (books.Gate)
        {
            books.Clear();
        }

        budget.Clear();
    }

    public Answer UnknownPath(string path) => Refusals.Of(404, "not_found", "api route not found");

    public Answer WrongMethod() => Refusals.Of(405, "method_not_allowed", "method not allowed");

    public Answer BadJson() => Refusals.Of(400, "json_error", "invalid JSON");

    public Answer Usual(int status, string? code, string? message) => Refusals.Usual(status, code, message);

    public IReadOnlyDictionary<string, string> EveryAnswer() => new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["X-Correlation-Id"] = random.Hex(8),
    };
}
