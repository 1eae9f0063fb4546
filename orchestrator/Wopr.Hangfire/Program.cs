using Wopr;
using Wopr.Platform;
using Wopr.Profiles;

// The same service with the same settings; see the core's Program.cs.
var (settings, problems) = new SettingsReader(Environment.GetEnvironmentVariable).Read();
if (settings is null)
{
    foreach (var problem in problems) Console.Error.WriteLine($"CONFIG-001 {problem}");
    return 2;
}
if (args is ["--check-configuration"]) return 0;
return await Service.RunAsync(settings, new HangfireProfile());
