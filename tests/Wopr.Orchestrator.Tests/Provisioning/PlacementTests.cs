using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Provisioning;

public sealed class PlacementTests
{
    private static readonly CloudCatalogue Sold = new(
        [
            Type("small", 2, ("fsn1", 2m)),
            Type("cx4", 4, ("nbg1", 3.5m), ("fsn1", 3.5m), ("hel1", 3.4m)),
            Type("cpx4", 4, ("fsn1", 6m), ("ash", 9m)),
            Type("cx8", 8, ("fsn1", 5.5m), ("hel1", 5.5m)),
            Type("cpx8", 8, ("fsn1", 15m)),
            Type("cx16", 16, ("fsn1", 9.5m)),
            Type("ded8", 8, ("fsn1", 12m)) with { CpuType = "dedicated" },
            Type("arm4", 4, ("fsn1", 3m)) with { Architecture = "arm" },
        ],
        [new("fsn1", "Falkenstein", "DE", "eu"), new("nbg1", "Nuremberg", "DE", "eu"), new("hel1", "Helsinki", "FI", "eu"), new("ash", "Ashburn", "US", "us")]);

    [Fact]
    public void The_wished_location_comes_first_then_the_same_type_in_the_region_then_the_next_type_and_one_size_up() =>
        Names(Placement.Ladder(Sold, 4, "fsn1", StockMarks.None)).ShouldBe(["cx4@fsn1", "cx4@hel1", "cx4@nbg1", "cpx4@fsn1", "cx8@fsn1", "cx8@hel1"]);

    [Fact]
    public void An_order_never_leaves_its_region_and_without_a_wish_any_will_do()
    {
        Names(Placement.Ladder(Sold, 4, "ash", StockMarks.None)).ShouldBe(["cpx4@ash"]);
        Names(Placement.Ladder(Sold, 4, null, StockMarks.None)).ShouldContain("cpx4@ash");
        Placement.Ladder(Sold, 4, "moon", StockMarks.None).ShouldBeEmpty();
    }

    [Fact]
    public void No_rung_is_beyond_what_an_order_allows()
    {
        var ladder = Placement.Ladder(Sold, 3, "fsn1", StockMarks.None);
        ladder.ShouldAllBe(r => r.MemoryGb >= 3 && r.MemoryGb <= 4 * Placement.MostTimesTheMemory);
        ladder.ShouldAllBe(r => r.MonthlyCents <= 340 * Placement.MostTimesThePrice);
        Names(ladder).ShouldNotContain("cpx8@fsn1");
        Names(ladder).ShouldNotContain("cx16@fsn1");
    }

    [Fact]
    public void Cores_of_their_own_are_taken_only_where_shared_ones_come_with_too_little_memory()
    {
        var sold = Sold with { ServerTypes = [.. Sold.ServerTypes, Type("ded64", 64, ("fsn1", 90m)) with { CpuType = "dedicated" }] };
        Names(Placement.Ladder(sold, 17, "fsn1", StockMarks.None)).ShouldBe(["ded64@fsn1"]);
        Names(Placement.Ladder(sold, 8, "fsn1", StockMarks.None)).ShouldNotContain("ded8@fsn1");
    }

    [Fact]
    public void What_was_refused_lately_comes_last_but_is_still_tried()
    {
        var marks = Marks(("cx4", "fsn1"), ("cx4", "hel1"));
        Names(Placement.Ladder(Sold, 4, "fsn1", marks)).ShouldBe(["cx4@nbg1", "cpx4@fsn1", "cx8@fsn1", "cx8@hel1", "cx4@fsn1", "cx4@hel1"]);
    }

    [Fact]
    public void A_type_that_the_indicator_denies_everywhere_comes_after_its_equals()
    {
        var denied = Sold with { ServerTypes = [.. Sold.ServerTypes.Select(t => t.Name == "cx4" ? t with { Locations = [.. t.Locations.Select(o => o with { Available = false })] } : t)] };
        Names(Placement.Ladder(denied, 4, "fsn1", StockMarks.None))[0].ShouldBe("cpx4@fsn1");
    }

    [Fact]
    public void Every_difference_from_the_wish_is_told_and_nothing_else_is()
    {
        var ladder = Placement.Ladder(Sold, 4, "fsn1", StockMarks.None);
        string? Told(string rung) => Placement.Substitution(ladder, ladder.Single(r => Name(r) == rung), "fsn1");

        Told("cx4@fsn1").ShouldBeNull();
        Told("cx4@hel1").ShouldBe("The first choice is sold out at the moment: your beacon is placed in hel1 instead of fsn1, in the same region.");
        Told("cpx4@fsn1")!.ShouldContain("another type of server with as much memory (cpx4 instead of cx4)");
        Told("cx8@hel1")!.ShouldContain("hel1 instead of fsn1");
        Told("cx8@hel1")!.ShouldContain("a larger server (cx8 instead of cx4) at no extra cost");
        Placement.Substitution(ladder, ladder.Single(r => Name(r) == "cx4@hel1"), wish: null).ShouldBeNull();
    }

    [Fact]
    public void Substitutes_are_measured_against_the_first_choice_even_when_it_is_not_tried_first()
    {
        var ladder = Placement.Ladder(Sold, 4, "fsn1", Marks(("cx4", "fsn1"), ("cx4", "hel1"), ("cx4", "nbg1")));
        Name(ladder[0]).ShouldBe("cpx4@fsn1");
        Placement.Substitution(ladder, ladder[0], "fsn1")!.ShouldContain("cpx4 instead of cx4");
    }

    [Fact]
    public void Operators_are_told_what_is_on_sale_instead()
    {
        Placement.OnSale(Sold, 8, Marks(("cx8", "hel1"))).ShouldBe("on sale now: cpx8 (8 GB, shared) in fsn1, cx8 (8 GB, shared) in fsn1, ded8 (8 GB, dedicated) in fsn1, cx16 (16 GB, shared) in fsn1");
        Placement.OnSale(Sold, 64, StockMarks.None).ShouldBe("nothing of that size is on sale anywhere");
    }

    private static CloudServerType Type(string name, decimal memory, params (string Location, decimal Price)[] offers) =>
        new(1, name, 2, memory, 40, "shared", "x86", [.. offers.Select(o => new CloudOffer(o.Location, true, o.Price))]);

    private static StockMarks Marks(params (string, string)[] rungs) => new(rungs.ToDictionary(r => r, _ => ErrorCodes.SoldOut));

    private static string Name(LadderRung rung) => $"{rung.ServerType}@{rung.Location}";

    private static List<string> Names(IEnumerable<LadderRung> ladder) => [.. ladder.Select(Name)];
}
