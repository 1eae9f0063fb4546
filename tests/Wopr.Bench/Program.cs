using Wopr.Bench;

return args switch
{
    ["calls", .. var rest] => await Calls.RunAsync(rest),
    ["table", .. var rest] => await Table.RunAsync(rest),
    ["empty-web", var port] => await EmptyWeb.RunAsync(port),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: deploy/bench calls [ORDERS] | table [--quick] [ROW...]");
    return 2;
}
