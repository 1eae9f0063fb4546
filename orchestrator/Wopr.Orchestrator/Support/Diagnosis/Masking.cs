using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Wopr.Support.Diagnosis;

/// <summary>
/// Takes secrets and personal data out of text before it is matched, stored or handed on. Masked are: values of fields
/// that are named like a secret, keys and tokens by their shape, private keys, passwords in addresses, e-mail addresses,
/// payment cards, bank accounts, telephone numbers, and public IP addresses (a beacon's address leads to its owner).
/// Kept are private, loopback and link-local addresses, for they say what is wrong and lead to nobody; ids of jobs; and
/// names of beacons, without which no operator could act. A name in running text cannot be told from other words.
/// </summary>
public static partial class Masking
{
    private const string KeyBegin = "-----BEGIN ";
    private const string KeyEnd = "-----END ";

    /// <summary>Line by line, a private key as a whole. A line on which a pattern takes too long is masked altogether.</summary>
    public static string Apply(string text)
    {
        var lines = text.Split('\n');
        var inKey = false;
        for (var i = 0; i < lines.Length; i++)
        {
            var begins = lines[i].Contains(KeyBegin, StringComparison.Ordinal) && lines[i].Contains("PRIVATE KEY", StringComparison.Ordinal);
            var masked = inKey || begins;
            inKey = masked && !lines[i].Contains(KeyEnd, StringComparison.Ordinal);
            lines[i] = masked ? "[masked:private-key]" : Line(lines[i]);
        }
        return string.Join('\n', lines);
    }

    private static string Line(string text)
    {
        try
        {
            text = Credentials().Replace(text, "${scheme}[masked:password]@");
            text = Header().Replace(text, "${name}[masked:token]");
            text = Field().Replace(text, m => IsPlaceholder(m.Groups["value"].Value) ? m.Value : $"{m.Groups["name"].Value}{m.Groups["open"].Value}[masked:secret]");
            text = KnownShape().Replace(text, "[masked:token]");
            text = LongToken().Replace(text, m => IsDigest(text, m) ? m.Value : "[masked:token]");
            text = Email().Replace(text, "[masked:email]");
            text = Iban().Replace(text, "[masked:account]");
            text = Digits().Replace(text, m => IsCard(m.Value) ? "[masked:card]" : m.Value);
            text = Phone().Replace(text, "[masked:phone]");
            text = Ipv4().Replace(text, m => IsPublic(m.Value) ? "[masked:ip]" : m.Value);
            return Ipv6().Replace(text, m => IsPublic(m.Value) ? "[masked:ip]" : m.Value);
        }
        catch (RegexMatchTimeoutException)
        {
            return "[masked:line]";
        }
    }

    /// <summary>What a program shows in place of a value is no secret, and masking twice changes nothing.</summary>
    private static bool IsPlaceholder(string value) =>
        value.StartsWith("[masked", StringComparison.Ordinal) || value is "null" or "none" or "true" or "false" or "None" or "required" or "missing" or "invalid" or "is";

    /// <summary>Checksums look like tokens; those that are named as such, or stand in the installer's address, are kept.</summary>
    private static bool IsDigest(string text, Match match)
    {
        var before = text[Math.Max(0, match.Index - 24)..match.Index];
        return DigestBefore().IsMatch(before);
    }

    private static bool IsCard(string text)
    {
        var sum = 0;
        var digits = text.Where(char.IsAsciiDigit).Select(c => c - '0').Reverse().ToList();
        if (digits.Count is < 13 or > 19) return false;
        foreach (var (position, digit) in digits.Index())
        {
            var value = position % 2 == 1 ? digit * 2 : digit;
            sum += value > 9 ? value - 9 : value;
        }
        return sum % 10 == 0 && digits.Distinct().Count() > 1;
    }

    private static bool IsPublic(string text)
    {
        if (!IPAddress.TryParse(text, out var address)) return false;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? bytes switch
            {
                [0 or 10 or 127 or >= 224, ..] or [192, 168, ..] or [169, 254, ..] => false,
                [172, >= 16 and < 32, ..] or [100, >= 64 and < 128, ..] => false,
                _ => true,
            }
            : bytes[0] is >= 0x20 and < 0x40;
    }

    [GeneratedRegex(@"(?<scheme>\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@""']{0,80}:)[^\s@/""']{1,200}@", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Credentials();

    [GeneratedRegex(@"(?<name>\b(authorization|proxy-authorization|x-callback-token|x-auth-token|x-api-key|cookie|set-cookie)[""']?\s{0,3}[:=]\s{0,3}[""']?((bearer|basic|token)\s{1,3})?)(?!\[masked|(bearer|basic|token)\s+\[masked)[^\s""',;\\][^\r\n""',;\\]{3,}", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Header();

    [GeneratedRegex(@"(?<name>[\w.-]{0,40}(passwor[dt]|passwd|passphrase|pwd|secret|token|api_?key|apikey|access_?key|private_?key|credential|client_?secret|otp|pin_?code)[\w-]{0,20}[""']?)(?<open>(\s{0,3}(:=|=>|=|:)\s{0,3}|\s{1,3}is\s{1,3})[""']?)(?<value>(?=[^\s""',;]*[0-9A-Z!$%/+_-])[^\s""',;}\])]{4,})", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Field();

    [GeneratedRegex(@"\b(wopr_(op|sup)_[A-Za-z0-9_-]{8,}|(sk|rk|pk)_(live|test)_[A-Za-z0-9]{6,}|whsec_[A-Za-z0-9+/=]{6,}|gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|glpat-[\w-]{12,}|xox[abpr]-[\w-]{10,}|AKIA[0-9A-Z]{12,}|AIza[\w-]{30,}|sk-[A-Za-z0-9_-]{16,}|eyJ[\w-]{8,}\.[\w-]{8,}(\.[\w-]*)?|npm_[A-Za-z0-9]{20,}|\$(2[aby]|argon2id|6|5|1)\$[^\s""']{10,})", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex KnownShape();

    [GeneratedRegex(@"(?<![\w/+=.-])(?=[A-Za-z0-9_+/-]{0,80}[0-9])(?=[A-Za-z0-9_+/-]{0,80}[A-Za-z])([0-9a-fA-F]{40,}|[A-Za-z0-9_-]{40,}|[A-Za-z0-9+/]{40,}={0,2})(?![\w/])", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex LongToken();

    [GeneratedRegex(@"(sha-?(1|256|384|512)(sum)?["":= -]{1,4}|sha256:|commit |/installer/|@sha256:)$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex DigestBefore();

    [GeneratedRegex(@"(?<![\w.+-])[\w.+%-]{1,64}(@|%40)(?!sha256:)([a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Email();

    [GeneratedRegex(@"\b[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{4}){3,7}( ?[A-Z0-9]{1,3})?\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Iban();

    [GeneratedRegex(@"(?<![\w.-])[0-9]([ -]?[0-9]){12,18}(?![\w.-])", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Digits();

    [GeneratedRegex(@"(?<![\w+])(\+|00)[1-9][0-9]{0,2}[ (/-]{0,2}[0-9]{2,5}[) /-]{0,2}[0-9]{2,4}([ /-]?[0-9]{2,4}){1,3}(?![\w:])", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Phone();

    [GeneratedRegex(@"(?<![\w.])([0-9]{1,3}\.){3}[0-9]{1,3}(?![\w]|\.[0-9])", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Ipv4();

    [GeneratedRegex(@"(?<![\w:])([0-9a-f]{1,4}:){2,7}(:?[0-9a-f]{1,4}|:)(:[0-9a-f]{1,4})*(?![\w:])", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Ipv6();
}
