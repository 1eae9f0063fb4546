using System.Text.Json;

namespace Wopr.Provisioning;

/// <summary>Where a job stands. The order of the words is the order of the way.</summary>
public enum JobState
{
    Pending,
    PaymentReceived,
    ProvisioningVps,
    ConfiguringDns,
    WaitingForVps,
    DeployingWopr,
    Verifying,
    GeneratingDocs,
    SendingWelcome,
    Completed,
    Failed,
    RollingBack,
    RolledBack,
    Cancelled,
}

public static class JobStates
{
    private static readonly Dictionary<string, JobState> ByWord = Enum.GetValues<JobState>().ToDictionary(Word, StringComparer.Ordinal);

    /// <summary>The word used in the database, in the API and in documents: <c>waiting_for_vps</c>.</summary>
    public static string Word(this JobState state) => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());

    public static JobState Parse(string word) => ByWord[word];

    public static bool TryParse(string? word, out JobState state)
    {
        state = default;
        return word is not null && ByWord.TryGetValue(word, out state);
    }

    /// <summary>Nothing moves the job on any more, except an operator. <see cref="JobState.Failed"/> is not over: it is resumed or rolled back.</summary>
    public static bool IsOver(this JobState state) => state is JobState.Completed || state.IsGone();

    /// <summary>Everything of the job has been removed and proved gone.</summary>
    public static bool IsGone(this JobState state) => state is JobState.RolledBack or JobState.Cancelled;

    /// <summary>Everything of the job is being removed, or is gone.</summary>
    public static bool IsGoingDown(this JobState state) => state is JobState.RollingBack || state.IsGone();

    /// <summary>
    /// The beacon has nothing to report any more: its token is dead. A failed job still listens, because it may be
    /// resumed, and a beacon that is told once that all is over stays silent for ever.
    /// </summary>
    public static bool RefusesCallbacks(this JobState state) => state.IsOver() || state is JobState.RollingBack;
}
