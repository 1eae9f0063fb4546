using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Text;

namespace Wopr.Templating.Values;

/// <summary>An object whose public properties are its members, under Scriban's names for them: <c>BeaconName</c> is <c>beacon_name</c>.</summary>
internal sealed class ReflectedValue(object target) : ObjectValue
{
    private static readonly ConcurrentDictionary<Type, FrozenDictionary<string, PropertyInfo>> _properties = new();

    private readonly FrozenDictionary<string, PropertyInfo> _members = _properties.GetOrAdd(target.GetType(), Read);

    public override IEnumerable<string> Names => _members.Keys;

    /// <summary>Types of the runtime itself (dates, ids, tuples, tasks) are no models: how they print is not theirs to say.</summary>
    public static bool Accepts(Type type) =>
        !type.IsEnum
        && !type.IsPointer
        && !typeof(Delegate).IsAssignableFrom(type)
        && !(type.Namespace is { } name && (name == "System" || name.StartsWith("System.", StringComparison.Ordinal)));

    /// <summary>
    /// A capital becomes a small letter, with <c>_</c> before it unless it follows another capital or comes first:
    /// <c>CallbackUrl</c> is <c>callback_url</c>, <c>CallbackURL</c> as well.
    /// </summary>
    public static string NameOf(string property)
    {
        var name = new StringBuilder(property.Length + 4);
        var afterCapital = true;
        foreach (var letter in property)
        {
            if (char.IsUpper(letter) && !afterCapital)
                name.Append('_');

            name.Append(char.ToLowerInvariant(letter));
            afterCapital = char.IsUpper(letter);
        }

        return name.ToString();
    }

    protected override bool TryGetRaw(string name, out object? raw)
    {
        var found = _members.TryGetValue(name, out var property);
        raw = property?.GetValue(target);
        return found;
    }

    private static FrozenDictionary<string, PropertyInfo> Read(Type type)
    {
        var members = new Dictionary<string, PropertyInfo>(StringComparer.Ordinal);
        for (var declaring = type; declaring is not null && declaring != typeof(object); declaring = declaring.BaseType)
        {
            foreach (var property in declaring.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
            {
                if (property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0)
                    members.TryAdd(NameOf(property.Name), property);
            }
        }

        return members.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
