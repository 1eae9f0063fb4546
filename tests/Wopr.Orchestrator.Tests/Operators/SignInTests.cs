using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Wopr.Audit;
using Wopr.Operators;
using Wopr.Operators.SignIn;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform;

namespace Wopr.Orchestrator.Tests.Operators;

/// <summary>Keys, accounts and the limit on tries, on a real database.</summary>
public sealed class SignInTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private const string Password = "a long enough password";

    private static readonly Actor Admin = Actor.Operator("admin of the tests");

    private static int count;

    private readonly string name = $"anna{Interlocked.Increment(ref count)}";
    private readonly IPAddress address = new([198, 18, 7, (byte)Interlocked.Increment(ref count)]);

    [Fact]
    public async Task An_account_opens_with_its_password_only_and_says_so_in_the_audit_log()
    {
        var (desk, accounts, _) = Make();
        (await accounts.PutAsync(name, Password, OperatorRole.Viewer, Admin, "new colleague", default)).ShouldBeNull();

        (await desk.WithPasswordAsync(name, "another password", address, default)).ShouldBeOfType<SignInOutcome.Refused>();
        (await desk.WithPasswordAsync("nobody", Password, address, default)).ShouldBeOfType<SignInOutcome.Refused>();
        var who = (await desk.WithPasswordAsync(name, Password, address, default)).ShouldBeOfType<SignInOutcome.Welcome>().Who;

        (who.Name, who.Role, who.Source).ShouldBe((name, OperatorRole.Viewer, SignInSource.Account));
        var log = await new AuditLog(database.Source).ListAsync(null, null, 50, default);
        log.ShouldContain(a => a.Action == "sign-in" && a.Actor == name);
        log.ShouldContain(a => a.Action == "put-account" && a.Detail == $"{name} as viewer" && a.Reason == "new colleague");
        log.ShouldAllBe(a => a.Detail == null || !a.Detail.Contains(Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_of_the_account_ends_its_sessions()
    {
        var (desk, accounts, _) = Make();
        await accounts.PutAsync(name, Password, OperatorRole.Admin, Admin, "why", default);
        var who = ((SignInOutcome.Welcome)await desk.WithPasswordAsync(name, Password, address, default)).Who;
        (await desk.StillHoldsAsync(who, default)).ShouldBeTrue();

        await accounts.PutAsync(name, Password, OperatorRole.Viewer, Admin, "why", default);

        (await desk.StillHoldsAsync(who, default)).ShouldBeFalse();
        (await accounts.DisableAsync(name, Admin, "left", default)).ShouldBeNull();
        (await desk.WithPasswordAsync(name, Password, address, default)).ShouldBeOfType<SignInOutcome.Refused>();
        (await accounts.DisableAsync(name, Admin, "left", default)).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("Anna", Password)]
    [InlineData("an na", Password)]
    [InlineData("", Password)]
    [InlineData("anna", "short")]
    public async Task What_is_no_name_or_no_password_makes_no_account(string given, string password) =>
        (await Make().Accounts.PutAsync(given, password, OperatorRole.Viewer, Admin, "why", default)).ShouldNotBeNull();

    [Fact]
    public async Task A_configured_account_goes_before_a_stored_one_and_is_not_changed_here()
    {
        var (_, stored, _) = Make();
        await stored.PutAsync(name, Password, OperatorRole.Admin, Admin, "why", default);
        var (desk, accounts, _) = Make(("WOPR_OPERATORS", $"{name}:operator:{Passwords.Hash("another password")}"));

        (await desk.WithPasswordAsync(name, Password, address, default)).ShouldBeOfType<SignInOutcome.Refused>();
        ((SignInOutcome.Welcome)await desk.WithPasswordAsync(name, "another password", address, default)).Who.Role.ShouldBe(OperatorRole.Operator);
        (await accounts.PutAsync(name, Password, OperatorRole.Admin, Admin, "why", default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_key_that_was_made_opens_with_its_role_until_it_is_revoked()
    {
        var (desk, _, keys) = Make();
        var key = await keys.MakeAsync("dashboard", OperatorRole.Viewer, Admin, "for the screen", default);

        var who = ((SignInOutcome.Welcome)await desk.WithKeyAsync(key, address, default)).Who;
        who.Role.ShouldBe(OperatorRole.Viewer);
        (await desk.StillHoldsAsync(who, default)).ShouldBeTrue();
        (await keys.RevokeAsync(who.Proof, Admin, "no longer needed", default)).ShouldBeTrue();

        (await keys.FindAsync(key, default)).ShouldBeNull();
        (await desk.StillHoldsAsync(who, default)).ShouldBeFalse();
        (await desk.WithKeyAsync(key, address, default)).ShouldBeOfType<SignInOutcome.Refused>();
    }

    [Fact]
    public async Task A_configured_key_takes_the_place_of_the_first_starts()
    {
        var (_, _, first) = Make();
        var made = (await first.EnsureAsync(default)).ShouldNotBeNull();
        (await first.FindAsync(made, default)).ShouldNotBeNull().Role.ShouldBe(OperatorRole.Admin);
        (await first.EnsureAsync(default)).ShouldBeNull();

        var (_, _, configured) = Make(("WOPR_OPERATOR_KEY", "a-configured-operator-key"));

        (await configured.FindAsync("a-configured-operator-key", default)).ShouldNotBeNull().Role.ShouldBe(OperatorRole.Admin);
        (await configured.FindAsync(made, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Two_nodes_count_the_tries_for_one_name_together_and_then_look_at_no_password()
    {
        var (one, accounts, _) = Make();
        var (two, _, _) = Make();
        await accounts.PutAsync(name, Password, OperatorRole.Viewer, Admin, "why", default);

        var wrong = await Task.WhenAll(Enumerable.Range(0, SignInLimit.PerName).Select(i => (i % 2 == 0 ? one : two).WithPasswordAsync(name, "wrong", Other(i), default)));

        wrong.ShouldAllBe(o => o is SignInOutcome.Refused);
        var wait = (await two.WithPasswordAsync(name, Password, address, default)).ShouldBeOfType<SignInOutcome.TooOften>().Wait;
        wait.ShouldBeInRange(TimeSpan.FromSeconds(1), SignInLimit.Window);
    }

    [Fact]
    public async Task One_address_cannot_try_many_names_and_another_is_not_hindered()
    {
        var (desk, _, _) = Make();
        for (var i = 0; i < SignInLimit.PerAddress; i++) (await desk.WithPasswordAsync($"{name}-{i}", "wrong", address, default)).ShouldBeOfType<SignInOutcome.Refused>();

        (await desk.WithPasswordAsync($"{name}-x", "wrong", address, default)).ShouldBeOfType<SignInOutcome.TooOften>();
        (await desk.WithPasswordAsync($"{name}-x", "wrong", Other(99), default)).ShouldBeOfType<SignInOutcome.Refused>();
    }

    [Fact]
    public async Task A_success_forgets_the_tries_before_it()
    {
        var (desk, accounts, _) = Make();
        await accounts.PutAsync(name, Password, OperatorRole.Viewer, Admin, "why", default);
        for (var i = 0; i < SignInLimit.PerName - 1; i++) await desk.WithPasswordAsync(name, "wrong", Other(i), default);
        (await desk.WithPasswordAsync(name, Password, Other(50), default)).ShouldBeOfType<SignInOutcome.Welcome>();

        (await desk.WithPasswordAsync(name, "wrong", Other(51), default)).ShouldBeOfType<SignInOutcome.Refused>();
    }

    [Theory]
    [InlineData("WOPR_OPERATORS", "anna:admin:plain-password", "WOPR_OPERATORS: the entry of 'anna'")]
    [InlineData("WOPR_OPERATORS", "anna:chief:x", "WOPR_OPERATORS: the entry of 'anna'")]
    [InlineData("WOPR_OPERATOR_GROUPS", "admins", "WOPR_OPERATOR_GROUPS: 'admins'")]
    [InlineData("WOPR_PROXIES", "everybody", "WOPR_PROXIES: 'everybody'")]
    [InlineData("WOPR_FORWARD_AUTH_PROXIES", "127.0.0.1/32", "WOPR_OPERATOR_GROUPS is missing")]
    [InlineData("WOPR_OIDC_ISSUER", "https://auth.example/", "WOPR_OIDC_CLIENT_ID is missing")]
    [InlineData("WOPR_OIDC_CLIENT_ID", "wopr", "WOPR_OIDC_ISSUER is missing")]
    public void A_wrong_setting_is_refused_at_the_start_without_repeating_a_secret(string variable, string value, string problem)
    {
        var problems = new SettingsReader(name => name == variable ? value : null).Read().Problems;

        problems.ShouldContain(p => p.StartsWith(problem, StringComparison.Ordinal));
        problems.ShouldAllBe(p => !p.Contains("plain-password", StringComparison.Ordinal));
    }

    private static IPAddress Other(int number) => new([198, 19, (byte)(Interlocked.Increment(ref count) % 250), (byte)number]);

    private (SignInDesk Desk, OperatorAccounts Accounts, OperatorKeys Keys) Make(params (string, string)[] environment)
    {
        var settings = TestSettings.Make(environment);
        var accounts = new OperatorAccounts(database.Source, settings, new RandomIdSource());
        var keys = new OperatorKeys(database.Source, settings, new RandomIdSource());
        return (new SignInDesk(accounts, keys, new SignInLimit(database.Source), new AuditLog(database.Source), NullLogger<SignInDesk>.Instance), accounts, keys);
    }
}
