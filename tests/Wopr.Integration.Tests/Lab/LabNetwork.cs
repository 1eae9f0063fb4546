using System.Text.RegularExpressions;

namespace Wopr.Integration.Tests.Lab;

/// <summary>What a beacon opens to the world and what its containers can reach, compared from inside and from outside.</summary>
internal static partial class LabNetwork
{
    public static void IsAsPromised(LabServer server)
    {
        NothingElseListens(server);
        foreach (var address in new[] { server.Address, server.Ipv6 }) OnlyTheWebAnswers(server, address);
        ContainersKnowEachOther(server);
        TheWayIsShutToNeighboursAndToTheMetadata(server);
    }

    /// <summary>22 is the system's own, behind the provider's firewall; 53 serves names to containers at their own gateway.</summary>
    private static void NothingElseListens(LabServer server)
    {
        var bound = server.Run("ss -Hltnu").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => Spaces().Split(line)).Select(words => $"{words[0]} {words[4]}")
            .Where(socket => !socket.Contains(" 127.", StringComparison.Ordinal) && !socket.Contains(" [::1]", StringComparison.Ordinal));
        bound.ShouldBe(
            ["tcp 0.0.0.0:22", "tcp [::]:22", "tcp 0.0.0.0:80", "tcp 0.0.0.0:443", "udp 0.0.0.0:443", "tcp 10.89.7.1:53", "udp 10.89.7.1:53"], ignoreOrder: true);
        server.Run("podman ps --format '{{.Names}} {{.Ports}}' | grep -- '->' | cut -d' ' -f1").Output.ShouldBe("wopr-caddy\n");
    }

    private static void OnlyTheWebAnswers(LabServer server, string address)
    {
        var open = server.Outside($$"""for ((port = 1; port < 65536; port++)); do if { :; } 3<>"/dev/tcp/{{address}}/$port"; then echo $port; fi; done 2>/dev/null""");
        open.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["22", "80", "443"], ignoreOrder: true, customMessage: address);
        var host = address.Contains(':') ? $"[{address}]" : address;
        server.Outside($$"""curl --globoff --silent --max-time 10 --output /dev/null --write-out '%{http_code}' --header 'Host: nobody' 'http://{{host}}/' | grep -E '^[23]'""").ShouldSucceed();

        // A UDP port that nobody listens on says so; one that somebody does says nothing to nonsense.
        var refused = server.Outside($$"""
            for port in 53 67 123 443 5353; do
              exec 3<>"/dev/udp/{{address}}/$port"
              printf nonsense >&3
              status=0
              IFS= read -r -t 2 -u 3 _ || status=$?
              ((status > 128)) || echo $port
            done 2>/dev/null
            """);
        refused.Output.ShouldBe("53\n67\n123\n5353\n", address);
    }

    private static void ContainersKnowEachOther(LabServer server)
    {
        server.Run("podman network ls --format '{{.Name}}'").Output.ShouldBe("podman\nwopr\nwopr-caddy\n");
        server.Run("podman ps --filter network=wopr --format '{{.Names}}' | wc -l").Output.ShouldBe(server.Run("podman ps --format '{{.Names}}' | wc -l").Output);
        server.Run("podman ps --filter network=wopr-caddy --format '{{.Names}}'").Output.ShouldBe("wopr-caddy\n");
        server.Run("podman exec wopr-authentik nc -w 3 wopr-redis 6379 </dev/null").ShouldSucceed();
        server.Run("podman exec wopr-authentik nc -w 3 wopr-postgresql 5432 </dev/null").ShouldSucceed();
        server.Run("podman exec wopr-caddy nc -w 3 wopr-authentik 9000 </dev/null").ShouldSucceed();
    }

    /// <summary>The metadata answer the server itself. A neighbour that sends packets for containers to the server gets nowhere.</summary>
    private static void TheWayIsShutToNeighboursAndToTheMetadata(LabServer server)
    {
        server.Run("curl --silent --fail --max-time 5 --output /dev/null http://169.254.169.254/meta-data").ShouldSucceed();
        foreach (var container in new[] { "wopr-authentik", "wopr-caddy" })
            server.Run($"podman exec {container} timeout 3 wget -q -O - http://169.254.169.254/meta-data").ExitCode.ShouldNotBe(0);
        var redis = server.Run("podman inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' wopr-redis").Output.Trim();
        server.Outside($"""
            ip route add 10.89.7.0/24 via {server.Address}
            status=0
            timeout 3 bash -c 'exec 3<>/dev/tcp/{redis}/6379' || status=$?
            ip route del 10.89.7.0/24
            echo $status
            """).Output.ShouldEndWith("124\n");
    }

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
