using System.CommandLine;
using Wopr.Cli.Api;

namespace Wopr.Cli;

/// <summary><c>wopr provision</c>: places an order and follows it to its end.</summary>
internal static class ProvisionCommand
{
    public static Command Create(SharedOptions shared)
    {
        var bundle = new Option<string>("--bundle") { Description = "What is ordered, as GET /api/checkout/bundles lists it", DefaultValueFactory = _ => "starter" };
        var tier = new Option<int>("--tier") { Description = "Storage tier: 1, 2 or 3", DefaultValueFactory = _ => 1, CustomParser = SharedOptions.Number };
        var name = new Option<string>("--name") { Description = "Name of the beacon: 3 to 40 letters, digits or single hyphens", Required = true };
        var email = new Option<string>("--email") { Description = "Where to write to", Required = true };
        var location = new Option<string?>("--location") { Description = "Location wish, such as fsn1" };
        var key = new Option<string?>("--idempotency-key") { Description = "The same key never makes a second order" };
        var detach = new Option<bool>("--detach") { Description = "Only place the order and print its job" };
        var command = new Command("provision", """
            Orders a beacon and follows it until it is ready. With an operator's key it is not paid for; without one it is an order like
            every customer's, paid at once in the sandbox.

            Example: wopr provision --bundle starter --name alice --email alice@example.com
            """) { bundle, tier, name, email, location, key, detach };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var api = shared.Connect(parsed);
            var output = shared.Output(parsed);
            var order = new OrderForm
            {
                Bundle = parsed.GetRequiredValue(bundle),
                Tier = parsed.GetRequiredValue(tier),
                BeaconName = parsed.GetRequiredValue(name),
                Email = parsed.GetRequiredValue(email),
                Location = parsed.GetValue(location),
            };
            var answer = api.IsOperator
                ? await api.ProvisionAsync(order, parsed.GetValue(key), cancellation)
                : await api.PlaceOrderAsync(order, parsed.GetValue(key), cancellation);
            if (answer.Value is not { } placed) return await output.RefuseAsync(answer.Refusal!);
            if (output.IsJson) Output.WriteLine(answer.Raw);
            else Tell(placed, api.Service);
            // What has not been paid for is no job yet.
            return parsed.GetValue(detach) || placed.PaymentUrl is not null ? ExitStatus.Well : await Follower.Create(api, output).FollowAsync(placed.JobId, cancellation);
        });
        return command;
    }

    private static void Tell(Placed placed, Uri service)
    {
        if (placed.Substitution is { } substitution) Console.WriteLine(substitution);
        Console.WriteLine(placed.PaymentUrl is { } pay
            ? $"to be paid until {placed.PayUntil:u} at {pay}\nthen follow it with: wopr watch {placed.JobId}"
            : $"{(placed.Repeated ? "the order is known" : "order accepted")}: {new Uri(service, placed.SetupUrl)}");
    }
}
