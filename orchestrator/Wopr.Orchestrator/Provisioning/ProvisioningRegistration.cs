using Wopr.Platform.Work;
using Wopr.Provisioning.Projects;
using Wopr.Provisioning.Steps;

namespace Wopr.Provisioning;

/// <summary>The pipeline's parts; the steps in the order of the way.</summary>
public static class ProvisioningRegistration
{
    public static IServiceCollection AddProvisioning(this IServiceCollection services)
    {
        services.AddSingleton<IStep, PendingStep>();
        services.AddSingleton<IStep, PaymentReceivedStep>();
        services.AddSingleton<IStep, ProvisioningVpsStep>();
        services.AddSingleton<IStep, ConfiguringDnsStep>();
        services.AddSingleton<IStep, WaitingForVpsStep>();
        services.AddSingleton<IStep, DeployingWoprStep>();
        services.AddSingleton<IStep, VerifyingStep>();
        services.AddSingleton<IStep, GeneratingDocsStep>();
        services.AddSingleton<IStep, SendingWelcomeStep>();
        services.AddSingleton<IStep, FailedStep>();
        services.AddSingleton<IStep, RollingBackStep>();

        services.AddSingleton<Deadlines>();
        services.AddSingleton<ServerPrerequisites>();
        services.AddSingleton<ProjectBook>();
        services.AddSingleton<KnownCatalogue>();
        services.AddSingleton<ServerLookout>();
        services.AddSingleton<CachePurge>();
        services.AddSingleton<StockMemory>();
        services.AddSingleton<JobRemains>();
        services.AddSingleton<JobWatch>();
        services.AddSingleton<StepRun>();
        services.AddSingleton<JobStore>();
        services.AddSingleton<JobEvents>();
        services.AddSingleton<LiveEvents>();
        services.AddSingleton<Estimates>();
        services.AddSingleton<JobStatusReader>();
        services.AddSingleton<IWorkHandler, JobDriver>();
        services.AddSingleton<IWorkHandler, ActionPoller>();
        services.AddSingleton<IWorkHandler, DeadlineCheck>();
        return services;
    }
}
