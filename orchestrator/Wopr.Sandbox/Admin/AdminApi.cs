using Wopr.Sandbox.Boot;
using Wopr.Sandbox.Cloudflare;
using Wopr.Sandbox.Hetzner;
using Wopr.Sandbox.Misbehaviour;
using Wopr.Sandbox.Payments;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Admin;

/// <summary>
/// What a test or an operator of the sandbox steers it by: /_sandbox on the providers' ports, without a token because
/// the ports are on the loopback interface only.
/// </summary>
public sealed class AdminApi(HetznerCloud hetzner, CloudflareApi cloudflare, PaymentsApi payments, MachineRoom machines, Rulebook rules, CallCounters counters, SandboxSettings settings, TimeProvider time)
{
    public const string Root = "/_sandbox";

    public async Task RunAsync(HttpContext context)
    {
        var answer = (context.Request.Method, context.Request.Path.Value![Root.Length..].TrimEnd('/')) switch
        {
            ("GET", "/health") => new Answer(200, new { status = "ok", zone = settings.Zone, boot = settings.Boot, pace = settings.Pace }),
            ("GET", "/books") => new Answer(200, Books()),
            ("GET", "/calls") => new Answer(200, new { calls = counters.All() }),
            ("GET", "/misbehave") => new Answer(200, Rules()),
            ("POST", "/misbehave") => await AddAsync(context),
            ("DELETE", "/misbehave") => Forget(),
            ("POST", "/reset") => Reset(),
            (_, "/health" or "/books" or "/calls" or "/misbehave" or "/reset") => new Answer(405, new { error = "method not allowed" }),
            _ => new Answer(404, new { error = "there are /health, /books, /calls, /misbehave and /reset" }),
        };
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        await context.Response.Body.WriteAsync(answer.Bytes(), context.RequestAborted);
    }

    private object Books() => new
    {
        hetzner = hetzner.Snapshot(time.GetUtcNow()),
        cloudflare = cloudflare.Snapshot(),
        payments = settings.Payments is null ? (object?)null : payments.Snapshot(time.GetUtcNow()),
        machines = machines.Running(),
        calls = counters.All(),
    };

    private object Rules() => new { rules = rules.All().Select(entry => new { rule = entry.Rule, seen = entry.Seen, struck = entry.Struck }) };

    private async Task<Answer> AddAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var (read, problem) = RuleReader.Read(await reader.ReadToEndAsync(context.RequestAborted));
        if (problem is not null)
        {
            return new Answer(400, new { error = problem });
        }

        rules.Add(read);
        foreach (var clash in read.Where(rule => rule is { Kind: Kind.Clash, Provider: "cloudflare", Names: not null }))
        {
            cloudflare.AddForeign(clash, time.GetUtcNow());
        }

        return new Answer(200, Rules());
    }

    private Answer Forget()
    {
        rules.Clear();
        return new Answer(200, Rules());
    }

    private Answer Reset()
    {
        rules.Clear();
        hetzner.Clear();
        cloudflare.Clear(time.GetUtcNow());
        payments.Clear();
        counters.Clear();
        return new Answer(200, Books());
    }
}
