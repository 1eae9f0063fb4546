using System.Text.Json;
using Wopr.Audit;
using Wopr.Operators.SignIn;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Operators;

/// <summary>What an operator can do to a job.</summary>
public enum Verb
{
    /// <summary>Stops a job that is under way or failed; everything of it is removed.</summary>
    Cancel,

    /// <summary>Takes a failed job up again where it failed, or with a new server.</summary>
    Resume,

    /// <summary>Runs the step of a job that is on its way now instead of when its wait is over.</summary>
    RetryStep,

    /// <summary>Takes a completed beacon, or what is left of a failed job, down for good.</summary>
    Decommission,

    /// <summary>Gives the beacon's reports another token.</summary>
    RotateToken,

    /// <summary>Sends the job's last mail once more.</summary>
    ResendMail,
}

public static class Verbs
{
    private static readonly Dictionary<string, Verb> ByWord = Enum.GetValues<Verb>().ToDictionary(Word, StringComparer.Ordinal);

    /// <summary>The word in addresses, in the audit log and in documents: <c>rotate-token</c>.</summary>
    public static string Word(this Verb verb) => JsonNamingPolicy.KebabCaseLower.ConvertName(verb.ToString());

    /// <summary>Whom it is for. What takes away what a customer has on a finished beacon is for few.</summary>
    public static OperatorRole Needs(this Verb verb) => verb == Verb.Decommission ? OperatorRole.Admin : OperatorRole.Operator;

    public static bool TryParse(string? word, out Verb verb)
    {
        verb = default;
        return word is not null && ByWord.TryGetValue(word, out verb);
    }
}

/// <param name="Reason">Why, for the audit log; 1 to <see cref="LongestReason"/> characters.</param>
/// <param name="From">Where <see cref="Verb.Resume"/> begins; null leaves it to WOPR.</param>
public sealed record VerbRequest(Verb Verb, JobId Job, Actor Who, string Reason, JobState? From = null)
{
    public const int LongestReason = 500;
}

/// <summary>What came of a verb. A repeated one changes nothing and says so.</summary>
public abstract record VerbOutcome
{
    /// <param name="Token">The new callback token, shown this once; null for every other verb.</param>
    public sealed record Done(string Detail, string? Token = null) : VerbOutcome
    {
        /// <summary>A secret is never printed by accident.</summary>
        public override string ToString() => Detail;
    }

    /// <summary>It had been done before, or the job is on its way there by itself.</summary>
    public sealed record Already(string Detail) : VerbOutcome;

    public sealed record Refused(int Status, ErrorCode Code, string Detail) : VerbOutcome;

    internal static VerbOutcome DoesNotApply(string detail) => new Refused(StatusCodes.Status409Conflict, ErrorCodes.VerbDoesNotApply, detail);

    internal static readonly VerbOutcome NoSuchJob = new Refused(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no job with this id.");
}
