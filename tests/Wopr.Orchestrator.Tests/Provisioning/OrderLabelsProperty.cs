using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using Wopr.Checkout;
using Wopr.Hetzner;
using Wopr.Orchestrator.Tests.Modules;
using Wopr.Provisioning;

namespace Wopr.Orchestrator.Tests.Provisioning;

/// <summary>HETZ-002 cannot happen: whatever customers type, what is sent as labels and as a name fits the provider's grammar.</summary>
public sealed class OrderLabelsProperty
{
    private static readonly OrderParser Parser = new(Catalogue.Load(), TestModules.RealCatalogue());

    // The same forms each time.
    private static readonly FSharpOption<Replay> Same = FSharpOption<Replay>.Some(new Replay(new Rnd(20261121, 1), FSharpOption<int>.None));

    [Fact]
    public void Whatever_a_customer_types_the_labels_are_valid_and_hold_nothing_of_it()
    {
        var (accepted, refused) = (0, 0);
        var forms =
            from bundle in Mostly("starter")
            from name in Typed("a", "beacon-1", "x", "wopr", "my.beacon", "-a-", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
            from email in Typed("nobody", "a+b@c.de", "anna@example.com", "anna@example.com\n", "\"a b\"@c")
            from location in Typed("", "fsn1", "FSN1", "moon", "fsn1,evil=1")
            from tier in Gen.Choose(0, 4)
            from id in ArbMap.Default.GeneratorFor<Guid>()
            select (Form: new OrderForm { Bundle = bundle, BeaconName = name, Email = email, Location = location, Tier = tier }, Id: new JobId(id));

        Prop.ForAll(forms.ToArbitrary(), typed =>
        {
            if (Parser.Parse(typed.Form, locations: null).Order is not { } order)
            {
                refused++;
                return true;
            }
            accepted++;
            var labels = ServerLabels.For(typed.Id, order.Bundle.Id);
            var texts = new[] { order.BeaconName.Value, order.Email.Value, order.Location }.OfType<string>().Where(t => t is not ("wopr" or "starter"));
            return HetznerLabels.Fault(labels) is null
                && HetznerLabels.IsHostName($"{order.BeaconName}.beacons.example.org")
                && !labels.Values.Any(v => texts.Contains(v));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithReplay(Same));

        accepted.ShouldBeGreaterThan(100, "the property says little when hardly an order is accepted");
        refused.ShouldBeGreaterThan(100);
    }

    private static Gen<string> Mostly(string good) => Gen.Frequency((9, Gen.Constant(good)), (1, Anything));

    /// <summary>Good and nearly good entries, names of every allowed shape, and anything at all.</summary>
    private static Gen<string> Typed(params string[] examples) => Gen.Frequency(
        (6, Gen.Constant(examples[1])),
        (2, Gen.Elements(examples)),
        (3, from length in Gen.Choose(1, 45) from letters in Gen.ArrayOf(Gen.Elements("abcxyz0189-".ToCharArray()), length) select new string(letters)),
        (1, Anything));

    private static Gen<string> Anything => ArbMap.Default.GeneratorFor<string>().Select(s => s ?? "");
}
