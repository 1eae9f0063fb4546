namespace Wopr.Sandbox.Boot;

/// <summary>Machines that never run anything, for work on the APIs alone.</summary>
public sealed class NullDriver : IMachineDriver
{
    public void Start(Machine machine)
    {
        // Nothing stands behind the server: that is the point.
    }

    public void Stop(long serverId)
    {
        // Nothing to stop.
    }

    public void Destroy(long serverId)
    {
        // Nothing to wipe.
    }
}
