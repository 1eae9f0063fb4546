using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;

namespace Wopr.Hetzner;

public sealed partial class HetznerCloud
{
    /// <summary>As many ids as one answer holds at the provider's default page size.</summary>
    private const int ActionsPerCall = 25;

    /// <summary>The code of an action that the provider did not mention although it was asked for.</summary>
    public const string ActionMissing = "action_missing";

    public async Task<ProviderResult<IReadOnlyList<CloudAction>>> GetActionsAsync(IReadOnlyCollection<long> ids, CancellationToken cancellation)
    {
        var actions = new List<CloudAction>(ids.Count);
        foreach (var chunk in ids.Distinct().Chunk(ActionsPerCall))
        {
            var query = string.Join('&', chunk.Select(id => $"id={id}"));
            var answer = await transport.GetAsync("actions.get", $"actions?{query}", HetznerJson.Default.ActionsBody, cancellation);
            if (!answer.IsSuccess(out var body, out var failure)) return failure;
            if (body.Actions is null) return transport.Unreadable(200, Repeat.Freely);
            var found = body.Actions.DistinctBy(a => a.Id).ToDictionary(a => a.Id, HetznerMapping.Action);
            actions.AddRange(chunk.Select(id => found.GetValueOrDefault(id)
                ?? new CloudAction(id, "", ActionStatus.Error, 0, ActionMissing, "the provider does not know this action")));
        }

        return actions;
    }

    public async Task<ProviderResult<IReadOnlyList<CloudAction>>> ListServerActionsAsync(long id, CancellationToken cancellation)
    {
        var answer = await transport.GetAsync("servers.actions", $"servers/{id}/actions?sort=started:desc&per_page=10", HetznerJson.Default.ActionsBody, cancellation);
        if (!answer.IsSuccess(out var body, out var failure)) return failure;
        return body.Actions is { } actions ? actions.Select(HetznerMapping.Action).ToArray() : transport.Unreadable(200, Repeat.Freely);
    }
}
