using System.Xml.Linq;
using Dapper;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace Wopr.Operators.SignIn;

/// <summary>The framework's keys for cookies and form tokens, in PostgreSQL, so that all nodes and every restart have the same.</summary>
/// <remarks>The framework asks synchronously, at the start and once a day. Whoever reads the database can make cookies: keep its backups as safe as itself.</remarks>
public sealed class CookieKeys(NpgsqlDataSource database) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var connection = database.OpenConnection();
        return [.. connection.Query<string>("SELECT xml FROM cookie_keys ORDER BY id").Select(XElement.Parse)];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var connection = database.OpenConnection();
        connection.Execute("INSERT INTO cookie_keys (name, xml) VALUES (@friendlyName, @xml)", new { friendlyName, xml = element.ToString(SaveOptions.DisableFormatting) });
    }
}
