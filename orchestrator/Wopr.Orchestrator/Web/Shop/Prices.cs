using System.Globalization;

namespace Wopr.Web;

/// <summary>Money as the shop shows it.</summary>
public static class Prices
{
    /// <summary><c>$29.99</c>, or <c>29.99 CHF</c> for a currency without a sign of its own here.</summary>
    public static string Text(int cents, string currency)
    {
        var amount = (cents / 100m).ToString("0.00", CultureInfo.InvariantCulture);
        return currency switch
        {
            "USD" => $"${amount}",
            "EUR" => $"€{amount}",
            "GBP" => $"£{amount}",
            _ => $"{amount} {currency}",
        };
    }

    /// <summary>The lowest price of a bundle, or null when all are agreed in person.</summary>
    public static string? From(ShopBundle bundle, string currency) =>
        bundle.MonthlyCents.Min() is { } lowest ? Text(lowest, currency) : null;
}
