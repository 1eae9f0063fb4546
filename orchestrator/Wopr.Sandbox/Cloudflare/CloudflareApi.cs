using System.Text.Json;
using System.Text.RegularExpressions;
using Wopr.Sandbox.Misbehaviour;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Cloudflare;

/// <summary>The emulated Cloudflare API: its paths, its token, its budget, and one transaction a call.</summary>
public sealed partial class CloudflareApi : IProvider
{
    private readonly CloudflareBooks books;
    private readonly FiveMinuteBudget budget;
    private readonly RecordRoutes records;
    private readonly RandomSource random;
    private readonly string token;

    public CloudflareApi(CloudflareBooks books, Rulebook rules, string token, RandomSource random)
    {
        (this.books, this.random, this.token) = (books, random, token);
        budget = new FiveMinuteBudget(rules);
        records = new RecordRoutes(books, new RecordWriter(books, random), rules, random);
        records.Map(Routes);
        new ZoneRoutes(books, Zone.IdOf("token")).Map(Routes);
    }

    public string Name => "cloudflare";

    public string Root => "/client/v4";

    public RouteTable Routes { get; } = new(numericIds: false);

    public (string? Account, Answer? Refusal) Authenticate(IHeaderDictionary headers, string path)
    {
        const string Scheme = "Bearer ";
        var verifying = path == "/user/tokens/verify";
        if (headers.ContainsKey("X-Auth-Key") || headers.ContainsKey("X-Auth-Email"))
        {
            return (null, headers.ContainsKey("X-Auth-Key") && headers.ContainsKey("X-Auth-Email") ? Refusals.UnknownKey() : Refusals.NoCredentials());
        }

        if (!headers.TryGetValue("Authorization", out var given))
        {
            return (null, Refusals.NoCredentials());
        }

        var text = given.ToString();
        var sent = text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? text[Scheme.Length..].Trim() : "";
        return sent == token ? (Zone.AccountId, null)
            : TokenPattern().IsMatch(sent) ? (null, Refusals.UnknownToken(verifying))
            : (null, Refusals.MalformedToken(verifying));
    }

    public (Answer? Refusal, IReadOnlyDictionary<string, string> Headers) Spend(string account, DateTimeOffset now) => budget.Spend(now);

    public (Answer Answer, byte[] Bytes) Handle(Handler handler, Call call)
    {
        lock (books.Gate)
        {
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

    /// <summary>Puts records of someone else there, as a rule of kind clash names them; names outside every zone are left out.</summary>
    public void AddForeign(Rule rule, DateTimeOffset now)
    {
        lock (books.Gate)
        {
            foreach (var name in rule.Names ?? [])
            {
                if (books.Zones.FirstOrDefault(zone => RecordName.IsIn(name, zone.Name)) is { } zone)
                {
                    records.AddForeign(zone, name, rule, now);
                }
            }
        }
    }

    public JsonElement Snapshot()
    {
        lock (books.Gate)
        {
            return JsonSerializer.SerializeToElement(new
            {
                zones = books.Zones.Select(zone => zone.View()),
                records = books.Records.All.Select(record => record.View()),
            }, WireJson.Wire);
        }
    }

    public void Clear(DateTimeOffset now)
    {
        lock (books.Gate)
        {
            books.Clear(now);
        }

        budget.Clear();
    }

    public Answer UnknownPath(string path) => Refusals.NoRoute();

    public Answer WrongMethod() => Refusals.Of(405, 10405, "Method not allowed for this endpoint");

    public Answer BadJson() => Refusals.Of(400, 9207, "Request body is invalid.");

    public Answer Usual(int status, string? code, string? message) => Refusals.Usual(status, code, message);

    public IReadOnlyDictionary<string, string> EveryAnswer() => new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["CF-Ray"] = random.Hex(8) + "-SBX",
    };

    [GeneratedRegex(@"^[A-Za-z0-9_-]{20,}\z")]
    private static partial Regex TokenPattern();
}
