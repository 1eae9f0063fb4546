using System.Text;
using Wopr.Beacons;
using Wopr.Platform;

namespace Wopr.Orchestrator.Tests.Beacons;

/// <summary>A heartbeat in which all is well, for tests to change.</summary>
internal static class SomeHeartbeat
{
    public static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public static Heartbeat Sound(DateTimeOffset? at = null) => new(
        new string('a', 64),
        new PlanProgress(1, PlanState.Applied),
        [new UnitState("caddy", "wopr-caddy", "active"), new UnitState("vikunja", "wopr-vikunja", "active")],
        new Room(76000, 50000),
        new Room(8000, 4000),
        [new CertificateLife("alice.example", (at ?? Now).AddDays(-30), (at ?? Now).AddDays(60))],
        new BackupResult((at ?? Now).AddHours(-9), Ok: true, Kept: 7),
        "cloud-init: hetzner, 0 errors",
        3600);

    public static ReadOnlyMemory<byte> Bytes(this Heartbeat heartbeat) => Encoding.UTF8.GetBytes(Json.Write(heartbeat));
}
