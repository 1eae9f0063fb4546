using Wopr.Platform;

namespace Wopr.Orchestrator.Tests.Platform;

public sealed class EventHubTests
{
    private static readonly Guid Subject = Guid.Parse("0199aa00-0000-7000-8000-000000000001");

    private readonly EventHub hub = new();
    private readonly List<TaskCompletionSource<string>> looks = [];

    [Fact]
    public void News_reaches_all_readers_of_its_subject_and_nobody_else()
    {
        using var one = hub.Join(Subject);
        using var two = hub.Join(Subject);
        using var other = hub.Join(Guid.Empty);
        var (first, second, third) = (one.Next, two.Next, other.Next);
        hub.Publish(Subject);
        (first.IsCompleted, second.IsCompleted, third.IsCompleted).ShouldBe((true, true, false));
        one.Next.IsCompleted.ShouldBeFalse("the next news is yet to come");
        hub.PublishAll();
        third.IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public void Readers_at_one_position_share_a_look_until_there_is_news()
    {
        using var one = hub.Join(Subject);
        using var two = hub.Join(Subject);
        var page = Look(one, one.Next, 3);
        Look(two, two.Next, 3).ShouldBeSameAs(page);
        Look(two, two.Next, 4).ShouldNotBeSameAs(page, "another position");
        var old = Look(one, one.Next, 4);
        hub.Publish(Subject);
        Look(one, one.Next, 4).ShouldNotBeSameAs(old, "what was begun before the news may not show it");
    }

    [Fact]
    public void A_reader_that_took_its_news_late_never_gets_an_older_look()
    {
        using var one = hub.Join(Subject);
        using var two = hub.Join(Subject);
        var before = two.Next;
        hub.Publish(Subject);
        var stale = Look(two, before, 0);
        Look(one, one.Next, 0).ShouldNotBeSameAs(stale);
    }

    [Fact]
    public void A_look_that_failed_is_not_handed_on()
    {
        using var one = hub.Join(Subject);
        using var two = hub.Join(Subject);
        var failed = Look(one, one.Next, 0);
        looks[0].SetException(new IOException("the database is away"));
        Should.Throw<IOException>(() => failed.GetAwaiter().GetResult());
        Look(two, two.Next, 0).ShouldNotBeSameAs(failed);
    }

    [Fact]
    public void One_by_itself_looks_each_time_and_a_topic_ends_with_its_last_reader()
    {
        Task news;
        using (var one = hub.Join(Subject))
        {
            news = one.Next;
            Look(one, news, 0).ShouldNotBeSameAs(Look(one, news, 0));
        }
        hub.Publish(Subject);
        news.IsCompleted.ShouldBeFalse("nobody is there any more");
        using var again = hub.Join(Subject);
        var next = again.Next;
        hub.Publish(Subject);
        next.IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_pulse_reaches_each_reader_in_one_of_its_parts_and_says_that_nothing_happened()
    {
        using var one = hub.Join(Subject);
        using var two = hub.Join(Guid.Empty);
        var (first, second) = (one.Next, two.Next);
        for (var part = 0; part < 4; part++) hub.Pulse(part, 4);
        foreach (var news in new[] { await first, await second })
        {
            news.IsPulse.ShouldBeTrue();
            news.Next.IsCompleted.ShouldBeFalse("once");
        }
        hub.Publish(Subject);
        (await (await first).Next).IsPulse.ShouldBeFalse();
    }

    private Task<string> Look(EventHub.Topic topic, Task news, int after) => topic.ReadAsync(news, after, _ =>
    {
        looks.Add(new TaskCompletionSource<string>());
        return looks[^1].Task;
    });
}
