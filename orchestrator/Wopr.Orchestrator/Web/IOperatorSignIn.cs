namespace Wopr.Web;

/// <summary>Whether a key makes whoever shows it an operator, and which one.</summary>
public interface IOperatorSignIn
{
    /// <summary>The name of the key, by which its operator stands in the audit log; null when it is no operator's.</summary>
    Task<string?> NameAsync(string key, CancellationToken cancellation);
}
