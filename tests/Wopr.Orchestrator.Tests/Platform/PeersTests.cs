using Wopr.Orchestrator.Tests.Http;
using Wopr.Platform;

namespace Wopr.Orchestrator.Tests.Platform;

public sealed class PeersTests
{
    private readonly TestClock clock = new();
    private readonly Peers peers;

    public PeersTests() => peers = new(clock);

    [Fact]
    public void A_node_that_has_heard_nobody_is_alone()
    {
        peers.AreThere.ShouldBeFalse();
    }

    [Fact]
    public void Who_is_heard_is_new_once()
    {
        peers.Hear("one").ShouldBeTrue();
        peers.Hear("one").ShouldBeFalse();
        peers.Hear("two").ShouldBeTrue();
        peers.AreThere.ShouldBeTrue();
    }

    [Fact]
    public void Who_is_not_heard_for_long_is_there_no_more_and_new_when_heard_again()
    {
        peers.Hear("one");
        clock.Advance(Peers.Memory - TimeSpan.FromSeconds(1));
        peers.AreThere.ShouldBeTrue("two words may be lost");
        clock.Advance(TimeSpan.FromSeconds(1));
        peers.AreThere.ShouldBeFalse();

        peers.Hear("one").ShouldBeTrue();
        peers.AreThere.ShouldBeTrue();
    }

    [Fact]
    public void One_that_goes_on_to_be_heard_does_not_keep_another_that_is_gone()
    {
        peers.Hear("gone");
        for (var beat = 0; beat < 3; beat++)
        {
            clock.Advance(Peers.Period);
            peers.Hear("here");
        }

        peers.Hear("gone").ShouldBeTrue();
        peers.Hear("here").ShouldBeFalse();
    }
}
