using System.Globalization;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner;

/// <summary>What every resource of a project has.</summary>
public interface IResource
{
    long Id { get; }

    string Project { get; }

    string Name { get; }

    DateTimeOffset Created { get; }

    IReadOnlyDictionary<string, string> Labels { get; }
}

/// <summary>Filters, order and pages, the same for every list.</summary>
internal static class Listing
{
    /// <summary>One page of a project's resources by <c>name</c>, <c>label_selector</c> and <c>sort</c>.</summary>
    public static Answer Resources<T>(Call call, string plural, IEnumerable<T> rows, Func<T, object> view)
        where T : IResource
    {
        var selector = LabelSelector.Parse(call.Asked("label_selector") ?? "");
        if (selector is null)
        {
            return Refusals.InvalidField("label_selector", "is not a valid label selector");
        }

        var name = call.Asked("name");
        var mine = rows.Where(row => row.Project == call.Account && (name is null || row.Name == name) && selector.Matches(row.Labels));
        return Sort(call, mine, SortKey<T>) is { } sorted
            ? Page(call, plural, sorted, view)
            : Refusals.InvalidField("sort", "is not a valid sort order");
    }

    /// <summary>One page: <c>page</c> from 1, <c>per_page</c> 25 unless told, never more than 50.</summary>
    public static Answer Page<T>(Call call, string plural, IReadOnlyList<T> rows, Func<T, object> view)
    {
        if (!TryPositive(call.Asked("page"), 1, out var page) || !TryPositive(call.Asked("per_page"), 25, out var perPage))
        {
            return Refusals.InvalidField(TryPositive(call.Asked("page"), 1, out _) ? "per_page" : "page", "must be a positive integer");
        }

        perPage = Math.Min(perPage, 50);
        var last = Math.Max(1, (rows.Count + perPage - 1) / perPage);
        return new Answer(200, new Dictionary<string, object>(StringComparer.Ordinal)
        {
            [plural] = rows.Skip((int)Math.Min((page - 1L) * perPage, int.MaxValue)).Take(perPage).Select(view),
            ["meta"] = new
            {
                pagination = new
                {
                    page,
                    per_page = perPage,
                    previous_page = page > 1 ? page - 1 : (int?)null,
                    next_page = page < last ? page + 1 : (int?)null,
                    last_page = last,
                    total_entries = rows.Count,
                },
            },
        });
    }

    /// <summary>Null when a sort order is not known.</summary>
    public static IReadOnlyList<T>? Sort<T>(Call call, IEnumerable<T> rows, Func<string, Func<T, IComparable>?> keys)
    {
        // The first order given matters most: a stable sort by each, from the last to the first.
        foreach (var order in call.AskedAll("sort").SelectMany(value => value.Split(',')).Reverse())
        {
            var parts = order.Split(':');
            if (parts.Length > 2 || keys(parts[0]) is not { } key || (parts.Length == 2 && parts[1] is not "asc" and not "desc"))
            {
                return null;
            }

            rows = parts is [_, "desc"] ? rows.OrderByDescending(key, Comparer) : rows.OrderBy(key, Comparer);
        }

        return [.. rows];
    }

    private static readonly Comparer<IComparable> Comparer = Comparer<IComparable>.Create((one, other) =>
        one is string text ? string.CompareOrdinal(text, (string)other) : one.CompareTo(other));

    private static Func<T, IComparable>? SortKey<T>(string name)
        where T : IResource => name switch
        {
            "id" => row => row.Id,
            "name" => row => row.Name,
            "created" => row => row.Created,
            _ => null,
        };

    private static bool TryPositive(string? text, int otherwise, out int value)
    {
        value = otherwise;
        return text is null || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0);
    }
}
