namespace Wopr.Support;

/// <summary>Free-text search over the catalogue.</summary>
public interface ICatalogueSearch
{
    /// <summary>The entries that fit, best first.</summary>
    Task<IReadOnlyList<ErrorEntry>> SearchAsync(string query, CancellationToken cancellation);
}

/// <summary>What needs no database: codes, lines of logs, and words as they stand.</summary>
public sealed class PlainCatalogueSearch(ErrorCatalogue catalogue) : ICatalogueSearch
{
    public Task<IReadOnlyList<ErrorEntry>> SearchAsync(string query, CancellationToken cancellation) => Task.FromResult(catalogue.Search(query));
}
