using Wopr.Cloudflare;
using Wopr.Orchestrator.Tests.Http;
using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Cloudflare;

/// <summary>Many jobs at once, in front of a zone that counts its calls.</summary>
public sealed class GatheredDnsTests
{
    private readonly CountedZone zone = new();
    private readonly TaskCompletionSource window = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly GatheredDns dns;

    public GatheredDnsTests() => dns = new GatheredDns(zone, (_, _) => window.Task);

    [Fact]
    public async Task Fifty_jobs_look_with_one_list()
    {
        zone.Records.Add(new("r0", "A", Host(7), "192.0.2.1", 60, false, "a stranger's"));
        var looks = Jobs(50).Select(i => dns.ListRecordsAsync([Host(i), "*." + Host(i)], CancellationToken.None)).ToList();
        window.SetResult();

        (await Task.WhenAll(looks)).Select(r => r.Value().Count).ShouldBe(Jobs(50).Select(i => i == 7 ? 1 : 0));
        zone.Looks.ShouldBe(1);
    }

    [Fact]
    public async Task Fifty_jobs_write_with_one_batch()
    {
        var writes = Jobs(50).Select(i => dns.ApplyAsync(Creates(i), CancellationToken.None)).ToList();
        window.SetResult();

        var written = await Task.WhenAll(writes);
        foreach (var i in Jobs(50)) written[i].Value().Select(r => (r.Name, r.Content)).ShouldBe(Creates(i).Creates.Select(c => (c.Name, c.Content)));
        zone.Batches.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_batch_never_holds_more_than_the_provider_takes()
    {
        var writes = Jobs(51).Select(i => dns.ApplyAsync(Creates(i), CancellationToken.None)).ToList();
        window.SetResult();
        (await Task.WhenAll(writes)).ShouldAllBe(r => r.Failure == null);
        zone.Batches.ShouldBe([200, 4], ignoreOrder: true);
    }

    [Fact]
    public async Task A_look_for_as_many_jobs_as_a_batch_holds_waits_for_nobody()
    {
        var full = Jobs(50).Select(i => dns.ListRecordsAsync([Host(i), "*." + Host(i)], CancellationToken.None)).ToList();
        var last = dns.ListRecordsAsync([Host(50)], CancellationToken.None);

        (await Task.WhenAll(full)).ShouldAllBe(r => r.Failure == null);
        zone.Looks.ShouldBe(1);
        last.IsCompleted.ShouldBeFalse();
        window.SetResult();
        (await last).Failure.ShouldBeNull();
    }

    [Fact]
    public async Task A_batch_that_is_full_waits_for_nobody()
    {
        var (full, last) = (Jobs(50).Select(i => dns.ApplyAsync(Creates(i), CancellationToken.None)).ToList(), dns.ApplyAsync(Creates(50), CancellationToken.None));

        (await Task.WhenAll(full)).ShouldAllBe(r => r.Failure == null);
        zone.Batches.ShouldBe([200]);
        last.IsCompleted.ShouldBeFalse();
        window.SetResult();
        (await last).Failure.ShouldBeNull();
    }

    [Fact]
    public async Task A_batch_without_room_for_the_next_departs_before_it()
    {
        var first = Jobs(49).Select(i => dns.ApplyAsync(Creates(i), CancellationToken.None)).ToList();
        var large = new DnsChanges([], [], [.. Creates(49).Creates, .. Creates(50).Creates]);
        var second = dns.ApplyAsync(large, CancellationToken.None);

        (await Task.WhenAll(first)).ShouldAllBe(r => r.Failure == null);
        second.IsCompleted.ShouldBeFalse();
        window.SetResult();
        (await second).Failure.ShouldBeNull();
        zone.Batches.ShouldBe([196, 8]);
    }

    [Theory]
    [InlineData(400, "81053", "CF-003")]
    [InlineData(400, "81058", "CF-002")]
    [InlineData(400, "9005", "CF-007")]
    [InlineData(404, "81044", "CF-007")]
    public async Task One_bad_job_fails_alone_and_its_neighbours_are_through(int status, string number, string meaning)
    {
        zone.Refuse = names => names.Contains(Host(11)) ? Refusal(status, number) : null;
        var writes = Jobs(50).Select(i => dns.ApplyAsync(Creates(i), CancellationToken.None)).ToList();
        window.SetResult();

        var answers = await Task.WhenAll(writes);
        foreach (var i in Jobs(50)) answers[i].Failure?.Code.Value.ShouldBe(i == 11 ? meaning : null);
        answers[11].Refusal().Code.Value.ShouldBe(meaning);
        zone.Records.Count.ShouldBe(49 * 4);
        zone.Batches.Count.ShouldBeLessThanOrEqualTo(13, "halving finds one in fifty");
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(502, "")]
    [InlineData(401, "10000")]
    [InlineData(429, "10429")]
    public async Task What_is_nobodys_fault_or_may_have_acted_is_not_sent_again(int status, string number)
    {
        zone.Refuse = _ => Refusal(status, number);
        var writes = Jobs(5).Select(i => dns.ApplyAsync(Creates(i), CancellationToken.None)).ToList();
        window.SetResult();
        (await Task.WhenAll(writes)).ShouldAllBe(r => r.Failure!.Status == status);
        zone.Batches.ShouldBe([20]);
    }

    [Fact]
    public async Task A_job_that_always_breaks_the_batch_soon_stands_alone()
    {
        window.SetResult();
        zone.Refuse = names => names.Contains(Host(3)) ? Refusal(500, "") : null;
        var left = Jobs(8).ToList();
        for (var round = 0; round < 10 && left.Count > 1; round++)
        {
            var answers = await Task.WhenAll(left.Select(async i => (Job: i, Answer: await dns.ApplyAsync(Creates(i), CancellationToken.None))));
            left = [.. answers.Where(a => a.Answer.Failure is not null).Select(a => a.Job)];
        }

        left.ShouldBe([3]);
        zone.Records.Count.ShouldBe(7 * 4);
    }

    [Fact]
    public async Task Who_gave_up_while_waiting_writes_nothing_any_more()
    {
        using var lost = new CancellationTokenSource();
        var given = dns.ApplyAsync(Creates(1), lost.Token);
        var kept = dns.ApplyAsync(Creates(2), CancellationToken.None);
        await lost.CancelAsync();
        window.SetResult();

        await Should.ThrowAsync<OperationCanceledException>(given);
        (await kept).Value().Count.ShouldBe(4);
        zone.Records.ShouldAllBe(r => r.Comment == "wopr job=2");
    }

    [Fact]
    public async Task A_failed_look_is_everybodys()
    {
        zone.RefuseLooks = Refusal(503, "");
        var looks = Jobs(3).Select(i => dns.ListRecordsAsync([Host(i)], CancellationToken.None)).ToList();
        window.SetResult();
        (await Task.WhenAll(looks)).ShouldAllBe(r => r.Failure!.Status == 503);
        zone.Looks.ShouldBe(1);
    }

    [Fact]
    public async Task A_customer_among_sweeps_gives_the_group_its_priority()
    {
        List<Task> asked = [];
        using (CallScope.Begin(CallPriority.Sweep)) asked.Add(dns.ListRecordsAsync([Host(1)], CancellationToken.None));
        asked.Add(dns.ListRecordsAsync([Host(2)], CancellationToken.None));
        window.SetResult();
        await Task.WhenAll(asked);
        using (CallScope.Begin(CallPriority.Sweep)) await dns.ListRecordsAsync([Host(1)], CancellationToken.None);
        zone.Priorities.ShouldBe([CallPriority.Customer, CallPriority.Sweep]);
    }

    private static IEnumerable<int> Jobs(int count) => Enumerable.Range(0, count);

    private static string Host(int job) => $"b{job}.example.com";

    private static DnsChanges Creates(int job) => new([], [],
    [
        .. from name in new[] { Host(job), "*." + Host(job) }
           from record in new[] { ("A", $"192.0.2.{job}"), ("AAAA", $"2001:db8::{job:x}") }
           select new DnsRecordData(record.Item1, name, record.Item2, 60, false, $"wopr job={job}"),
    ]);

    private static ProviderFailure Refusal(int status, string number)
    {
        var row = CloudflareErrors.Table.Read("records.batch", status, System.Text.Encoding.UTF8.GetBytes($$"""{"errors":[{"code":{{(number.Length == 0 ? "0" : number)}} }]}""")).Row.For(Repeat.OnlyWhenRefused);
        return new ProviderFailure("cloudflare", status, number, "", row.Code, row.Retry);
    }

    /// <summary>A zone in memory: a batch is wholly done or wholly refused.</summary>
    private sealed class CountedZone : IDnsProvider
    {
        public List<DnsRecord> Records { get; } = [];

        public int Looks { get; private set; }

        /// <summary>The number of operations of each.</summary>
        public List<int> Batches { get; } = [];

        public List<CallPriority> Priorities { get; } = [];

        public Func<IReadOnlyCollection<string>, ProviderFailure?> Refuse { get; set; } = _ => null;

        public ProviderFailure? RefuseLooks { get; set; }

        public Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsAsync(IReadOnlyCollection<string> names, CancellationToken cancellation)
        {
            lock (Records)
            {
                Looks++;
                Priorities.Add(CallScope.Priority);
                return Task.FromResult<ProviderResult<IReadOnlyList<DnsRecord>>>(RefuseLooks is { } refusal ? refusal : Records.Where(r => names.Contains(r.Name)).ToArray());
            }
        }

        public Task<ProviderResult<IReadOnlyList<DnsRecord>>> ApplyAsync(DnsChanges changes, CancellationToken cancellation)
        {
            lock (Records)
            {
                Batches.Add(changes.Count);
                if (Refuse([.. changes.Creates.Select(c => c.Name)]) is { } refusal) return Task.FromResult<ProviderResult<IReadOnlyList<DnsRecord>>>(refusal);
                var made = changes.Creates.Select(c => new DnsRecord($"r{Records.Count}{c.Type}{c.Name}", c.Type, c.Name, c.Content, c.Ttl, c.Proxied, c.Comment)).ToArray();
                Records.AddRange(made);
                return Task.FromResult<ProviderResult<IReadOnlyList<DnsRecord>>>(made);
            }
        }

        public Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsByCommentAsync(string comment, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<ProviderResult<bool>> PurgeCacheAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
