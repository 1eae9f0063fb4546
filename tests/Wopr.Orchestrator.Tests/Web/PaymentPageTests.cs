using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Wopr.Provisioning;
using Wopr.Web;

namespace Wopr.Orchestrator.Tests.Web;

/// <summary>Where customers land after paying, after not paying, and when they come too late.</summary>
public sealed class PaymentPageTests : IAsyncLifetime, IPaymentViews
{
    private static readonly JobId Id = new(new Guid("5b0f9c1e-7d1f-4a39-9a53-0d2a8c9f1e11"));
    private string state = "open";
    private WebHost host = null!;

    public async Task InitializeAsync() => host = await WebHost.StartAsync(services: services => services.AddSingleton<IPaymentViews>(this));

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Theory]
    [InlineData("open", "?done=1", "Waiting for the confirmation of your payment", "Do not pay a second time", "Pay $29.99")]
    [InlineData("open", "", "Not paid yet", "Pay $29.99", "http-equiv=\"refresh\"")]
    [InlineData("closed", "", "The time to pay is over", "Order again", "Pay $29.99")]
    [InlineData("returned", "?done=1", "Your payment goes back to you", "until your bank shows it", "Pay $29.99")]
    public async Task The_page_says_where_the_payment_is(string state, string query, string headline, string said, string unsaid)
    {
        this.state = state;

        var (response, html) = await host.OpenAsync($"/payment/{Id}{query}");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        html.ShouldContain($"<h1>{headline}</h1>");
        html.ShouldContain(said);
        html.ShouldNotContain(unsaid);
    }

    [Fact]
    public async Task Whoever_has_paid_goes_on_to_the_setup_page_and_an_unknown_number_is_not_found()
    {
        state = "paid";
        using var paid = await host.Client.GetAsync($"/payment/{Id}?done=1");
        paid.Headers.Location!.ToString().ShouldBe($"/setup/{Id}");

        (await host.Client.GetAsync($"/payment/{Guid.Empty}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    Task<PaymentView?> IPaymentViews.FindAsync(JobId id, bool returning, CancellationToken cancellation) => Task.FromResult(
        id == Id ? new PaymentView(Id, state, "alice", 2999, "USD", state == "open" ? new Uri("https://checkout.example/pay") : null, TimeSpan.FromMinutes(44)) : null);
}
