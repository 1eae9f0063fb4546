using System.Reflection;
using Wopr.Tests.Support;

namespace Wopr.Bench;

/// <summary>Parts of the Hangfire profile, found where that was built: the core does not know it.</summary>
internal static class HangfireBuild
{
    private static readonly Lazy<Assembly?> Built = new(() =>
    {
        var profile = Repository.PathOf("orchestrator", "Wopr.Hangfire", "bin", "Release", "net10.0", "Wopr.Hangfire.dll");
        return File.Exists(profile) ? Assembly.LoadFrom(profile) : null;
    });

    /// <summary>Null where it was not built.</summary>
    public static T? Make<T>(string type, params object[] arguments) where T : class =>
        Built.Value is { } profile ? (T)Activator.CreateInstance(profile.GetType($"Wopr.Profiles.{type}", throwOnError: true)!, arguments)! : null;
}
