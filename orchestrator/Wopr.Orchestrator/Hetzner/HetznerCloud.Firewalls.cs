using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;

namespace Wopr.Hetzner;

public sealed partial class HetznerCloud
{
    public async Task<ProviderResult<CloudFirewall?>> FindFirewallAsync(string name, CancellationToken cancellation)
    {
        var answer = await transport.GetAsync("firewalls.find", $"firewalls?{Query("name", name)}", HetznerJson.Default.FirewallsBody, cancellation);
        if (!answer.IsSuccess(out var body, out var failure)) return failure;
        if (body.Items is null) return transport.Unreadable(200, Repeat.Freely);
        var firewall = body.Items.FirstOrDefault(f => f.Name == name);
        return ProviderResult<CloudFirewall?>.Success(firewall is null ? null : HetznerMapping.Firewall(firewall));
    }

    public async Task<ProviderResult<IReadOnlyList<CloudFirewall>>> ListFirewallsAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation)
    {
        var answer = await ListAsync<FirewallsBody, FirewallDto>("firewalls.list", "firewalls", labels, HetznerJson.Default.FirewallsBody, f => f.Id, cancellation);
        return answer.IsSuccess(out var firewalls, out var failure) ? firewalls.Select(HetznerMapping.Firewall).ToArray() : failure;
    }

    public async Task<ProviderResult<CloudFirewall>> CreateFirewallAsync(FirewallRequest request, CancellationToken cancellation)
    {
        if (LabelFault(request.Labels) is { } fault) return fault;
        var wish = new CreateFirewallBody(
            request.Name, [.. request.Rules.Select(HetznerMapping.Rule)],
            [new ApplyToDto("label_selector", new SelectorDto(request.Selector))], request.Labels);

        var answer = await transport.SendAsync(
            HttpMethod.Post, "firewalls.create", "firewalls", Repeat.OnlyWhenRefused,
            ProviderTransport.Content(wish, HetznerJson.Default.CreateFirewallBody), HetznerJson.Default.CreatedFirewallBody, cancellation);
        if (!answer.IsSuccess(out var body, out var failure)) return failure;
        if (body.Firewall is not { } firewall) return transport.Unreadable(201, Repeat.OnlyWhenRefused);
        return HetznerMapping.Firewall(firewall) with { Actions = [.. (body.Actions ?? []).Select(HetznerMapping.Action)] };
    }

    public async Task<ProviderResult<IReadOnlyList<CloudAction>>> SetFirewallRulesAsync(long id, IReadOnlyList<FirewallRule> rules, CancellationToken cancellation)
    {
        // Replaces all rules by these: sending it twice does no more than sending it once.
        var wish = new SetRulesBody([.. rules.Select(HetznerMapping.Rule)]);
        var answer = await transport.SendAsync(
            HttpMethod.Post, "firewalls.set_rules", $"firewalls/{id}/actions/set_rules", Repeat.Freely,
            ProviderTransport.Content(wish, HetznerJson.Default.SetRulesBody), HetznerJson.Default.ActionsBody, cancellation);
        return answer.IsSuccess(out var body, out var failure) ? (body.Actions ?? []).Select(HetznerMapping.Action).ToArray() : failure;
    }

    public async Task<ProviderResult<IReadOnlyList<CloudAction>>> ApplyFirewallAsync(long id, string selector, CancellationToken cancellation)
    {
        var wish = new ApplyFirewallBody([new ApplyToDto("label_selector", new SelectorDto(selector))]);
        var answer = await transport.SendAsync(
            HttpMethod.Post, "firewalls.apply", $"firewalls/{id}/actions/apply_to_resources", Repeat.OnlyWhenRefused,
            ProviderTransport.Content(wish, HetznerJson.Default.ApplyFirewallBody), HetznerJson.Default.ActionsBody, cancellation);
        return answer.IsSuccess(out var body, out var failure) ? (body.Actions ?? []).Select(HetznerMapping.Action).ToArray() : failure;
    }

    public Task<ProviderResult<bool>> DeleteFirewallAsync(long id, CancellationToken cancellation) =>
        DeleteAsync("firewalls.delete", $"firewalls/{id}", cancellation);
}
