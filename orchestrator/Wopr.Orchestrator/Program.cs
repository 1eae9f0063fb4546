using Wopr;
using Wopr.Operators.SignIn;
using Wopr.Platform;

if (args is ["--hash-password"]) return HashPassword();

// Settings come from the environment alone; every problem is one line, before anything is started.
var (settings, problems) = new SettingsReader(Environment.GetEnvironmentVariable).Read();
if (settings is null)
{
    foreach (var problem in problems) Console.Error.WriteLine($"CONFIG-001 {problem}");
    return 2;
}
if (args is ["--check-configuration"]) return 0;
return await Service.RunAsync(settings);

// Read from standard input, so that it stands in no list of processes and in no history.
static int HashPassword()
{
    var password = Console.ReadLine();
    if (!Passwords.IsFine(password))
    {
        Console.Error.WriteLine($"CONFIG-001 a password has {Passwords.Shortest} to {Passwords.Longest} characters; it is read from standard input");
        return 2;
    }
    Console.WriteLine(Passwords.Hash(password!));
    return 0;
}
