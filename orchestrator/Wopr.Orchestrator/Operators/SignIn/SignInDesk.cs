using System.Net;
using Wopr.Audit;

namespace Wopr.Operators.SignIn;

/// <summary>What came of somebody's try to sign in.</summary>
public abstract record SignInOutcome
{
    public sealed record Welcome(OperatorIdentity Who) : SignInOutcome;

    public sealed record Refused : SignInOutcome;

    /// <param name="Wait">How long nothing is looked at.</param>
    public sealed record TooOften(TimeSpan Wait) : SignInOutcome;
}

/// <summary>Lets operators in, by password or by key.</summary>
public interface ISignInDesk
{
    Task<SignInOutcome> WithPasswordAsync(string name, string password, IPAddress? address, CancellationToken cancellation);

    Task<SignInOutcome> WithKeyAsync(string key, IPAddress? address, CancellationToken cancellation);

    /// <summary>Whether what a session began with still holds: the key is live, the account unchanged.</summary>
    Task<bool> StillHoldsAsync(OperatorIdentity who, CancellationToken cancellation);
}

public sealed partial class SignInDesk(OperatorAccounts accounts, OperatorKeys keys, SignInLimit limit, AuditLog audit, ILogger<SignInDesk> logger) : ISignInDesk
{
    // All keys share one count, apart from that of the address: a key cannot be guessed anyway.
    private const string KeyName = "operator key";

    public async Task<SignInOutcome> WithPasswordAsync(string name, string password, IPAddress? address, CancellationToken cancellation)
    {
        if (await limit.CountAsync(address, name, cancellation) is { } wait) return TooOften(wait);
        var account = await accounts.FindAsync(name, cancellation);
        return Passwords.Fits(password, account?.Password) ? await WelcomeAsync(OperatorIdentity.OfAccount(account!), name, cancellation) : Refused();
    }

    public async Task<SignInOutcome> WithKeyAsync(string key, IPAddress? address, CancellationToken cancellation)
    {
        var name = $"{KeyName} {address}";
        if (await limit.CountAsync(address, name, cancellation) is { } wait) return TooOften(wait);
        return await keys.FindAsync(key, cancellation) is { } known ? await WelcomeAsync(OperatorIdentity.OfKey(known), name, cancellation) : Refused();
    }

    public async Task<bool> StillHoldsAsync(OperatorIdentity who, CancellationToken cancellation) => who.Source switch
    {
        SignInSource.Key => await keys.IsLiveAsync(who.Name, who.Proof, cancellation),
        SignInSource.Account => await accounts.FindAsync(who.Name, cancellation) is { } account && account.Stamp == who.Proof,
        _ => true,
    };

    private async Task<SignInOutcome> WelcomeAsync(OperatorIdentity who, string counted, CancellationToken cancellation)
    {
        await limit.ForgetAsync(counted, cancellation);
        await audit.AppendAsync(new AuditEntry(Actor.Operator(who.Name), "sign-in", null, AuditEntry.NoReason, AuditOutcome.Done, Detail: who.Role.Word()), cancellation);
        return new SignInOutcome.Welcome(who);
    }

    private SignInOutcome.Refused Refused()
    {
        SignInRefused(logger);
        return new SignInOutcome.Refused();
    }

    private SignInOutcome.TooOften TooOften(TimeSpan wait)
    {
        SignInTooOften(logger, wait);
        return new SignInOutcome.TooOften(wait);
    }

    [LoggerMessage(2801, LogLevel.Warning, "AUTH-002 somebody tried to sign in and was refused")]
    private static partial void SignInRefused(ILogger logger);

    [LoggerMessage(2802, LogLevel.Warning, "AUTH-004 somebody tries to sign in too often; not looked at for {Wait}")]
    private static partial void SignInTooOften(ILogger logger, TimeSpan wait);
}
