using System.Text.Json;

namespace Wopr.Provisioning;

public static class BeaconStages
{
    private static readonly Dictionary<string, BeaconStage> ByWord = Enum.GetValues<BeaconStage>().ToDictionary(Word, StringComparer.Ordinal);

    /// <summary>The word that the beacon sends: <c>wopr_download</c>.</summary>
    public static string Word(this BeaconStage stage) => JsonNamingPolicy.SnakeCaseLower.ConvertName(stage.ToString());

    public static BeaconStage Parse(string word) => ByWord[word];

    public static bool TryParse(string? word, out BeaconStage stage)
    {
        stage = default;
        return word is not null && ByWord.TryGetValue(word, out stage);
    }

    /// <summary>How long a beacon may say nothing while it is in this stage; after that it is CALLBACK-003.</summary>
    public static TimeSpan LongestSilence(this BeaconStage stage) => stage switch
    {
        BeaconStage.Boot => TimeSpan.FromMinutes(15),          // Debian packages come from a mirror that may be slow
        BeaconStage.Packages => TimeSpan.FromMinutes(5),
        BeaconStage.WoprDownload => TimeSpan.FromMinutes(10),
        BeaconStage.CoreModules => TimeSpan.FromMinutes(15),   // the largest image is pulled and started in silence
        BeaconStage.AppModules => TimeSpan.FromMinutes(20),
        _ => TimeSpan.FromMinutes(5),
    };
}
