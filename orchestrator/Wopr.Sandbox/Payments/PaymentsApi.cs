using System.Text.Json;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Payments;

/// <summary>The emulated payment provider, which speaks as Stripe does: its paths, its key, and one transaction a call.</summary>
public sealed class PaymentsApi : IProvider
{
    /// <summary>The secret key, and the secret that events are signed with.</summary>
    public const string Key = "sk_test_sandbox", WebhookSecret = "whsec_sandbox";

    private readonly PaymentBooks books;

    public PaymentsApi(PaymentBooks books)
    {
        this.books = books;
        new SessionRoutes(books, () => Address()).Map(Routes);
        new RefundRoutes(books).Map(Routes);
    }

    /// <summary>Where the payment page is.</summary>
    public Func<Uri> Address { get; set; } = () => new Uri("http://127.0.0.1/");

    public string Name => "stripe";

    public string Root => "/v1";

    public bool TakesForms => true;

    public RouteTable Routes { get; } = new(numericIds: false);

    public (string? Account, Answer? Refusal) Authenticate(IHeaderDictionary headers, string path) =>
        headers.Authorization.ToString() == $"Bearer {Key}" ? ("shop", null) : (null, Refuse(401, "invalid_request_error", null, "Invalid API Key provided"));

    public (Answer? Refusal, IReadOnlyDictionary<string, string> Headers) Spend(string account, DateTimeOffset now) => (null, EveryAnswer());

    public (Answer Answer, byte[] Bytes) Handle(Handler handler, Call call)
    {
        lock (books.Gate)
        {
            var answer = handler(call);
            var bytes = answer.Bytes();
            if (answer.IsRefusal)
            {
                books.Ledger.Rollback();
            }
            else
            {
                books.Ledger.Commit();
            }

            return (answer, bytes);
        }
    }

    public JsonElement Snapshot(DateTimeOffset now)
    {
        lock (books.Gate)
        {
            return JsonSerializer.SerializeToElement(new
            {
                sessions = books.Sessions.All.Select(session => session.At(now).View(Address())),
                refunds = books.Refunds.All.Select(refund => refund.View()),
                events = books.News.All.Select(news => news.View()),
            }, WireJson.Wire);
        }
    }

    public void Clear()
    {
        lock (books.Gate)
        {
            books.Ledger.Clear();
        }
    }

    public Answer UnknownPath(string path) => Refuse(404, "invalid_request_error", null, $"Unrecognized request URL ({path})");

    public Answer WrongMethod() => Refuse(404, "invalid_request_error", null, "Unrecognized request URL");

    public Answer BadJson() => Refuse(400, "invalid_request_error", null, "Invalid request body");

    public Answer Usual(int status, string? code, string? message) =>
        Refuse(status, status >= 500 ? "api_error" : "invalid_request_error", code ?? (status == 429 ? "rate_limit" : null), message ?? "scripted");

    public IReadOnlyDictionary<string, string> EveryAnswer() => new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    internal static Answer Refuse(int status, string type, string? code, string message) => new(status, new { error = new { type, code, message } });
}
