namespace Wopr.Web;

/// <summary>Whether a key makes whoever shows it an operator.</summary>
public interface IOperatorSignIn
{
    Task<bool> VerifyAsync(string key, CancellationToken cancellation);
}
