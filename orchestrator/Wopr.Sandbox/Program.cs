using Wopr.Sandbox;
using Wopr.Sandbox.Boot;
using Wopr.Sandbox.Wire;

var (settings, problem) = SandboxSettings.Read(Environment.GetEnvironmentVariable);
if (settings is null)
{
    await Console.Error.WriteLineAsync(problem);
    return 2;
}

// What a server runs on.
var script = ScriptOptions.FromEnvironment(settings.Directory, settings.Pace);
if (settings.Boot is BootDriver.Script && ScriptDriver.WhyNot(script) is { } whyNot)
{
    await Console.Error.WriteLineAsync(whyNot);
    return 2;
}
var lab = LabOptions.FromEnvironment(settings.Directory);
if (settings.Boot is BootDriver.Lab && LabDriver.WhyNot(lab) is { } whyNoLab)
{
    await Console.Error.WriteLineAsync(whyNoLab);
    return 2;
}
using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
Func<IServiceProvider, IMachineDriver> driver = settings.Boot switch
{
    BootDriver.Script => services => new ScriptDriver(script, services.GetRequiredService<ILogger<ScriptDriver>>()),
    BootDriver.Callback => services => new CallbackDriver(client, settings.Pace, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<CallbackDriver>>()),
    BootDriver.Lab => services => new LabDriver(lab, services.GetRequiredService<ILogger<LabDriver>>()),
    _ => _ => new NullDriver(),
};

var seed = settings.Seed ?? Random.Shared.Next(SandboxSettings.LargestSeed);
await using var app = SandboxHost.Build(settings, driver, TimeProvider.System, new Random(seed));
// What the faces of the providers do not take is the gate's.
if (app.Services.GetRequiredService<IMachineDriver>() is IBeaconFace face)
    Gate.Map(app, _ => true, app.Services.GetRequiredService<IInternet>(), face);
try
{
    await app.StartAsync();
}
catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
{
    await Console.Error.WriteLineAsync(failure.Message);
    return 2;
}

Console.WriteLine($"Hetzner Cloud is emulated at {SandboxHost.AddressOf(app, Face.Hetzner)}v1, Cloudflare at {SandboxHost.AddressOf(app, Face.Cloudflare)}client/v4; the books are in {settings.Directory}; WOPR_SANDBOX_SEED={seed}.");
await app.WaitForShutdownAsync();
return 0;
