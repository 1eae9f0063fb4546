namespace Wopr.Sandbox.Boot;

/// <summary>What stands behind an emulated server: something that runs its user-data and then answers at its address.</summary>
public interface IMachineDriver
{
    /// <summary>
    /// Powers the machine on and returns at once. Called again for every running server when the sandbox starts:
    /// a machine whose first boot had finished is not set up a second time.
    /// </summary>
    void Start(Machine machine);

    /// <summary>Powers the machine off; its disk stays.</summary>
    void Stop(long serverId);

    /// <summary>Powers the machine off and wipes its disk.</summary>
    void Destroy(long serverId);
}

public sealed record Machine(long ServerId, string Name, string Ipv4, string Ipv6, string UserData);

/// <summary>The way from a host name to a machine: the emulated DNS records, then the emulated addresses.</summary>
public interface IInternet
{
    /// <summary>The running machine that holds the address in the host's A record (exact name first, then wildcard), or null.</summary>
    Machine? Resolve(string host);
}
