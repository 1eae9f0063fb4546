using Wopr.Orchestrator.Tests.Http;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Provisioning;
using Wopr.Support;
using Wopr.Verification;

namespace Wopr.Orchestrator.Tests.Verification;

public sealed class BeaconVerifierTests
{
    [Fact]
    public async Task A_beacon_that_hangs_up_before_it_is_asked_cannot_be_reached()
    {
        var verifier = new BeaconVerifier(new HangingUp(), new BeaconAddresses(TestSettings.Make()));

        var finding = await verifier.CheckAsync(new JobId(Guid.NewGuid()), "anna.beacons.example", [], CancellationToken.None);

        finding.ShouldNotBeNull().Code.ShouldBe(ErrorCodes.BeaconUnreachable);
    }

    private sealed class HangingUp : IHttpClientFactory
    {
        public HttpClient CreateClient(string name) => new(new GoneConnections(new SocketsHttpHandler(), int.MaxValue));
    }
}
