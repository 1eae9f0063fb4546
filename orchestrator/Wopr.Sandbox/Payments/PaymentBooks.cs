using Wopr.Sandbox.Books;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Payments;

/// <summary>Sessions, refunds, and the events that are on their way. Whoever reads or writes holds <see cref="Gate"/>.</summary>
public sealed class PaymentBooks
{
    /// <summary>Where events go: below the origin that a session's customer is sent back to.</summary>
    public const string WebhookPath = "/api/webhook/stripe";

    private readonly RandomSource random;

    public PaymentBooks(Ledger ledger, RandomSource random)
    {
        (Ledger, this.random) = (ledger, random);
        Sessions = new(ledger, "session", session => session.Id);
        Refunds = new(ledger, "refund", refund => refund.Id);
        Keys = new(ledger, "key", key => key.Key);
        News = new(ledger, "news", news => news.Id);
    }

    public Lock Gate { get; } = new();

    public Ledger Ledger { get; }

    public Table<string, Session> Sessions { get; }

    public Table<string, Refund> Refunds { get; }

    public Table<string, UsedKey> Keys { get; }

    public Table<string, News> News { get; }

    public string NewId(string prefix) => prefix + random.Hex(12);

    public Session? PaidBy(string paymentIntent) => Sessions.All.FirstOrDefault(session => session.PaymentIntent == paymentIntent);

    public void Tell(string type, object about, Session session, DateTimeOffset now) =>
        News.Put(Payments.News.Of(NewId("evt_"), type, about, new Uri(new Uri(session.SuccessUrl), WebhookPath).ToString(), now));
}
