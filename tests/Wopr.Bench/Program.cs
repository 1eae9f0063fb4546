using Wopr.Bench;

return args switch
{
    ["calls", .. var rest] => await Calls.RunAsync(rest),
    ["table", .. var rest] => await Table.RunAsync(rest),
    ["model"] => PlacementModel.Run(),
    ["empty-web", var port] => await EmptyWeb.RunAsync(port),
    ["bare-streams", var port] => await BareStreams.RunAsync(port),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: deploy/bench calls [ORDERS] | model | table [--quick] [ROW...]");
    return 2;
}
