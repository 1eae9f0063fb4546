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
Func<IServiceProvider, IMachineDriver> driver = settings.Boot switch
{
    BootDriver.None => _ => new NullDriver(),
    _ => _ => new NullDriver(),
};

await using var app = SandboxHost.Build(settings, driver, TimeProvider.System, new Random());
try
{
    await app.StartAsync();
}
catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
{
    await Console.Error.WriteLineAsync(failure.Message);
    return 2;
}

Console.WriteLine($"Hetzner Cloud is emulated at {SandboxHost.AddressOf(app, Face.Hetzner)}v1, Cloudflare at {SandboxHost.AddressOf(app, Face.Cloudflare)}client/v4; the books are in {settings.Directory}.");
await app.WaitForShutdownAsync();
return 0;
