using Wopr.Checkout;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Payments;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Payments;

/// <summary>A name waits for its payment for a while, the same order is one checkout, and what was paid goes back once.</summary>
public sealed class CheckoutsTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly PaymentDesk desk = new(database);

    [Fact]
    public async Task The_same_order_sent_twenty_times_at_once_is_one_checkout()
    {
        var opened = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => desk.OpenAsync("hold-same", key: i % 2 == 0 ? "hold-key" : null)));
        opened.Distinct().ShouldHaveSingleItem();
        desk.Provider.Sessions.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_name_is_held_for_its_time_and_then_free_again()
    {
        var id = await desk.OpenAsync("hold-time");
        (await desk.Intake.IsFreeAsync(BeaconName.Parse("hold-time").Name!, None)).ShouldBeFalse();
        var taken = OrderIntake.NameTaken(BeaconName.Parse("hold-time").Name!);
        (await desk.Checkouts.OpenAsync(PaymentDesk.Order("hold-time", "bert@example.com"), null, obstacle: null, None)).ShouldBe(taken);
        (await desk.Intake.PlaceAsync(PaymentDesk.Order("hold-time", "bert@example.com"), OrderSource.Checkout, true, null, None)).ShouldBe(taken);

        await desk.ExecuteAsync("UPDATE checkouts SET hold_until = now() WHERE id = @id", id);
        await desk.DriveAsync(desk.Watch, id);
        desk.Provider.Sessions[id].State.ShouldBe(SessionState.Expired);
        (await desk.AskAsync<string>("SELECT state FROM checkouts WHERE id = @id", id)).ShouldBe("closed");
        (await desk.OpenAsync("hold-time", "bert@example.com")).ShouldNotBe(id);

        // What nobody paid for is forgotten in the end, with the address that it holds.
        await desk.ExecuteAsync("UPDATE checkouts SET hold_until = now() - interval '31 days' WHERE id = @id", id);
        await desk.DriveAsync(desk.Watch, id);
        (await desk.AskAsync<long>("SELECT count(*) FROM checkouts WHERE id = @id", id)).ShouldBe(0);
    }

    [Fact]
    public async Task News_that_never_came_are_asked_for_before_the_name_is_given_up()
    {
        var id = await desk.OpenAsync("hold-silent");
        desk.Provider.Sessions[id] = desk.Provider.Sessions[id] with { State = SessionState.Paid, Payment = new Payment($"pi_{id}", 2999, "usd") };
        await desk.DriveAsync(desk.Watch, id);
        (await desk.JobsAsync(id)).ShouldBe(1);
        (await desk.PaidAsync(id, "evt_after_all")).ShouldBe(PaymentOutcome.Repeated);
        (await desk.JobsAsync(id)).ShouldBe(1);
    }

    [Fact]
    public async Task The_payment_of_a_job_that_came_to_nothing_goes_back_once_though_answers_are_lost()
    {
        var id = await PaidJobAsync("back-lost");
        await desk.EndAsync(id, JobState.RolledBack);
        (await desk.RefundAsync(id)).ShouldBe("requested");
        desk.Provider.LoseAnswers = 1;
        await desk.DriveAsync(desk.Delivery, id);
        (await desk.RefundAsync(id)).ShouldBe("requested");
        await desk.DriveAsync(desk.Delivery, id);
        (await desk.RefundAsync(id)).ShouldBe("returned");
        desk.Provider.Refunded[$"pi_{id}"].ShouldBe(1);
        (await desk.AskAsync<long>("SELECT count(*) FROM events WHERE job_id = @id AND data->>'message' LIKE 'your payment%'", id)).ShouldBe(2);
        (await desk.AskAsync<long>("SELECT count(*) FROM work_items WHERE subject = @id", id)).ShouldBe(1, "only the checkout's own watch is left");
    }

    [Fact]
    public async Task A_refund_that_is_refused_is_an_incident_until_it_is_through()
    {
        var id = await PaidJobAsync("back-refused");
        await desk.EndAsync(id, JobState.Cancelled);
        desk.Provider.Refuses = ErrorCodes.PaymentProviderRefused;
        await desk.DriveAsync(desk.Delivery, id);
        (await OpenIncidentsAsync(id)).ShouldBe(1);
        desk.Provider.Refuses = null;
        await desk.DriveAsync(desk.Delivery, id);
        (await OpenIncidentsAsync(id)).ShouldBe(0);
        (await desk.RefundAsync(id)).ShouldBe("returned");
    }

    [Fact]
    public async Task A_beacon_that_was_completed_is_not_paid_back_when_it_is_taken_down()
    {
        var id = await PaidJobAsync("back-completed");
        await desk.EndAsync(id, JobState.Completed);
        await desk.EndAsync(id, JobState.RolledBack);
        (await desk.RefundAsync(id)).ShouldBe("none");
    }

    [Fact]
    public async Task An_order_that_cost_nothing_is_not_paid_back()
    {
        var job = (await desk.Intake.PlaceAsync(PaymentDesk.Order("back-free"), OrderSource.Operator, true, null, None)).ShouldBeOfType<IntakeOutcome.Accepted>().Job;
        await desk.EndAsync(job, JobState.RolledBack);
        (await desk.RefundAsync(job)).ShouldBe("none");
    }

    private async Task<JobId> PaidJobAsync(string name)
    {
        var id = await desk.OpenAsync(name);
        (await desk.PaidAsync(id, $"evt_{name}")).ShouldBe(PaymentOutcome.JobCreated);
        return id;
    }

    private Task<long> OpenIncidentsAsync(JobId id) => desk.AskAsync<long>("SELECT count(*) FROM incidents WHERE cause = 'refund:' || @id::text AND closed_at IS NULL", id);
}
