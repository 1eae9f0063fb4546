using Wopr.Platform;
using Wopr.Platform.Http;
using Wopr.Platform.Work;
using Wopr.Web;

namespace Wopr.Payments;

public static class PaymentRegistration
{
    /// <summary>Everything about payment. Without a configured provider nobody can pay, and nothing else changes.</summary>
    public static IServiceCollection AddPayments(this IServiceCollection services, PaymentAccess? access)
    {
        services.AddSingleton<Checkouts>();
        services.AddSingleton<Settlement>();
        services.AddSingleton<PaymentEvents>();
        services.AddSingleton<IPaymentViews, PaymentViews>();
        services.AddSingleton<IWorkHandler, CheckoutWatch>();
        services.AddSingleton<IWorkHandler, RefundDelivery>();
        if (access is null) return services;

        ProviderProfile Profile() => StripePayments.ProfileOf(access.Endpoint, new ApiToken(access.Key));
        services.AddProviderChain(StripePayments.Provider, Profile);
        services.AddHttpClient(StripePayments.Provider, client => client.DefaultRequestHeaders.Add("Stripe-Version", StripePayments.Version));
        services.AddSingleton<IPaymentProvider>(s => new StripePayments(
            new ProviderTransport(Profile(), s.GetRequiredService<IHttpClientFactory>(), s.GetRequiredService<TimeProvider>())));
        return services;
    }
}
