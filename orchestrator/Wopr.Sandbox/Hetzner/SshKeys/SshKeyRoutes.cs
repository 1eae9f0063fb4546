using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.SshKeys;

/// <summary>/ssh_keys. Names and keys are unique in a project.</summary>
internal sealed class SshKeyRoutes(HetznerBooks books)
{
    public void Map(RouteTable routes)
    {
        routes.Map("GET", "/ssh_keys", call => Listing.Resources(
            call,
            "ssh_keys",
            books.SshKeys.All.Where(key => call.Asked("fingerprint") is not { } fingerprint || key.Fingerprint == fingerprint),
            key => key.View()));
        routes.Map("POST", "/ssh_keys", Create);
        routes.Map("GET", "/ssh_keys/{id}", call => Find(call) is { } key ? new(200, new { ssh_key = key.View() }) : Missing(call));
        routes.Map("PUT", "/ssh_keys/{id}", Update);
        routes.Map("DELETE", "/ssh_keys/{id}", Delete);
    }

    private Answer Create(Call call)
    {
        var fields = new Fields(call.Body);
        var (name, publicKey, labels) = (fields.Name(required: true), fields.Text("public_key", required: true)?.Trim(), fields.Labels());
        var fingerprint = publicKey is null ? null : FingerprintOf(publicKey);
        if (publicKey is not null && fingerprint is null)
        {
            fields.Refuse("public_key", "is not a valid SSH public key");
        }

        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        var mine = books.SshKeys.All.Where(key => key.Project == call.Account).ToList();
        if (mine.Exists(key => key.Fingerprint == fingerprint))
        {
            return Refusals.NotUnique("SSH key with the same fingerprint already exists", "public_key");
        }

        if (mine.Exists(key => key.Name == name))
        {
            return Refusals.NotUnique("SSH key name is already used", "name");
        }

        var key = new SshKey(books.NextId(), call.Account, name!, call.Now, publicKey!, fingerprint!, labels ?? Labels.None);
        books.SshKeys.Put(key);
        return new(201, new { ssh_key = key.View() });
    }

    private Answer Update(Call call)
    {
        if (Find(call) is not { } key)
        {
            return Missing(call);
        }

        var fields = new Fields(call.Body);
        var (name, labels) = (fields.Name(required: false), fields.Labels());
        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        if (books.SshKeys.All.Any(other => other.Project == call.Account && other.Name == name && other.Id != key.Id))
        {
            return Refusals.NotUnique("SSH key name is already used", "name");
        }

        key = key with { Name = name ?? key.Name, Labels = labels ?? key.Labels };
        books.SshKeys.Put(key);
        return new(200, new { ssh_key = key.View() });
    }

    private Answer Delete(Call call)
    {
        if (Find(call) is not { } key)
        {
            return Missing(call);
        }

        books.SshKeys.Remove(key.Id);
        return new(204, null);
    }

    /// <summary>The MD5 of the key's bytes, as the provider shows it; null when the line is no public key.</summary>
    internal static string? FingerprintOf(string publicKey)
    {
        var parts = publicKey.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var bytes = new byte[publicKey.Length];
        if (parts.Length < 2 || !Convert.TryFromBase64String(parts[1], bytes, out var length) || length < 4)
        {
            return null;
        }

        // The blob begins with its own algorithm, which must be the one before it on the line.
        var named = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(bytes), int.MaxValue);
        if (named > length - 4 || Encoding.ASCII.GetString(bytes, 4, named) != parts[0])
        {
            return null;
        }

#pragma warning disable CA5351 // The provider's fingerprints are MD5; nothing is protected by it.
        return string.Join(':', MD5.HashData(bytes.AsSpan(0, length)).Select(part => part.ToString("x2")));
#pragma warning restore CA5351
    }

    private SshKey? Find(Call call) => books.SshKeys.Find(call.Id()) is { } key && key.Project == call.Account ? key : null;

    private static Answer Missing(Call call) => Refusals.NotFound("SSH key", call.Id());
}
