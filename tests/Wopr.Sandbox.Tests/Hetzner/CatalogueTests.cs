using System.Globalization;
using Wopr.Sandbox.Hetzner;
using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Hetzner;

public sealed class CatalogueTests : SandboxTest
{
    [Fact]
    public void The_data_holds_together()
    {
        var catalogue = Catalogue.Load();

        catalogue.ServerTypes.Count.ShouldBe(25);
        catalogue.Locations.Select(location => location.Name).ShouldBe(["fsn1", "nbg1", "hel1", "ash", "hil", "sin"]);
        catalogue.ServerTypes.SelectMany(type => type.MonthlyNet.Keys).ShouldAllBe(name => catalogue.Location(name) != null);
        catalogue.ServerTypes.Select(type => type.Id).ShouldBeUnique();
        catalogue.Images.Select(image => image.Id).ShouldBeUnique();
        catalogue.Images.GroupBy(image => image.Name).ShouldAllBe(group => group.Count() == 2);
    }

    [Fact]
    public async Task Prices_of_types_and_of_the_price_list_agree()
    {
        var types = (await Hetzner("GET", "/server_types?per_page=50")).ShouldBe(200).Body["server_types"]!.AsArray();
        var list = (await Hetzner("GET", "/pricing")).ShouldBe(200).Body["pricing"]!["server_types"]!.AsArray();

        types.Select(type => type!["prices"]!.ToJsonString()).ShouldBe(list.Select(type => type!["prices"]!.ToJsonString()));
        var price = types[0]!["prices"]![0]!["price_monthly"]!;
        decimal.Parse(price["gross"]!.GetValue<string>(), CultureInfo.InvariantCulture)
            .ShouldBe(decimal.Parse(price["net"]!.GetValue<string>(), CultureInfo.InvariantCulture) * 1.19m, 0.0001m);
    }

    [Fact]
    public async Task One_name_has_an_image_for_each_architecture()
    {
        var images = (await Hetzner("GET", "/images?name=debian-13")).ShouldBe(200).Body["images"]!.AsArray();

        images.Select(image => image!["architecture"]!.GetValue<string>()).ShouldBe(["x86", "arm"]);
        (await Hetzner("GET", $"/images/{Id(images[0]!)}")).ShouldBe(200);
        (await Hetzner("GET", "/images?type=snapshot")).Body["images"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Types_and_locations_are_found_by_id()
    {
        (await Hetzner("GET", "/server_types/114")).ShouldBe(200).Body["server_type"]!["name"]!.GetValue<string>().ShouldBe("cx23");
        (await Hetzner("GET", "/server_types/104")).ShouldRefuse(404, "not_found");
        (await Hetzner("GET", "/locations/1")).ShouldBe(200).Body["location"]!["name"]!.GetValue<string>().ShouldBe("fsn1");
        (await Hetzner("GET", "/locations?name=hel1")).Body["locations"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Kinds_that_the_emulator_has_none_of_are_listed_as_empty()
    {
        foreach (var kind in new[] { "networks", "floating_ips", "load_balancers", "certificates", "isos", "placement_groups" })
        {
            (await Hetzner("GET", $"/{kind}")).ShouldBe(200).Body[kind]!.AsArray().ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_snapshot_is_an_image_like_any_other()
    {
        var server = Id(await RunningServer("one"));
        var image = Id((await Hetzner("POST", $"/servers/{server}/actions/create_image", new { description = "before the change" })).ShouldBe(201).Body["image"]!);
        Advance(1);

        (await Hetzner("GET", "/images?type=snapshot")).Body["images"]!.AsArray().Select(one => Id(one!)).ShouldBe([image]);
        (await Hetzner("POST", "/servers", Order("copy", new { image }))).ShouldBe(201);
        (await Hetzner("PUT", $"/images/{image}", new { description = "kept" })).ShouldBe(200);
        (await Hetzner("DELETE", $"/images/{image}")).ShouldBe(204);
        (await Hetzner("DELETE", "/images/310557660")).ShouldRefuse(404, "not_found");
    }
}
