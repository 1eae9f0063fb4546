namespace Wopr.Tests.Support;

/// <summary>A fact that reads <c>../shared</c>: skipped, with the reason, where that is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedFactAttribute : FactAttribute
{
    /// <param name="path">What the test reads, below <c>../shared</c>; empty for the folder itself.</param>
    public SharedFactAttribute(string path = "")
    {
        Path = path;
        Skip = SharedFolder.WhyMissing(path);
    }

    /// <summary>What the test reads, below <c>../shared</c>.</summary>
    public string Path { get; }
}

/// <summary>A theory that reads <c>../shared</c>: skipped, with the reason, where that is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedTheoryAttribute : TheoryAttribute
{
    /// <param name="path">What the test reads, below <c>../shared</c>; empty for the folder itself.</param>
    public SharedTheoryAttribute(string path = "")
    {
        Path = path;
        Skip = SharedFolder.WhyMissing(path);
    }

    /// <summary>What the test reads, below <c>../shared</c>.</summary>
    public string Path { get; }
}

internal static class SharedFolder
{
    public static string? WhyMissing(string path) =>
        System.IO.Path.Exists(System.IO.Path.Combine(Repository.Shared, path))
            ? null
            : $"../shared/{path} is not beside this repository";
}
