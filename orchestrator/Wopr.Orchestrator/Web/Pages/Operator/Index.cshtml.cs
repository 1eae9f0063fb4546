namespace Wopr.Web.Pages.Operator;

/// <summary>The newest jobs.</summary>
public sealed class IndexModel(IJobViews jobs, IOperatorSignIn signIn) : OperatorPage(signIn)
{
    private const int Most = 200;

    public IReadOnlyList<JobRow> Jobs { get; private set; } = [];

    public bool MayHaveMore => Jobs.Count == Most;

    public async Task OnGetAsync(CancellationToken cancellation) => Jobs = await jobs.ListAsync(Most, cancellation);
}
