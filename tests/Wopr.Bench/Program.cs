using Wopr.Bench;

return args switch
{
    ["calls", .. var rest] => await Calls.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: deploy/bench calls [ORDERS]");
    return 2;
}
