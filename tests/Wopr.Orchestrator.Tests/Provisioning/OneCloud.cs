using Wopr.Provisioning.Ports;

namespace Wopr.Orchestrator.Tests.Provisioning;

/// <summary>A provider with a single project.</summary>
internal sealed class OneCloud(ICloud cloud) : IClouds
{
    public IReadOnlyList<CloudProject> Projects { get; } = [new(ProjectName.Main, MostServers: null, Closed: false, "hetzner:main")];

    public ICloud Of(ProjectName? name) => cloud;
}
