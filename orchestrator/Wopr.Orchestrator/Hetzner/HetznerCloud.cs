using System.Text.Json.Serialization.Metadata;
using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Hetzner;

/// <summary>One project at Hetzner Cloud. One file a resource; this one holds what they share.</summary>
public sealed partial class HetznerCloud : ICloud, IProviderAccess
{
    /// <summary>The provider's largest page.</summary>
    private const int PageSize = 50;

    /// <summary>No list of ours has 10,000 entries: more pages mean that paging itself is broken.</summary>
    private const int MostPages = 200;

    private readonly ProviderTransport transport;
    private readonly HetznerOptions options;
    private readonly TimeProvider time;

    public HetznerCloud(ProviderTransport transport, HetznerOptions options, TimeProvider time)
    {
        this.transport = transport;
        this.options = options;
        this.time = time;
        catalogue = new SharedFlight<CloudCatalogue>(options.KeepCatalogue, time);
    }

    public string Provider => options.Project.Provider;

    public async Task<ProviderResult<bool>> CheckAccessAsync(CancellationToken cancellation)
    {
        var answer = await transport.GetAsync("access.check", "locations?per_page=1", HetznerJson.Default.LocationsBody, cancellation);
        return answer.IsSuccess(out _, out var failure) ? true : failure;
    }

    /// <summary>Every entry of a list, over all pages, each once even when entries move between pages meanwhile.</summary>
    private async Task<ProviderResult<IReadOnlyList<TItem>>> ListAsync<TBody, TItem>(
        string operation, string path, string query, JsonTypeInfo<TBody> type, Func<TItem, object> identity, CancellationToken cancellation)
        where TBody : class, IPage<TItem>
    {
        var found = new Dictionary<object, TItem>();
        int? page = 1;
        for (var read = 0; page is { } number; read++)
        {
            if (read == MostPages) return transport.Unreadable(200, Repeat.Freely);
            var separator = query.Length == 0 ? "" : "&";
            var answer = await transport.GetAsync(operation, $"{path}?{query}{separator}page={number}&per_page={PageSize}", type, cancellation);
            if (!answer.IsSuccess(out var body, out var failure)) return failure;
            if (body.Items is null) return transport.Unreadable(200, Repeat.Freely);
            foreach (var item in body.Items) found[identity(item)] = item;
            page = body.Meta?.Pagination?.NextPage is { } next && next > number ? next : null;
        }

        return found.Values.ToArray();
    }

    private Task<ProviderResult<IReadOnlyList<TItem>>> ListAsync<TBody, TItem>(
        string operation, string path, IReadOnlyDictionary<string, string> labels, JsonTypeInfo<TBody> type, Func<TItem, object> identity, CancellationToken cancellation)
        where TBody : class, IPage<TItem> =>
        ListAsync(operation, path, labels.Count == 0 ? "" : Query("label_selector", HetznerLabels.Selector(labels)), type, identity, cancellation);

    /// <summary>True when deleted now, false when there was nothing to delete.</summary>
    private async Task<ProviderResult<bool>> DeleteAsync(string operation, string path, CancellationToken cancellation)
    {
        var answer = await transport.SendAsync(HttpMethod.Delete, operation, path, Repeat.Freely, content: null, cancellation);
        if (answer.IsSuccess(out _, out var failure)) return true;
        return IsGone(failure) ? false : failure;
    }

    /// <summary>Only the provider's own word counts: a 404 from something in between proves nothing.</summary>
    private static bool IsGone(ProviderFailure failure) => failure is { Status: 404, ProviderCode: "not_found" };

    private static string Query(string name, string value) => $"{name}={Uri.EscapeDataString(value)}";

    private ProviderFailure? LabelFault(IReadOnlyDictionary<string, string> labels) =>
        HetznerLabels.Fault(labels) is { } fault ? transport.NotSent(ErrorCodes.LabelRefused, fault) : null;
}
