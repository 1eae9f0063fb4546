using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Wopr.Sandbox.Admin;
using Wopr.Sandbox.Books;
using Wopr.Sandbox.Boot;
using Wopr.Sandbox.Cloudflare;
using Wopr.Sandbox.Hetzner;
using Wopr.Sandbox.Misbehaviour;
using Wopr.Sandbox.Payments;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox;

/// <summary>Puts the sandbox together: the emulators, the beacons' gate, and the machines behind the servers.</summary>
public static class SandboxHost
{
    /// <summary>An application that is not started yet; endpoints mapped on it are the gate's.</summary>
    public static WebApplication Build(SandboxSettings settings, Func<IServiceProvider, IMachineDriver> driver, TimeProvider time, Random random)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Listen(kestrel, settings.Hetzner, Face.Hetzner);
            Listen(kestrel, settings.Cloudflare, Face.Cloudflare);
            Listen(kestrel, settings.Gate, Face.Gate);
            if (settings.Payments is { } payments)
            {
                Listen(kestrel, payments, Face.Payments);
            }
        });

        builder.Services.AddSingleton(settings)
            .AddSingleton(time)
            .AddSingleton(new RandomSource(random))
            .AddSingleton(new Pace(settings.Pace))
            .AddSingleton(Chaos.Rulebook(settings.Chaos))
            .AddSingleton<CallCounters>()
            .AddSingleton(Catalogue.Load())
            .AddSingleton<MachineRoom>()
            .AddSingleton<IInternet, Internet>()
            .AddSingleton(driver)
            .AddSingleton(services => new HetznerBooks(
                new Ledger(Path.Combine(settings.Directory, "hetzner.journal")),
                services.GetRequiredService<Catalogue>(),
                services.GetRequiredService<Pace>(),
                services.GetRequiredService<Rulebook>(),
                services.GetRequiredService<MachineRoom>()))
            .AddSingleton(_ => new CloudflareBooks(
                new Ledger(Path.Combine(settings.Directory, "cloudflare.journal")),
                [new Zone(settings.Zone)]))
            .AddSingleton(services => new HetznerCloud(
                services.GetRequiredService<HetznerBooks>(),
                services.GetRequiredService<Rulebook>(),
                settings.HetznerTokens,
                services.GetRequiredService<RandomSource>()))
            .AddSingleton(services => new CloudflareApi(
                services.GetRequiredService<CloudflareBooks>(),
                services.GetRequiredService<Rulebook>(),
                settings.CloudflareToken,
                services.GetRequiredService<RandomSource>()))
            .AddSingleton(services => new PaymentBooks(
                new Ledger(Path.Combine(settings.Directory, "payments.journal")),
                services.GetRequiredService<RandomSource>()))
            .AddSingleton<PaymentsApi>()
            .AddSingleton<PaymentPage>()
            .AddSingleton<AdminApi>()
            .AddHostedService<Clockwork>();
        if (settings.Payments is not null)
        {
            builder.Services.AddHostedService<WebhookPost>();
        }

        var app = builder.Build();
        MapFaces(app);
        return app;
    }

    /// <summary>Where a started application really listens: with port 0 the system chose.</summary>
    public static Uri AddressOf(WebApplication app, Face face) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt((int)face));

    private static void MapFaces(WebApplication app)
    {
        var (rules, counters, time) = (app.Services.GetRequiredService<Rulebook>(), app.Services.GetRequiredService<CallCounters>(), app.Services.GetRequiredService<TimeProvider>());
        var hetzner = new ProviderPipeline(app.Services.GetRequiredService<HetznerCloud>(), rules, counters, time);
        var cloudflare = new ProviderPipeline(app.Services.GetRequiredService<CloudflareApi>(), rules, counters, time);
        var (payments, page) = (app.Services.GetRequiredService<PaymentsApi>(), app.Services.GetRequiredService<PaymentPage>());
        payments.Address = () => AddressOf(app, Face.Payments);
        var stripe = new ProviderPipeline(payments, rules, counters, time);
        var admin = app.Services.GetRequiredService<AdminApi>();
        app.Use((context, next) => context.Features.Get<ListeningFace>()?.Face switch
        {
            Face.Hetzner or Face.Cloudflare or Face.Payments when context.Request.Path.StartsWithSegments(AdminApi.Root, StringComparison.Ordinal) => admin.RunAsync(context),
            Face.Hetzner => hetzner.RunAsync(context),
            Face.Cloudflare => cloudflare.RunAsync(context),
            Face.Payments when context.Request.Path.StartsWithSegments(PaymentPage.Root, StringComparison.Ordinal) => page.RunAsync(context),
            Face.Payments => stripe.RunAsync(context),
            _ => next(context),
        });
    }

    private static void Listen(KestrelServerOptions kestrel, Uri url, Face face)
    {
        void Mark(ListenOptions options) => options.Use(next => connection =>
        {
            connection.Features.Set(new ListeningFace(face));
            return next(connection);
        });

        // "localhost" is two addresses, which cannot share a port that the system chooses.
        if (url.Host == "localhost" && url.Port != 0)
        {
            kestrel.ListenLocalhost(url.Port, Mark);
        }
        else
        {
            kestrel.Listen(url.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(url.Host.Trim('[', ']')), url.Port, Mark);
        }
    }

    private sealed record ListeningFace(Face Face);
}
