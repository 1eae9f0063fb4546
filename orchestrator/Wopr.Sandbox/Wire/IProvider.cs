namespace Wopr.Sandbox.Wire;

/// <summary>What the emulators have in common, as the pipeline in front of them sees it.</summary>
public interface IProvider
{
    /// <summary><c>hetzner</c>, <c>cloudflare</c> or <c>stripe</c>: the word of rules and counters.</summary>
    string Name { get; }

    /// <summary>The first part of every path: <c>/v1</c>.</summary>
    string Root { get; }

    RouteTable Routes { get; }

    /// <summary>True when bodies are forms; else they are JSON.</summary>
    bool TakesForms => false;

    /// <summary>Whose token this is, or the refusal.</summary>
    (string? Account, Answer? Refusal) Authenticate(IHeaderDictionary headers, string path);

    /// <summary>Takes one call off the account's budget. The headers go out with the answer; the refusal is null while there is budget left.</summary>
    (Answer? Refusal, IReadOnlyDictionary<string, string> Headers) Spend(string account, DateTimeOffset now);

    /// <summary>The answer, serialised while nothing can change and after the books are on disk.</summary>
    (Answer Answer, byte[] Bytes) Handle(Handler handler, Call call);

    Answer UnknownPath(string path);

    Answer WrongMethod();

    Answer BadJson();

    /// <summary>The provider's usual body for a status, for scripted misbehaviour.</summary>
    Answer Usual(int status, string? code, string? message);

    /// <summary>Headers on every answer.</summary>
    IReadOnlyDictionary<string, string> EveryAnswer();
}
