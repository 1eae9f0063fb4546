using Npgsql;
using Wopr.Platform;

namespace Wopr.Orchestrator.Tests.Platform;

public sealed class GroupCommitTests
{
    private readonly List<IReadOnlyList<Guid>> statements = [];
    private readonly TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task What_comes_while_a_statement_is_written_goes_into_the_next_one()
    {
        var group = Group(ids => ids.ToDictionary(id => id, id => id.ToString()));
        var ids = Ids(6);

        var written = ids.Take(1).Select(group.WriteAsync).ToList();
        await begun.Task;
        written.AddRange(ids.Skip(1).Select(group.WriteAsync));
        first.SetResult();

        (await Task.WhenAll(written)).ShouldBe(ids.Select(id => id.ToString()));
        statements.Select(s => s.Count).ShouldBe([1, 4, 1], "at most four at a time");
    }

    [Fact]
    public async Task What_is_left_out_and_a_second_write_about_one_subject_go_by_themselves()
    {
        var ids = Ids(3);
        var group = Group(batch => batch.Where(id => id != ids[1]).ToDictionary(id => id, id => id.ToString()));

        var written = new List<Task<string?>> { group.WriteAsync(ids[0]) };
        await begun.Task;
        written.AddRange([group.WriteAsync(ids[1]), group.WriteAsync(ids[2]), group.WriteAsync(ids[2])]);
        first.SetResult();

        (await Task.WhenAll(written)).ShouldBe([ids[0].ToString(), null, ids[2].ToString(), null]);
    }

    [Fact]
    public async Task A_statement_that_the_database_refuses_leaves_all_of_it_to_the_callers()
    {
        var group = Group(_ => throw new NpgsqlException("refused"));
        first.SetResult();

        (await Task.WhenAll(Ids(3).Select(group.WriteAsync))).ShouldAllBe(result => result == null);
    }

    [Fact]
    public async Task A_mistake_of_ours_is_nobodys_secret()
    {
        var group = Group(_ => throw new InvalidOperationException("a mistake"));
        first.SetResult();

        foreach (var written in Ids(3).Select(group.WriteAsync).ToList()) (await Should.ThrowAsync<InvalidOperationException>(() => written)).Message.ShouldBe("a mistake");
    }

    [Fact]
    public async Task Nobody_is_forgotten_who_comes_while_the_last_statement_ends()
    {
        var group = new GroupCommit<Guid, string>(4, id => id, batch => Task.FromResult<IReadOnlyDictionary<Guid, string>>(batch.ToDictionary(id => id, id => "")));

        // Two who write one thing after the other meet that moment again and again.
        var writers = Ids(2).Select(id => Task.Run(async () =>
        {
            for (var i = 0; i < 50_000; i++) await group.WriteAsync(id);
        }));

        await Task.WhenAll(writers).WaitAsync(TimeSpan.FromMinutes(2));
    }

    private GroupCommit<Guid, string> Group(Func<IReadOnlyList<Guid>, Dictionary<Guid, string>> write) => new(4, id => id, async batch =>
    {
        statements.Add(batch);
        begun.TrySetResult();
        await first.Task;
        return write(batch);
    });

    private static List<Guid> Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())];
}
