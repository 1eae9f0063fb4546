using Wopr.Platform.Http;

namespace Wopr.Orchestrator.Tests.Http;

public sealed class CallScopeTests
{
    [Fact]
    public void Outside_every_scope_a_customer_waits_and_no_deadline_holds()
    {
        CallScope.Priority.ShouldBe(CallPriority.Customer);
        CallScope.Deadline.ShouldBeNull();
    }

    [Fact]
    public async Task Scopes_nest_and_flow_and_only_bring_the_deadline_nearer()
    {
        var noon = TestClock.Start;
        using (CallScope.Begin(CallPriority.Sweep, noon))
        {
            using (CallScope.Begin(CallPriority.Customer, noon.AddHours(1)))
            {
                await Task.Yield();
                CallScope.Priority.ShouldBe(CallPriority.Customer);
                CallScope.Deadline.ShouldBe(noon);
            }

            using (CallScope.Begin(CallPriority.Sweep, noon.AddHours(-1))) CallScope.Deadline.ShouldBe(noon.AddHours(-1));
            using (CallScope.Begin(CallPriority.Sweep)) CallScope.Deadline.ShouldBe(noon);
            CallScope.Priority.ShouldBe(CallPriority.Sweep);
        }

        CallScope.Deadline.ShouldBeNull();
    }
}
