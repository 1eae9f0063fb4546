using System.Text.RegularExpressions;

namespace Wopr.Checkout;

/// <summary>An e-mail address of plain ASCII (RFC 5321 dot-string), at most 254 characters.</summary>
public sealed partial record EmailAddress
{
    private EmailAddress(string value) => Value = value;

    public string Value { get; }

    public static EmailAddress? Parse(string? text)
    {
        var address = text?.Trim() ?? "";
        return address.Length <= 254 && Shape().IsMatch(address) ? new EmailAddress(address) : null;
    }

    /// <summary>Personal data: never printed by accident.</summary>
    public override string ToString() => "(e-mail address)";

    [GeneratedRegex("^(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
