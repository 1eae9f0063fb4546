using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Wopr.Orchestrator.Tests.Http;
using Wopr.Orchestrator.Tests.Operators;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Provisioning;

/// <summary>A stream goes by what it is told where that is the next event, and by the rows otherwise: each event once, in order.</summary>
public sealed class LiveEventsTests : IClassFixture<MigratedDatabase>, IDisposable
{
    private readonly MigratedDatabase database;
    private readonly EventHub hub = new();
    private readonly Pipe pipe = new();
    private readonly CancellationTokenSource leaves = new();
    private readonly StringBuilder text = new();
    private readonly TestClock clock = new();
    private readonly LiveEvents live;

    public LiveEventsTests(MigratedDatabase database)
    {
        this.database = database;
        live = new(database.Source, new JobEvents(database.Source), hub, clock);
    }

    public void Dispose()
    {
        live.Dispose();
        leaves.Dispose();
    }

    [Fact]
    public async Task The_next_event_comes_with_its_news_and_is_not_looked_up()
    {
        var (job, stream) = await ReadingAsync();

        // It is in no table.
        hub.Publish(job.Value, Event(3));

        await ReadsAsync("1 2 3");
        await LeaveAsync(stream);
    }

    [Fact]
    public async Task What_lies_between_is_looked_up()
    {
        var (job, stream) = await ReadingAsync();

        await AppendAsync(job, 3);
        hub.Publish(job.Value, Event(5));

        await ReadsAsync("1 2 3 4 5");
        await LeaveAsync(stream);
    }

    [Fact]
    public async Task What_is_known_already_is_not_sent_again_and_what_comes_then_is()
    {
        var (job, stream) = await ReadingAsync();

        // The two may be heard as one, which is looked up.
        await AppendAsync(job, 1);
        hub.Publish(job.Value, Event(2));
        hub.Publish(job.Value, Event(3));

        await ReadsAsync("1 2 3");
        await LeaveAsync(stream);
    }

    [Fact]
    public async Task A_stream_that_waits_says_within_fifteen_seconds_that_it_is_still_there_and_goes_on()
    {
        var (job, stream) = await ReadingAsync();
        text.ToString().ShouldNotContain(": still here");

        for (var second = 0; second < 15; second++) clock.Advance(TimeSpan.FromSeconds(1));
        await ReadsUntilAsync(() => text.ToString().EndsWith(": still here\n\n", StringComparison.Ordinal));
        hub.Publish(job.Value, Event(3));

        await ReadsAsync("1 2 3");
        text.ToString().Split(": still here").Length.ShouldBe(2, "once");
        await LeaveAsync(stream);
    }

    [Fact]
    public async Task A_committed_event_is_handed_on_as_it_stands_in_its_row()
    {
        var job = await JobAsync();
        var told = new TaskCompletionSource<JobEvent?>();
        Announcements.Of(database.Source).Listen(Hear);
        void Hear(Announcement news)
        {
            if (news.Payload == job.ToString()) told.TrySetResult(news.Row as JobEvent);
        }

        await AppendAsync(job, 1);
        Announcements.Of(database.Source).Leave(Hear);

        var stored = (await new JobEvents(database.Source).ListAsync(job, 0, 10, CancellationToken.None))[^1];
        JobStatusReader.Entry((await told.Task).ShouldNotBeNull()).ShouldBe(JobStatusReader.Entry(stored));
    }

    [Fact]
    public async Task The_stream_of_a_job_that_is_over_ends_and_whoever_has_seen_its_end_gets_nothing_more()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.Completed);
        await database.Source.InTransactionAsync((connection, transaction) => JobEvents.AppendAsync(connection, transaction, job, EventKind.Ended, new { state = "completed" }), CancellationToken.None);

        using (var rest = (await OpenAsync(job, 1)).ShouldNotBeNull())
        {
            rest.IsPast.ShouldBeFalse();
            await rest.SendAsync(pipe.Writer, leaves.Token);
        }
        await ReadsAsync("2");
        using var past = (await OpenAsync(job, 2)).ShouldNotBeNull();
        past.IsPast.ShouldBeTrue();
    }

    [Fact]
    public async Task Of_a_job_that_is_not_there_there_is_no_stream() => (await OpenAsync(new JobId(Guid.NewGuid()), 0)).ShouldBeNull();

    /// <summary>A stream that has sent the first two events of its job.</summary>
    private async Task<(JobId Job, Task Stream)> ReadingAsync()
    {
        var job = await JobAsync();
        await AppendAsync(job, 1);
        var stream = SendAsync(job);
        await ReadsAsync("1 2");
        return (job, stream);
    }

    /// <summary>A job has one event from the beginning.</summary>
    private Task<JobId> JobAsync() => JobRows.InsertAsync(database.Source, JobState.DeployingWopr);

    private async Task AppendAsync(JobId job, int events)
    {
        for (var i = 0; i < events; i++)
            await database.Source.InTransactionAsync((connection, transaction) => JobEvents.AppendAsync(connection, transaction, job, EventKind.Note, new { message = "as it happens" }), CancellationToken.None);
    }

    private static JobEvent Event(int seq) => new JobEvents.Place { Seq = seq, At = DateTimeOffset.UnixEpoch }.Of(EventKind.Note, Json.Element(new { message = "told" }));

    private Task<LiveStream?> OpenAsync(JobId job, int after) => live.OpenAsync(job, after, leaves.Token);

    private async Task SendAsync(JobId job)
    {
        try
        {
            using var stream = (await OpenAsync(job, 0)).ShouldNotBeNull();
            await stream.SendAsync(pipe.Writer, leaves.Token);
        }
        catch (OperationCanceledException) when (leaves.IsCancellationRequested)
        {
            // The reader has gone.
        }
    }

    private async Task LeaveAsync(Task stream)
    {
        await leaves.CancelAsync();
        await stream;
    }

    /// <summary>The numbers of all events until now.</summary>
    private Task ReadsAsync(string numbers) => ReadsUntilAsync(() =>
    {
        numbers.ShouldStartWith(Numbers());
        return Numbers() == numbers;
    });

    private async Task ReadsUntilAsync(Func<bool> isThere)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!isThere())
        {
            var read = await pipe.Reader.ReadAsync(late.Token);
            foreach (var part in read.Buffer) text.Append(Encoding.UTF8.GetString(part.Span));
            pipe.Reader.AdvanceTo(read.Buffer.End);
        }
    }

    private string Numbers() => string.Join(' ', text.ToString().Split('\n').Where(l => l.StartsWith("id: ", StringComparison.Ordinal)).Select(l => int.Parse(l[4..], CultureInfo.InvariantCulture)));
}
