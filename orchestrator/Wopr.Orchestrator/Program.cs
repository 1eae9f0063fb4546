using Wopr;
using Wopr.Platform;

// Settings come from the environment alone; every problem is one line, before anything is started.
var (settings, problems) = new SettingsReader(Environment.GetEnvironmentVariable).Read();
if (settings is null)
{
    foreach (var problem in problems) Console.Error.WriteLine($"CONFIG-001 {problem}");
    return 2;
}
if (args is ["--check-configuration"]) return 0;
return await Service.RunAsync(settings);
