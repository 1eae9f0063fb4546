using Wopr.Sandbox.Books;

namespace Wopr.Sandbox.Tests.Books;

public sealed class LedgerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("wopr-ledger-").FullName;

    private string File => Path.Combine(folder, "test.journal");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_was_committed_is_there_again()
    {
        using (var notes = Open())
        {
            notes.Put(new(1, "one"));
            notes.Put(new(2, "two"));
            notes.Commit();
            notes.Put(new(2, "zwei"));
            notes.Remove(1);
            notes.Commit();
        }

        using var again = Open();
        again.All.ShouldBe([new(2, "zwei")]);
    }

    [Fact]
    public void A_torn_last_line_never_happened()
    {
        using (var notes = Open())
        {
            notes.Put(new(1, "one"));
            notes.Commit();
        }

        System.IO.File.AppendAllText(File, """[{"table":"note","key":"2","row":{"id":2,"te""");
        using var again = Open();
        again.All.ShouldBe([new(1, "one")]);
    }

    [Fact]
    public void A_broken_line_before_the_last_is_reported_with_its_number()
    {
        System.IO.File.WriteAllText(File, "[]\nnonsense\n[]\n");

        Should.Throw<InvalidDataException>(() => Open()).Message.ShouldContain("line 2");
    }

    [Fact]
    public void Books_that_are_open_cannot_be_opened_again()
    {
        using var notes = Open();

        Should.Throw<IOException>(() => Open());
        notes.Put(new(1, "one"));
        notes.Commit();
    }

    [Fact]
    public void A_rollback_restores_rows_and_indexes()
    {
        using var notes = Open();
        notes.Put(new(1, "one"));
        notes.Commit();

        notes.Put(new(1, "uno"));
        notes.Put(new(2, "two"));
        notes.Remove(1);
        notes.Rollback();

        notes.All.ShouldBe([new(1, "one")]);
        notes.ByText["one"].ShouldBe([new(1, "one")]);
        notes.ByText["uno"].ShouldBeEmpty();
        notes.Commit();
    }

    [Fact]
    public void A_change_costs_the_same_however_many_rows_there_are()
    {
        using var notes = Open();
        for (var i = 1; i <= 10_000; i++)
        {
            notes.Put(new(i, "note"));
        }

        notes.Commit();
        var before = new FileInfo(File).Length;
        notes.Put(new(5_000, "changed"));
        notes.Commit();
        (new FileInfo(File).Length - before).ShouldBeLessThan(100);
    }

    [Fact]
    public void Opening_leaves_out_what_is_gone()
    {
        using (var notes = Open())
        {
            for (var i = 0; i < 100; i++)
            {
                notes.Put(new(1, $"version {i}"));
                notes.Commit();
            }
        }

        using var again = Open();
        System.IO.File.ReadAllLines(File).ShouldHaveSingleItem().ShouldContain("version 99");
    }

    private Notes Open()
    {
        var ledger = new Ledger(File);
        try
        {
            var notes = new Notes(ledger);
            ledger.Open();
            return notes;
        }
        catch
        {
            ledger.Dispose();
            throw;
        }
    }

    private sealed class Notes : IDisposable
    {
        private readonly Ledger ledger;
        private readonly Table<long, Note> table;

        public Notes(Ledger ledger)
        {
            this.ledger = ledger;
            table = new(ledger, "note", note => note.Id);
            ByText = table.Index(note => new[] { note.Text });
        }

        public Table<long, Note>.Lookup<string> ByText { get; }

        public IEnumerable<Note> All => table.All;

        public void Put(Note note) => table.Put(note);

        public void Remove(long id) => table.Remove(id);

        public void Commit() => ledger.Commit();

        public void Rollback() => ledger.Rollback();

        public void Dispose() => ledger.Dispose();
    }

    private sealed record Note(long Id, string Text);
}
