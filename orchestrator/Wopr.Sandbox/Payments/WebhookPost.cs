using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Wopr.Sandbox.Payments;

/// <summary>Sends events to the shop, signed anew each time, until they are taken: as the real one does, only sooner.</summary>
internal sealed class WebhookPost(PaymentBooks books, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(10) };

    public override void Dispose()
    {
        http.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Beat);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var news in Due())
            {
                Note(news, await SendAsync(news, stoppingToken));
            }
        }
    }

    private List<News> Due()
    {
        lock (books.Gate)
        {
            var now = time.GetUtcNow();
            return [.. books.News.All.Where(news => !news.Taken && news.NextAt <= now)];
        }
    }

    private void Note(News news, bool taken)
    {
        lock (books.Gate)
        {
            if (books.News.Find(news.Id) is null)
            {
                return; // The books were reset meanwhile.
            }

            var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, 0.2 * Math.Pow(2, Math.Min(news.Attempts, 10))));
            books.News.Put(news with { Taken = taken, Attempts = news.Attempts + 1, NextAt = time.GetUtcNow() + pause });
            books.Ledger.Commit();
        }
    }

    private async Task<bool> SendAsync(News news, CancellationToken cancellation)
    {
        var seconds = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(PaymentsApi.WebhookSecret), Encoding.UTF8.GetBytes($"{seconds}.{news.Body}"));
        using var request = new HttpRequestMessage(HttpMethod.Post, news.Url) { Content = new StringContent(news.Body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Stripe-Signature", $"t={seconds},v1={Convert.ToHexStringLower(mac)}");
        try
        {
            using var response = await http.SendAsync(request, cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false; // Nobody there: the next attempt finds them.
        }
    }
}
