using Npgsql;
using Wopr.Audit;
using Wopr.Beacons;
using Wopr.Callbacks;
using Wopr.Checkout;
using Wopr.Cloudflare;
using Wopr.CloudInit;
using Wopr.Hetzner;
using Wopr.Incidents;
using Wopr.Installer;
using Wopr.Mail;
using Wopr.Operators;
using Wopr.Operators.Boards;
using Wopr.Operators.SignIn;
using Wopr.Payments;
using Wopr.Platform;
using Wopr.Platform.Crossings;
using Wopr.Platform.OpenApi;
using Wopr.Platform.Trace;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Retention;
using Wopr.Support;
using Wopr.Sweep;
using Wopr.Templating;
using Wopr.Templating.Loading;
using Wopr.Verification;
using Wopr.Web;

namespace Wopr;

/// <summary>The one service: puts the capabilities together, brings the database up to date, and serves until it is told to stop.</summary>
public static partial class Service
{
    /// <summary>The process's exit status: 0 after a stop, 1 when the database does not answer at the start, 2 when it cannot start otherwise, 3 when a part of it failed (it stands in the log).</summary>
    public static async Task<int> RunAsync(Settings settings, IProfile? profile = null)
    {
        // What takes its time and needs nothing of the host begins at once: the house is read, and the database is found.
        var house = new HouseReading();
        var reading = house.ReadAheadAsync();
        var opening = Task.Run(() => Database.Open(settings.Database));
        var connecting = ConnectAsync(opening);
        var builder = NewBuilder(settings);
        AddServices(builder.Services, settings, house);
        builder.Services.AddSingleton(_ => opening.GetAwaiter().GetResult());
        if (profile is not null) builder.Services.AddSingleton(profile);
        profile?.AddServices(builder.Services, settings);
        await using var app = builder.Build();
        // The database is brought up to date while addresses are mapped.
        var preparing = Task.Run(async () =>
        {
            await connecting;
            await app.Services.GetRequiredService<Migrator>().ApplyAsync(House.Migrations, CancellationToken.None);
            await reading;
            await PrepareAsync(app.Services);
            if (profile is not null) await profile.PrepareAsync(app.Services, CancellationToken.None);
        });
        Map(app);
        profile?.Map(app);
        List<IHostedService> parts;
        try
        {
            // What the host starts is made meanwhile, which would stand between the database and the first answer.
            parts = [.. app.Services.GetServices<IHostedService>()];
            await preparing;
        }
        catch (HouseException error)
        {
            foreach (var reason in error.Reasons) await Console.Error.WriteLineAsync(reason);
            return 2;
        }
        catch (Exception error) when (error is MigrationException or NpgsqlException)
        {
            await Console.Error.WriteLineAsync($"{(error is NpgsqlException ? ErrorCodes.DatabaseUnavailable : ErrorCodes.MigrationFailed)} {error.Message}");
            return error is NpgsqlException ? 1 : 2;
        }
        // A part that fails stops the host, which takes that for a stop like any other.
        var failed = false;
        app.Lifetime.ApplicationStopping.Register(() => failed = parts.OfType<BackgroundService>().Any(part => part.ExecuteTask is { IsFaulted: true }));
        await app.RunAsync();
        return failed ? 3 : 0;
    }

    /// <summary>The first connection stays in the pool for whoever comes next.</summary>
    private static async Task ConnectAsync(Task<NpgsqlDataSource> opening)
    {
        await using var first = await (await opening).OpenConnectionAsync();
    }

    private static WebApplicationBuilder NewBuilder(Settings settings)
    {
        // Empty, for settings come from WOPR's own reader and from nowhere else.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.ListenLocalhost(settings.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        });
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
        });
        builder.Logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error).AddFilter("System.Net.Http", LogLevel.Warning).AddFilter("Npgsql", LogLevel.Warning)
            // Nobody reads them, and each request, a live stream all its life, would keep an activity and its ids for them.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        return builder;
    }

    internal static void AddServices(IServiceCollection services, Settings settings, HouseReading house)
    {
        // The ground floor.
        services.AddSingleton(settings);
        services.AddSingleton<TimeProvider>(new SteadyTime(TimeProvider.System, settings.ClockOffset));
        services.AddSingleton<IIdSource, RandomIdSource>();
        services.AddSingleton(_ => Database.Open(settings.Database));
        services.AddSingleton<Migrator>();
        services.AddSingleton<EventHub>();
        services.AddSingleton<WorkBell>();
        services.AddSingleton(_ => WorkQueueOptions.For(NodeName.Current.ToString(), settings.Lease));
        services.AddCrossings(settings);
        services.AddTrace();
        services.AddSingleton<WorkQueue>();
        services.AddSingleton<WorkRun>();
        services.AddHostedService<PostgresListener>();
        services.AddHostedService<Worker>();
        services.AddHostedService<WarmUp>();
        services.ConfigureHttpJsonOptions(json => Json.Configure(json.SerializerOptions));
        services.AddExceptionHandler<RefusalHandler>();
        services.AddProblemDetails();
        services.AddApiDocument();

        // The capabilities.
        services.AddSingleton(_ => house.Shop);
        services.AddSingleton(_ => house.Modules);
        services.AddSingleton(house.Installer);
        services.AddSingleton<InstallerShelf>();
        services.AddSingleton<Locations>();
        services.AddSingleton<Availability>();
        services.AddSingleton<OrderParser>();
        services.AddSingleton<OrderIntake>();
        services.AddSingleton<OrderDesk>();
        services.AddSingleton<CallbackStore>();
        services.AddPayments(settings.Payments);
        services.AddHetzner(settings.Hetzner);
        services.AddCloudflare(new CloudflareOptions(settings.Cloudflare.Endpoint, settings.Cloudflare.Token, settings.Zone));
        services.AddSingleton<ITemplateEngine>(_ => new TemplateEngine(new FolderLoader(House.Templates)));
        services.AddCloudInit();
        services.AddProvisioning();
        services.AddSingleton<BeaconAddresses>();
        services.AddSingleton<BeaconVerifier>();
        services.AddHttpClient(BeaconVerifier.ClientName, client =>
        {
            client.Timeout = TimeSpan.FromSeconds(10);
            client.MaxResponseContentBufferSize = 1024 * 1024;
        }).ConfigurePrimaryHttpMessageHandler(s => s.GetRequiredService<BeaconAddresses>().Handler());
        services.AddSingleton<CustomerTexts>();
        services.AddSingleton<CustomerMails>();
        services.AddSingleton<IWorkHandler, MailDelivery>();
        services.AddSingleton<IWorkHandler, DelayNotices>();
        if (settings.Smtp is null) services.AddSingleton<IPostOffice, FolderPostOffice>();
        else services.AddSingleton<IPostOffice, SmtpPostOffice>();
        services.AddSupport(() => house.Errors);
        services.AddIncidents();
        services.AddSweep();
        services.AddBeacons();
        services.AddAudit();
        services.AddOperators();
        services.AddBoards();
        services.AddRetention();
        services.AddSingleton(new SiteInfo(settings.Sandbox, settings.Zone, settings.Payments?.PageOrigin));
        services.AddSingleton<IShop, Shop>();
        services.AddSingleton<IJobViews, JobViews>();
        services.AddWeb();

        // Who may: refused by default, opened where a capability says so.
        services.AddOperatorSignIn(settings);
        services.AddSupportDesk();
    }

    private static void Map(WebApplication app)
    {
        app.UseProxies(app.Services.GetRequiredService<Settings>());
        app.UseWeb();
        app.UseHealth();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();

        // These know by themselves whom they let in.
        app.MapSupportDesk();
        app.MapJobs();
        app.MapCallbacks();

        // Refused by default: what is mapped here is for operators, unless its capability opens it.
        var doors = app.MapGroup("").RequireAuthorization(OperatorKeys.Policy);
        doors.MapHealth();
        doors.MapCheckout();
        doors.MapPayments();
        doors.MapCachePurge();
        doors.MapInstaller();
        doors.MapSupport();
        doors.MapIncidents();
        doors.MapSweep();
        doors.MapBeacons();
        doors.MapAudit();
        doors.MapOperators();
        doors.MapBoards();
        doors.MapOpenApi().AllowAnonymous();
        doors.MapWeb();
    }

    private static async Task PrepareAsync(IServiceProvider services)
    {
        if (await services.GetRequiredService<OperatorKeys>().EnsureAsync(CancellationToken.None) is { } key)
            // Standard output, not the log: shown once, stored nowhere.
            Console.WriteLine($"Operator key, shown this once: {key}");
        foreach (var work in services.GetServices<IWorkHandler>().OfType<RecurringWork>()) await work.EnsureAsync(CancellationToken.None);
    }
}
