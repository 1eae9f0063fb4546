using System.Globalization;
using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Hetzner;

public sealed partial class HetznerCloud
{
    private const int LongestUserData = 32768;

    /// <summary>As many servers as one page holds, when each value is one server's; some two thousand characters of address.</summary>
    private const int ValuesPerCall = PageSize;

    public async Task<ProviderResult<CloudServer?>> FindServerAsync(string name, CancellationToken cancellation)
    {
        var answer = await transport.GetAsync("servers.find", $"servers?{Query("name", name)}", HetznerJson.Default.ServersBody, cancellation);
        if (!answer.IsSuccess(out var body, out var failure)) return failure;
        if (body.Items is null) return transport.Unreadable(200, Repeat.Freely);
        var server = body.Items.FirstOrDefault(s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase));
        return ProviderResult<CloudServer?>.Success(server is null ? null : HetznerMapping.Server(server));
    }

    public async Task<ProviderResult<CloudServer?>> GetServerAsync(long id, CancellationToken cancellation)
    {
        var answer = await transport.GetAsync("servers.get", $"servers/{id}", HetznerJson.Default.ServerBody, cancellation);
        if (!answer.IsSuccess(out var body, out var failure)) return IsGone(failure) ? ProviderResult<CloudServer?>.Success(null) : failure;
        return body.Server is { } server ? HetznerMapping.Server(server) : transport.Unreadable(200, Repeat.Freely);
    }

    public async Task<ProviderResult<IReadOnlyList<CloudServer>>> ListServersAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation)
    {
        var answer = await ListAsync<ServersBody, ServerDto>("servers.list", "servers", labels, HetznerJson.Default.ServersBody, s => s.Id, cancellation);
        return answer.IsSuccess(out var servers, out var failure) ? servers.Select(HetznerMapping.Server).ToArray() : failure;
    }

    public async Task<ProviderResult<IReadOnlyList<CloudServer>>> ListServersAsync(string label, IReadOnlyCollection<string> values, CancellationToken cancellation)
    {
        if (values.Select(value => LabelFault(new Dictionary<string, string> { [label] = value })).FirstOrDefault(f => f is not null) is { } fault) return fault;
        var servers = new List<CloudServer>(values.Count);
        foreach (var chunk in values.Distinct(StringComparer.Ordinal).Chunk(ValuesPerCall))
        {
            var query = Query("label_selector", $"{label} in ({string.Join(',', chunk)})");
            var answer = await ListAsync<ServersBody, ServerDto>("servers.list", "servers", query, HetznerJson.Default.ServersBody, s => s.Id, cancellation);
            if (!answer.IsSuccess(out var found, out var failure)) return failure;
            servers.AddRange(found.Select(HetznerMapping.Server));
        }

        return servers;
    }

    public async Task<ProviderResult<CreatedServer>> CreateServerAsync(ServerRequest request, CancellationToken cancellation)
    {
        if (Fault(request) is { } fault) return fault;
        var body = new CreateServerBody(
            request.Name, request.ServerType, request.Location,
            request.ImageId.ToString(CultureInfo.InvariantCulture),
            [.. request.SshKeyIds.Select(id => id.ToString(CultureInfo.InvariantCulture))],
            request.Labels, request.UserData, new PublicNetRequestDto(EnableIpv4: true, EnableIpv6: true), StartAfterCreate: true);

        var answer = await transport.SendAsync(
            HttpMethod.Post, HetznerErrors.CreateServer, "servers", Repeat.OnlyWhenRefused,
            ProviderTransport.Content(body, HetznerJson.Default.CreateServerBody), HetznerJson.Default.CreatedServerBody, cancellation);
        if (!answer.IsSuccess(out var created, out var failure)) return failure;
        if (created is not { Server: { } server, Action: { } action }) return transport.Unreadable(201, Repeat.OnlyWhenRefused);
        return new CreatedServer(HetznerMapping.Server(server), [HetznerMapping.Action(action), .. (created.NextActions ?? []).Select(HetznerMapping.Action)]);
    }

    public async Task<ProviderResult<CloudAction?>> DeleteServerAsync(long id, CancellationToken cancellation)
    {
        var answer = await transport.SendAsync(
            HttpMethod.Delete, "servers.delete", $"servers/{id}", Repeat.Freely, content: null, HetznerJson.Default.ActionBody, cancellation);
        if (!answer.IsSuccess(out var body, out var failure)) return IsGone(failure) ? ProviderResult<CloudAction?>.Success(null) : failure;
        return body.Action is { } action ? HetznerMapping.Action(action) : transport.Unreadable(200, Repeat.Freely);
    }

    public async Task<ProviderResult<CloudServer>> SetServerLabelsAsync(long id, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation)
    {
        if (LabelFault(labels) is { } fault) return fault;
        var answer = await transport.SendAsync(
            HttpMethod.Put, "servers.label", $"servers/{id}", Repeat.Freely,
            ProviderTransport.Content(new LabelsBody(labels), HetznerJson.Default.LabelsBody), HetznerJson.Default.ServerBody, cancellation);
        if (!answer.IsSuccess(out var body, out var failure)) return failure;
        return body.Server is { } server ? HetznerMapping.Server(server) : transport.Unreadable(200, Repeat.Freely);
    }

    /// <summary>What the provider would refuse, and what WOPR refuses itself: a server that nobody could ever sign in to.</summary>
    private ProviderFailure? Fault(ServerRequest request)
    {
        if (LabelFault(request.Labels) is { } label) return label;
        if (!HetznerLabels.IsHostName(request.Name)) return transport.NotSent(ErrorCodes.HetznerRequestRefused, "the server's name is not a host name");
        if (request.SshKeyIds.Count == 0) return transport.NotSent(ErrorCodes.SshKeyNotFound, "no server is created without an SSH key");
        if (request.UserData.Length > LongestUserData || request.UserData.Contains('\0', StringComparison.Ordinal))
            return transport.NotSent(ErrorCodes.UserDataRefused, $"user-data has more than {LongestUserData} characters or is no text");
        return null;
    }
}
