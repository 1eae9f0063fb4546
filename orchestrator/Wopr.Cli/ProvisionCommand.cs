using System.CommandLine;

namespace Wopr.Cli;

/// <summary><c>wopr provision</c>: places an order and follows it to its end.</summary>
internal static class ProvisionCommand
{
    public static Command Create()
    {
        var service = ServiceOption.Create();
        var bundle = new Option<string>("--bundle") { Description = "Bundle, as GET /api/checkout/bundles lists them", DefaultValueFactory = _ => "starter" };
        var tier = new Option<int>("--tier") { Description = "Storage tier: 1, 2 or 3", DefaultValueFactory = _ => 1 };
        var name = new Option<string>("--name") { Description = "Name of the beacon: a DNS label", Required = true };
        var email = new Option<string>("--email") { Description = "Where to write to", Required = true };
        var location = new Option<string?>("--location") { Description = "Location wish, such as fsn1" };
        var key = new Option<string?>("--idempotency-key") { Description = "The same key never makes a second order" };
        var operatorKey = new Option<string?>("--operator-key")
        {
            Description = "Order without payment, as an operator (default: WOPR_OPERATOR_KEY)",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable("WOPR_OPERATOR_KEY"),
        };
        var detach = new Option<bool>("--detach") { Description = "Only place the order and print its job" };
        var command = new Command("provision", "Orders a beacon and follows it until it is ready.\n\nExample: wopr provision --bundle starter --name alice --email alice@example.com")
        {
            service, bundle, tier, name, email, location, key, operatorKey, detach,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new WoprClient(parsed.GetRequiredValue(service));
            var order = new OrderRequest(parsed.GetRequiredValue(bundle), parsed.GetRequiredValue(tier), parsed.GetRequiredValue(name), parsed.GetRequiredValue(email), parsed.GetValue(location));
            var answer = await client.OrderAsync(order, parsed.GetValue(key), parsed.GetValue(operatorKey), cancellation);
            if (answer.Value is not { } placed)
            {
                await Console.Error.WriteLineAsync($"wopr: {answer.Problem}");
                return ExitStatus.NotCarriedOut;
            }
            Console.WriteLine($"{(placed.Repeated ? "the order is known" : "order accepted")}: {new Uri(parsed.GetRequiredValue(service), placed.SetupUrl)}");
            return parsed.GetValue(detach) ? ExitStatus.Well : await new Follower(client, ProgressViews.Choose(), TimeProvider.System).FollowAsync(placed.JobId, cancellation);
        });
        return command;
    }
}
