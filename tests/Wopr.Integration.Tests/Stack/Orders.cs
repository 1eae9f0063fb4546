namespace Wopr.Integration.Tests.Stack;

public static class Orders
{
    public static object Starter(string name, string email = "anna@example.com", string? location = null) =>
        new { bundle = "starter", tier = 1, beacon_name = name, email, location };
}
