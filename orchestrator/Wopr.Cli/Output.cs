using System.Text.Encodings.Web;
using System.Text.Json;
using Wopr.Cli.Api;

namespace Wopr.Cli;

/// <summary>How commands answer: in words, or with <c>--json</c> as the API answered, problems too.</summary>
internal sealed class Output(bool json)
{
    private static readonly JsonSerializerOptions Indented = new(WoprApi.Json) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public bool IsJson => json;

    /// <summary>Shows what was answered, or says why there is nothing. The answer's own exit status is the caller's.</summary>
    public async Task<int> ShowAsync<T>(Answer<T> answer, Func<T, int> words)
    {
        if (answer.Value is not { } value) return await RefuseAsync(answer.Refusal!);
        if (!json) return words(value);
        Write(answer.Raw);
        return ExitStatus.Well;
    }

    public async Task<int> RefuseAsync(Refusal refusal)
    {
        if (json) Write(new { refusal.Code, refusal.Title, refusal.Detail, Status = (int?)refusal.Status });
        else await Console.Error.WriteLineAsync($"wopr: {refusal}");
        return ExitStatus.NotCarriedOut;
    }

    public static void Write(object value) => Console.WriteLine(JsonSerializer.Serialize(value, Indented));

    /// <summary>One value, one line: for what goes on.</summary>
    public static void WriteLine(object value) => Console.WriteLine(JsonSerializer.Serialize(value, WoprApi.Json));
}
