using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;

namespace Wopr.Hetzner;

public sealed partial class HetznerCloud
{
    public Task<ProviderResult<CloudAction>> RebootServerAsync(long id, CancellationToken cancellation) => ServerActionAsync("servers.reboot", id, "reboot", null, cancellation);

    public Task<ProviderResult<CloudAction>> PowerOnServerAsync(long id, CancellationToken cancellation) => ServerActionAsync("servers.poweron", id, "poweron", null, cancellation);

    public async Task<ProviderResult<CloudAction>> SnapshotServerAsync(long id, string description, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation)
    {
        if (LabelFault(labels) is { } fault) return fault;
        var body = ProviderTransport.Content(new CreateImageBody("snapshot", description, labels), HetznerJson.Default.CreateImageBody);
        return await ServerActionAsync("servers.create_image", id, "create_image", body, cancellation);
    }

    /// <summary>Never repeated blindly: twice is two restarts, or two images.</summary>
    private async Task<ProviderResult<CloudAction>> ServerActionAsync(string call, long id, string command, HttpContent? content, CancellationToken cancellation)
    {
        var answer = await transport.SendAsync(HttpMethod.Post, call, $"servers/{id}/actions/{command}", Repeat.OnlyWhenRefused, content, HetznerJson.Default.ActionBody, cancellation);
        if (!answer.IsSuccess(out var body, out var failure)) return failure;
        return body?.Action is { } action ? HetznerMapping.Action(action) : transport.Unreadable(201, Repeat.OnlyWhenRefused);
    }
}
