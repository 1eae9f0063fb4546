using Wopr.Checkout;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Payments;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Payments;

/// <summary>One payment is one job, whatever is repeated, overtaken or late; and what cannot be a job goes back or is kept.</summary>
public sealed class PaymentEventsTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private readonly PaymentDesk desk = new(database);

    [Fact]
    public async Task Forty_deliveries_of_three_events_at_once_are_one_job()
    {
        var id = await desk.OpenAsync("pay-storm");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => desk.PaidAsync(id, $"evt_storm_{i % 3}", type: i % 3 == 2 ? "checkout.session.async_payment_succeeded" : "checkout.session.completed")));

        outcomes.Count(o => o == PaymentOutcome.JobCreated).ShouldBe(1);
        outcomes.Count(o => o == PaymentOutcome.Repeated).ShouldBe(39);
        (await desk.JobsAsync(id)).ShouldBe(1);
        (await desk.AskAsync<long>("SELECT count(*) FROM work_items WHERE kind = 'provision' AND subject = @id", id)).ShouldBe(1);
        (await desk.AskAsync<long>("SELECT sum(times) FROM payment_events WHERE checkout_id = @id", id)).ShouldBe(40);
        (await desk.AskAsync<string>("SELECT coalesce(email, 'none') FROM checkouts WHERE id = @id", id)).ShouldBe("none");
    }

    [Theory]
    [InlineData(2998, "usd")]
    [InlineData(2999, "eur")]
    public async Task Another_sum_is_refused_and_kept_for_the_operator(long cents, string currency)
    {
        var id = await desk.OpenAsync($"pay-differs-{currency}");
        (await desk.PaidAsync(id, $"evt_differs_{currency}", cents, currency)).ShouldBe(PaymentOutcome.Refused(ErrorCodes.PaymentDiffers));

        (await desk.JobsAsync(id)).ShouldBe(0);
        (await desk.Events.ListAsync(all: false, 100, CancellationToken.None)).Single(e => e.CheckoutId == id.Value).Code.ShouldBe("PAY-005");
        (await desk.AskAsync<long>("SELECT count(*) FROM incidents WHERE cause = 'payment:pi_' || @id::text AND closed_at IS NULL", id)).ShouldBe(1);
    }

    [Fact]
    public async Task What_names_no_order_of_ours_is_kept_and_never_paid_back_by_itself()
    {
        var stranger = new JobId(Guid.NewGuid());
        (await desk.PaidAsync(stranger, "evt_stranger")).ShouldBe(PaymentOutcome.Refused(ErrorCodes.PaymentForUnknownOrder));
        (await desk.RefundAsync(stranger)).ShouldBe("none");

        var other = await desk.OpenAsync("pay-session");
        (await desk.Events.TakeAsync(new PaymentEvent("evt_other_session", "checkout.session.completed", false, "cs_other", other, "pi_x", 2999, "usd", "paid", null, false), CancellationToken.None))
            .ShouldBe(PaymentOutcome.Refused(ErrorCodes.PaymentForUnknownOrder));
        (await desk.JobsAsync(other)).ShouldBe(0);
    }

    [Fact]
    public async Task A_live_event_is_not_acted_on_where_tests_are_made()
    {
        var id = await desk.OpenAsync("pay-live");
        (await desk.PaidAsync(id, "evt_live", live: true)).ShouldBe(PaymentOutcome.Refused(ErrorCodes.PaymentModeMixed));
        (await desk.JobsAsync(id)).ShouldBe(0);
    }

    [Theory]
    [InlineData("customer.created", "ignored")]
    [InlineData("payment_intent.payment_failed", "ignored")]
    [InlineData("refund.updated", "recorded")]
    [InlineData("charge.dispute.created", "for_operators")]
    public async Task Other_events_are_recorded(string type, string word) =>
        (await desk.Events.TakeAsync(new PaymentEvent($"evt_{type}", type, false, "x_1", null, null, null, null, null, null, false), CancellationToken.None)).Word.ShouldBe(word);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refund_that_overtakes_its_payment_leaves_no_job(bool named)
    {
        var id = await desk.OpenAsync($"pay-overtaken-{named}".ToLowerInvariant());
        await desk.RefundedAsync(id, $"evt_early_refund_{named}", named);
        (await desk.PaidAsync(id, $"evt_late_payment_{named}")).Word.ShouldBeOneOf("recorded", "repeated");
        (await desk.JobsAsync(id)).ShouldBe(0);
    }

    [Fact]
    public async Task A_refund_of_a_running_job_cancels_it_and_is_not_made_twice()
    {
        var id = await desk.OpenAsync("pay-running");
        await desk.PaidAsync(id, "evt_running");
        (await desk.RefundedAsync(id, "evt_part", whole: false)).ShouldBe(PaymentOutcome.Recorded);
        (await desk.AskAsync<bool>("SELECT cancel_requested_at IS NOT NULL FROM jobs WHERE id = @id", id)).ShouldBeFalse();
        (await desk.RefundedAsync(id, "evt_whole")).Word.ShouldBe("cancel_requested");
        (await desk.AskAsync<bool>("SELECT cancel_requested_at IS NOT NULL FROM jobs WHERE id = @id", id)).ShouldBeTrue();

        await desk.EndAsync(id, JobState.Cancelled);
        (await desk.RefundAsync(id)).ShouldBe("returned");
        (await desk.AskAsync<long>("SELECT count(*) FROM work_items WHERE kind = 'refund' AND subject = @id", id)).ShouldBe(0);
    }

    [Fact]
    public async Task A_refund_of_a_completed_beacon_is_a_humans_decision()
    {
        var id = await desk.OpenAsync("pay-completed");
        await desk.PaidAsync(id, "evt_completed");
        await desk.EndAsync(id, JobState.Completed);
        (await desk.RefundedAsync(id, "evt_taken_back")).ShouldBe(PaymentOutcome.ForOperators(ErrorCodes.PaymentTakenBack));
        (await desk.AskAsync<bool>("SELECT cancel_requested_at IS NOT NULL OR decommission_requested_at IS NOT NULL FROM jobs WHERE id = @id", id)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_payment_that_is_days_late_gets_its_job_if_the_name_is_free_and_its_money_if_not()
    {
        var (lucky, late) = (await desk.OpenAsync("pay-lucky"), await desk.OpenAsync("pay-late"));
        foreach (var id in new[] { lucky, late })
        {
            await desk.ExecuteAsync("UPDATE checkouts SET hold_until = now() - interval '3 days' WHERE id = @id", id);
            await desk.Events.TakeAsync(new PaymentEvent($"evt_expired_{id}", "checkout.session.expired", false, $"cs_{id}", id, null, 2999, "usd", "unpaid", "expired", false), CancellationToken.None);
        }
        var holder = (await desk.Intake.PlaceAsync(PaymentDesk.Order("pay-late", "bert@example.com"), OrderSource.Checkout, paid: true, null, CancellationToken.None)).ShouldBeOfType<IntakeOutcome.Accepted>();

        (await desk.PaidAsync(lucky, "evt_lucky")).ShouldBe(PaymentOutcome.JobCreated);
        (await desk.PaidAsync(late, "evt_late")).ShouldBe(PaymentOutcome.Returned(ErrorCodes.PaymentCameTooLate));
        (await desk.PaidAsync(late, "evt_late_again")).ShouldBe(PaymentOutcome.Repeated);
        (await desk.AskAsync<Guid>("SELECT id FROM jobs WHERE beacon_name = 'pay-late'", late)).ShouldBe(holder.Job.Value);

        await desk.DriveAsync(desk.Delivery, late);
        (await desk.RefundAsync(late)).ShouldBe("returned");
        desk.Provider.Refunded[$"pi_{late}"].ShouldBe(1);
    }

    [Fact]
    public async Task Unsigned_deliveries_are_kept_by_their_fingerprint_and_in_bounds()
    {
        for (var i = 0; i < PaymentEvents.MostUnsigned + 20; i++) await desk.Events.KeepRefusedAsync(new[] { (byte)i }, ErrorCodes.PaymentSignatureInvalid, CancellationToken.None);
        await desk.Events.KeepRefusedAsync(new byte[] { 0 }, ErrorCodes.PaymentSignatureInvalid, CancellationToken.None);

        var kept = (await desk.Events.ListAsync(all: false, 500, CancellationToken.None)).Where(e => e.Code == "PAY-002").ToList();
        kept.Count.ShouldBe(PaymentEvents.MostUnsigned);
        kept.ShouldAllBe(e => e.Payload.Length < 200);
    }
}
