namespace Wopr.Tests.Support;

/// <summary>Where the sources of this repository lie on this machine.</summary>
public static class Repository
{
    /// <summary>The folder that holds Wopr.sln, found upwards from the test's own binaries.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>
    /// The folder <c>shared</c> beside the repository. Not every clone has it:
    /// a test that reads it is a <see cref="SharedFactAttribute"/>.
    /// </summary>
    public static string Shared { get; } = Path.GetFullPath(Path.Combine(Root, "..", "shared"));

    /// <summary>The full path of something in the repository.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Wopr.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"There is no Wopr.sln above {AppContext.BaseDirectory}.");
    }
}
