using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;

namespace Wopr.Hetzner;

public sealed partial class HetznerCloud
{
    public async Task<ProviderResult<IReadOnlyList<CloudSshKey>>> ListSshKeysAsync(CancellationToken cancellation)
    {
        var answer = await ListAsync<SshKeysBody, SshKeyDto>("ssh_keys.list", "ssh_keys", "", HetznerJson.Default.SshKeysBody, k => k.Id, cancellation);
        return answer.IsSuccess(out var keys, out var failure) ? keys.Select(HetznerMapping.SshKey).ToArray() : failure;
    }

    public async Task<ProviderResult<CloudSshKey>> CreateSshKeyAsync(string name, string publicKey, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation)
    {
        if (LabelFault(labels) is { } fault) return fault;
        var answer = await transport.SendAsync(
            HttpMethod.Post, "ssh_keys.create", "ssh_keys", Repeat.OnlyWhenRefused,
            ProviderTransport.Content(new CreateSshKeyBody(name, publicKey, labels), HetznerJson.Default.CreateSshKeyBody), HetznerJson.Default.SshKeyBody, cancellation);
        if (!answer.IsSuccess(out var body, out var failure)) return failure;
        return body.SshKey is { } key ? HetznerMapping.SshKey(key) : transport.Unreadable(201, Repeat.OnlyWhenRefused);
    }

    public Task<ProviderResult<bool>> DeleteSshKeyAsync(long id, CancellationToken cancellation) =>
        DeleteAsync("ssh_keys.delete", $"ssh_keys/{id}", cancellation);
}
