using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Wopr.Templating.Loading;

/// <summary>
/// Templates in a folder, by their path below it. It reads nothing outside: a name with <c>..</c>, an absolute name
/// and a symbolic link are all refused.
/// </summary>
public sealed class FolderLoader(string folder) : IIncludeLoader
{
    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _folder = Path.GetFullPath(folder);

    /// <inheritdoc/>
    public bool TryLoad(string name, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? problem)
    {
        text = null;
        problem = WhyRefused(name);
        if (problem is not null)
            return false;

        try
        {
            text = _strictUtf8.GetString(File.ReadAllBytes(Path.Combine(_folder, name)));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = "there is no such template";
        }
        catch (DecoderFallbackException)
        {
            problem = "the file is not UTF-8";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = $"the file cannot be read ({exception.GetType().Name})";
        }

        return text is not null;
    }

    private string? WhyRefused(string name)
    {
        var path = _folder;
        foreach (var part in name.Split('/'))
        {
            if (!IsPlain(part))
                return "a template is named by a plain path below its folder: no `..`, no empty part, only letters, digits and ._-";

            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
                return "a symbolic link is not followed";
        }

        return null;
    }

    private static bool IsPlain(string part) =>
        part.Length > 0
        && part is not ("." or "..")
        && part.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');
}
