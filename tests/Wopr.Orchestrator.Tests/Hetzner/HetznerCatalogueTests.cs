using Wopr.Orchestrator.Tests.Http;
using Wopr.Provisioning.Ports;

namespace Wopr.Orchestrator.Tests.Hetzner;

public sealed class HetznerCatalogueTests
{
    private const string Types = "GET /v1/server_types?page=1&per_page=50";
    private const string Locations = "GET /v1/locations?page=1&per_page=50";

    private static readonly Answer SomeTypes = new(200, """
        {"server_types":[
          {"id":1,"name":"cpx22","cores":2,"memory":4.0,"disk":80,"cpu_type":"shared","architecture":"x86","deprecation":null,
           "prices":[{"location":"nbg1","price_monthly":{"net":"6.4900000000","gross":"7.7231000000"}},{"location":"fsn1","price_monthly":{"net":"1","gross":"not a number"}}],
           "locations":[{"id":1,"name":"nbg1","deprecation":null,"available":true},{"id":2,"name":"fsn1","available":true},
                        {"id":3,"name":"hel1","available":true}]},
          {"id":2,"name":"cx22","cores":2,"memory":4,"disk":40,"cpu_type":"shared","architecture":"x86",
           "deprecation":{"announced":"2025-01-01T00:00:00Z","unavailable_after":"2026-01-01T00:00:00Z"},
           "prices":[{"location":"nbg1","price_monthly":{"net":"3","gross":"4"}}],"locations":[{"id":1,"name":"nbg1","available":true}]},
          {"id":3,"name":"cax11","cores":2,"memory":4,"disk":40,"cpu_type":"shared","architecture":"arm",
           "prices":[{"location":"nbg1","price_monthly":{"gross":"3.92"}},{"location":"fsn1","price_monthly":{"gross":"3.92"}}],
           "locations":[{"id":1,"name":"nbg1","available":false,"deprecation":{"unavailable_after":"2027-01-01T00:00:00Z"}},
                        {"id":2,"name":"fsn1","available":true,"deprecation":{"unavailable_after":"2026-11-21T12:00:00Z"}}]}]}
        """);

    private static readonly Answer SomeLocations = new(200, """{"locations":[{"id":1,"name":"nbg1","city":"Nuremberg","country":"DE","network_zone":"eu-central"}]}""");

    [Fact]
    public async Task It_says_what_is_sold_where_today_and_for_how_much()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On(Types, SomeTypes).On(Locations, SomeLocations);

        var catalogue = (await bench.Cloud.GetCatalogueAsync(CancellationToken.None)).Value();

        catalogue.ServerTypes.SelectMany(t => t.Locations.Select(o => (t.Name, o.Location, o.Available, o.MonthlyGross)))
            .ShouldBe([("cpx22", "nbg1", true, 7.7231m), ("cax11", "nbg1", false, 3.92m)]);
        catalogue.ServerTypes[0].MemoryGb.ShouldBe(4m);
        catalogue.Locations.ShouldBe([new CloudLocation("nbg1", "Nuremberg", "DE", "eu-central")]);
    }

    [Fact]
    public async Task Fifty_who_ask_at_once_cost_two_calls_and_later_ones_none_until_it_is_old()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On(Types, SomeTypes).On(Locations, SomeLocations).On(Types, SomeTypes).On(Locations, SomeLocations);

        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => bench.Cloud.GetCatalogueAsync(CancellationToken.None)));
        all.ShouldAllBe(r => r.Failure == null);
        bench.Clock.Advance(TimeSpan.FromMinutes(4));
        await bench.Cloud.GetCatalogueAsync(CancellationToken.None);
        bench.Server.Received.Count.ShouldBe(2);

        bench.Clock.Advance(TimeSpan.FromMinutes(1));
        await bench.Cloud.GetCatalogueAsync(CancellationToken.None);
        bench.Server.Done();
    }

    [Fact]
    public async Task An_image_is_chosen_by_architecture_and_kept()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("GET /v1/images?name=debian-13&architecture=arm&type=system&status=available&page=1&per_page=50", new Answer(200, """
            {"images":[{"id":1,"name":"debian-13","type":"system","status":"available","architecture":"x86","created":"2026-11-01T00:00:00Z"},
                       {"id":2,"name":"debian-13","type":"system","status":"available","architecture":"arm","created":"2026-08-01T00:00:00Z"},
                       {"id":3,"name":"debian-13","type":"system","status":"available","architecture":"arm","created":"2026-10-01T00:00:00Z"},
                       {"id":4,"name":"debian-13","type":"system","status":"unavailable","architecture":"arm","created":"2026-11-01T00:00:00Z"},
                       {"id":5,"name":"debian-13","type":"system","status":"available","architecture":"arm","created":"2026-11-01T00:00:00Z","deprecated":"2026-11-02T00:00:00Z"}]}
            """));

        (await bench.Cloud.FindImageAsync("debian-13", "arm", CancellationToken.None)).Value().ShouldBe(3);
        (await bench.Cloud.FindImageAsync("debian-13", "arm", CancellationToken.None)).Value().ShouldBe(3);
        bench.Server.Done();
    }

    [Fact]
    public async Task An_image_that_is_not_there_is_asked_for_again()
    {
        const string Query = "GET /v1/images?name=debian-99&architecture=x86&type=system&status=available&page=1&per_page=50";
        await using var bench = await ProviderBench.StartAsync();
        bench.On(Query, new Answer(200, """{"images":[]}""")).On(Query, new Answer(200, """{"images":[]}"""));

        (await bench.Cloud.FindImageAsync("debian-99", "x86", CancellationToken.None)).Value().ShouldBeNull();
        (await bench.Cloud.FindImageAsync("debian-99", "x86", CancellationToken.None)).Value().ShouldBeNull();
        bench.Server.Done();
    }

    [Fact]
    public async Task Prices_are_read_or_refused_but_never_guessed()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("GET /v1/pricing", new Answer(200, """
                {"pricing":{"currency":"EUR","vat_rate":"19.000000","volume":{"price_per_gb_month":{"net":"0.04","gross":"0.0476"}},
                 "primary_ips":[{"type":"ipv4","prices":[{"location":"fsn1","price_monthly":{"net":"0.5","gross":"0.5950"}}]}]}}
                """))
            .On("GET /v1/pricing", new Answer(200, """{"pricing":{"currency":"EUR","vat_rate":"19"}}"""));

        var pricing = (await bench.Cloud.GetPricingAsync(CancellationToken.None)).Value();

        (pricing.Currency, pricing.VatPercent, pricing.VolumeGbMonthlyGross).ShouldBe(("EUR", 19m, 0.0476m));
        pricing.PrimaryIpMonthlyGross[("ipv4", "fsn1")].ShouldBe(0.595m);
        (await bench.Cloud.GetPricingAsync(CancellationToken.None)).Refusal().Retry.ShouldBe(Retry.Later);
    }
}
