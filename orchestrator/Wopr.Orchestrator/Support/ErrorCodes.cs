namespace Wopr.Support;

/// <summary>
/// Every code that WOPR can name, and the only place where one is made. TROUBLESHOOTING.md explains each;
/// a test holds the two together both ways.
/// </summary>
public static class ErrorCodes
{
    /// <summary>The server type does not exist at the provider, or is no longer sold.</summary>
    public static readonly ErrorCode ServerTypeNotFound = new("HETZ-001");
    /// <summary>The provider refused a label.</summary>
    public static readonly ErrorCode LabelRefused = new("HETZ-002");
    /// <summary>The configured SSH key does not exist in the provider's project.</summary>
    public static readonly ErrorCode SshKeyNotFound = new("HETZ-003");
    /// <summary>A server of the wanted name exists and is not ours.</summary>
    public static readonly ErrorCode ServerNameTaken = new("HETZ-004");
    /// <summary>No server type that satisfies the order can be had in any allowed location.</summary>
    public static readonly ErrorCode SoldOut = new("HETZ-005");
    /// <summary>The provider account has reached a limit (servers, primary IPs, cores).</summary>
    public static readonly ErrorCode AccountLimit = new("HETZ-006");
    /// <summary>The provider token is missing, wrong, read-only or lacks a permission.</summary>
    public static readonly ErrorCode HetznerTokenRefused = new("HETZ-007");
    /// <summary>A provider action ended in error.</summary>
    public static readonly ErrorCode ActionFailed = new("HETZ-008");
    /// <summary>The provider could not be reached or answered with errors until the deadline.</summary>
    public static readonly ErrorCode HetznerUnavailable = new("HETZ-009");
    /// <summary>The provider refused a request as wrong in itself.</summary>
    public static readonly ErrorCode HetznerRequestRefused = new("HETZ-010");
    /// <summary>A server that a live job owns is gone at the provider.</summary>
    public static readonly ErrorCode ServerVanished = new("HETZ-011");
    /// <summary>The resource is locked or protected at the provider.</summary>
    public static readonly ErrorCode ResourceLocked = new("HETZ-012");
    /// <summary>The provider's rate limit was reached; WOPR waits.</summary>
    public static readonly ErrorCode HetznerRateLimited = new("HETZ-013");
    /// <summary>A resource that carries our label belongs to no live job.</summary>
    public static readonly ErrorCode OrphanFound = new("HETZ-014");
    /// <summary>The firewall before the beacons is not as WOPR set it.</summary>
    public static readonly ErrorCode FirewallChanged = new("HETZ-015");
    /// <summary>A job's project at the provider is not configured any more.</summary>
    public static readonly ErrorCode ProjectUnknown = new("HETZ-016");

    /// <summary>The server did not reach the running state in time.</summary>
    public static readonly ErrorCode ServerNotRunning = new("VPS-001");

    /// <summary>The callback address answers 404.</summary>
    public static readonly ErrorCode CallbackNotFound = new("CALLBACK-001");
    /// <summary>The callback token is not valid for this job.</summary>
    public static readonly ErrorCode CallbackTokenInvalid = new("CALLBACK-002");
    /// <summary>The beacon has been silent for longer than its stage allows.</summary>
    public static readonly ErrorCode BeaconSilent = new("CALLBACK-003");
    /// <summary>A callback came without a token.</summary>
    public static readonly ErrorCode CallbackTokenMissing = new("CALLBACK-004");
    /// <summary>A callback came for a job that is over.</summary>
    public static readonly ErrorCode CallbackJobOver = new("CALLBACK-005");
    /// <summary>A callback was larger than 64 KiB.</summary>
    public static readonly ErrorCode CallbackTooLarge = new("CALLBACK-006");
    /// <summary>A callback was not understood.</summary>
    public static readonly ErrorCode CallbackNotUnderstood = new("CALLBACK-007");
    /// <summary>Too many callbacks came for one job.</summary>
    public static readonly ErrorCode CallbackTooMany = new("CALLBACK-008");

    /// <summary>Static assets of an application answer 404 on the beacon.</summary>
    public static readonly ErrorCode StaticAssetsNotFound = new("CADDY-001");
    /// <summary>Client-side routes answer 404 on the beacon.</summary>
    public static readonly ErrorCode ClientRoutesNotFound = new("CADDY-002");
    /// <summary>API calls answer with the sign-in page.</summary>
    public static readonly ErrorCode ApiAnswersHtml = new("CADDY-003");

    /// <summary>A line continuation was damaged on its way into a script.</summary>
    public static readonly ErrorCode LineContinuationDamaged = new("CLOUDINIT-001");
    /// <summary>A host name could not be resolved when the installer was fetched.</summary>
    public static readonly ErrorCode NameResolutionNotReady = new("CLOUDINIT-002");
    /// <summary>A file that cloud-init should have written is missing.</summary>
    public static readonly ErrorCode FileMissing = new("CLOUDINIT-003");
    /// <summary>The rendered user-data is not fit to be sent.</summary>
    public static readonly ErrorCode UserDataRefused = new("CLOUDINIT-004");

    /// <summary>A migration met an object that exists already, or failed.</summary>
    public static readonly ErrorCode MigrationFailed = new("DB-001");
    /// <summary>No database connection became free in time.</summary>
    public static readonly ErrorCode PoolExhausted = new("DB-002");
    /// <summary>The database cannot be reached.</summary>
    public static readonly ErrorCode DatabaseUnavailable = new("DB-003");

    /// <summary>Cloudflare keeps answering with a cached 404.</summary>
    public static readonly ErrorCode CachedNotFound = new("CF-001");
    /// <summary>A DNS record of this name exists already.</summary>
    public static readonly ErrorCode RecordExists = new("CF-002");
    /// <summary>A DNS record of this name exists and is not ours.</summary>
    public static readonly ErrorCode ForeignRecord = new("CF-003");
    /// <summary>The Cloudflare token is missing, wrong or lacks a permission.</summary>
    public static readonly ErrorCode CloudflareTokenRefused = new("CF-004");
    /// <summary>The configured zone does not exist in the Cloudflare account.</summary>
    public static readonly ErrorCode ZoneNotFound = new("CF-005");
    /// <summary>Cloudflare could not be reached or answered with errors until the deadline.</summary>
    public static readonly ErrorCode CloudflareUnavailable = new("CF-006");
    /// <summary>Cloudflare refused a request as wrong in itself.</summary>
    public static readonly ErrorCode CloudflareRequestRefused = new("CF-007");
    /// <summary>Cloudflare's rate limit was reached; WOPR waits.</summary>
    public static readonly ErrorCode CloudflareRateLimited = new("CF-008");
    /// <summary>A DNS record that carries our comment belongs to no live job.</summary>
    public static readonly ErrorCode OrphanRecord = new("CF-009");

    /// <summary>A public endpoint asks for a sign-in.</summary>
    public static readonly ErrorCode PublicEndpointBlocked = new("AUTH-001");
    /// <summary>The operator key is missing or wrong.</summary>
    public static readonly ErrorCode OperatorKeyRefused = new("AUTH-002");
    /// <summary>The operator's role may not do that.</summary>
    public static readonly ErrorCode RoleTooSmall = new("AUTH-003");
    /// <summary>Too many tries to sign in.</summary>
    public static readonly ErrorCode SignInTooOften = new("AUTH-004");
    /// <summary>The identity provider did not let the operator in, or does not answer.</summary>
    public static readonly ErrorCode IdentityProviderRefused = new("AUTH-005");

    /// <summary>A script has Windows line endings.</summary>
    public static readonly ErrorCode CarriageReturn = new("INSTALLER-001");
    /// <summary>The installer tarball is incomplete.</summary>
    public static readonly ErrorCode InstallerIncomplete = new("INSTALLER-002");
    /// <summary>Modules were started in the wrong order.</summary>
    public static readonly ErrorCode ModuleOrder = new("INSTALLER-003");
    /// <summary>The installer could not be fetched.</summary>
    public static readonly ErrorCode InstallerDownloadFailed = new("INSTALLER-004");
    /// <summary>The installer's checksum is not the pinned one.</summary>
    public static readonly ErrorCode InstallerChecksum = new("INSTALLER-005");
    /// <summary>Debian packages could not be installed on the beacon.</summary>
    public static readonly ErrorCode PackagesFailed = new("INSTALLER-006");
    /// <summary>The bootstrap or the runner ended in a way that nobody foresaw.</summary>
    public static readonly ErrorCode InstallerStopped = new("INSTALLER-007");

    /// <summary>A module's manifest is wrong, or its dependencies have a cycle or a gap.</summary>
    public static readonly ErrorCode ManifestInvalid = new("MODULE-001");
    /// <summary>A module's image could not be pulled.</summary>
    public static readonly ErrorCode ImagePullFailed = new("MODULE-002");
    /// <summary>A module's unit did not start.</summary>
    public static readonly ErrorCode ModuleStartFailed = new("MODULE-003");
    /// <summary>A module started but did not become healthy in time.</summary>
    public static readonly ErrorCode ModuleUnhealthy = new("MODULE-004");
    /// <summary>The beacon has too little disk or memory for its modules.</summary>
    public static readonly ErrorCode BeaconTooSmall = new("MODULE-005");
    /// <summary>A module's own hook, which sets it up before or after its start, failed.</summary>
    public static readonly ErrorCode ModuleSetupFailed = new("MODULE-006");

    /// <summary>The container network resolves no names.</summary>
    public static readonly ErrorCode ContainerDnsMissing = new("PODMAN-001");
    /// <summary>A service listens where containers cannot reach it.</summary>
    public static readonly ErrorCode ServiceBoundToLoopback = new("PODMAN-002");
    /// <summary>A container looks for another on its own loopback address.</summary>
    public static readonly ErrorCode ContainerUsesLoopback = new("PODMAN-003");

    /// <summary>The beacon did not answer from outside in time.</summary>
    public static readonly ErrorCode BeaconUnreachable = new("VERIFY-001");
    /// <summary>Something answers at the beacon's address, but it is not this beacon.</summary>
    public static readonly ErrorCode BeaconMistaken = new("VERIFY-002");
    /// <summary>The beacon answers, but one of its applications does not.</summary>
    public static readonly ErrorCode ApplicationUnreachable = new("VERIFY-003");

    /// <summary>The bundle does not exist.</summary>
    public static readonly ErrorCode BundleUnknown = new("ORDER-001");
    /// <summary>The storage tier does not exist for this bundle.</summary>
    public static readonly ErrorCode TierUnknown = new("ORDER-002");
    /// <summary>The e-mail address is not one.</summary>
    public static readonly ErrorCode EmailInvalid = new("ORDER-003");
    /// <summary>The beacon name is not a DNS label.</summary>
    public static readonly ErrorCode BeaconNameInvalid = new("ORDER-004");
    /// <summary>The beacon name is reserved.</summary>
    public static readonly ErrorCode BeaconNameReserved = new("ORDER-005");
    /// <summary>The beacon name is in use.</summary>
    public static readonly ErrorCode BeaconNameTaken = new("ORDER-006");
    /// <summary>The location does not exist.</summary>
    public static readonly ErrorCode LocationUnknown = new("ORDER-007");
    /// <summary>The Idempotency-Key was used before with another order.</summary>
    public static readonly ErrorCode IdempotencyKeyReused = new("ORDER-008");
    /// <summary>The bundle has modules that are not ready to be sold.</summary>
    public static readonly ErrorCode BundleNotReady = new("ORDER-009");
    /// <summary>The order could not be read.</summary>
    public static readonly ErrorCode OrderNotUnderstood = new("ORDER-010");

    /// <summary>No payment provider is configured, so nothing can be bought.</summary>
    public static readonly ErrorCode PaymentNotConfigured = new("PAY-001");
    /// <summary>A payment event's signature is missing, wrong or too old.</summary>
    public static readonly ErrorCode PaymentSignatureInvalid = new("PAY-002");
    /// <summary>A payment event names no order that WOPR knows.</summary>
    public static readonly ErrorCode PaymentForUnknownOrder = new("PAY-003");
    /// <summary>The payment did not arrive in time.</summary>
    public static readonly ErrorCode PaymentMissing = new("PAY-004");
    /// <summary>The amount or currency that was paid is not the order's.</summary>
    public static readonly ErrorCode PaymentDiffers = new("PAY-005");
    /// <summary>The payment provider could not be reached or answered with errors.</summary>
    public static readonly ErrorCode PaymentProviderUnavailable = new("PAY-006");
    /// <summary>The payment provider refused a request as wrong in itself.</summary>
    public static readonly ErrorCode PaymentProviderRefused = new("PAY-007");
    /// <summary>A payment came when its beacon's name was somebody else's already; it goes back.</summary>
    public static readonly ErrorCode PaymentCameTooLate = new("PAY-008");
    /// <summary>A payment event is of test mode where money counts, or the other way round.</summary>
    public static readonly ErrorCode PaymentModeMixed = new("PAY-009");
    /// <summary>A payment that should go back is still here.</summary>
    public static readonly ErrorCode RefundFailed = new("PAY-010");
    /// <summary>The payment of a completed beacon was refunded elsewhere, or is disputed.</summary>
    public static readonly ErrorCode PaymentTakenBack = new("PAY-011");
    /// <summary>A signed delivery is not a payment event.</summary>
    public static readonly ErrorCode PaymentEventNotUnderstood = new("PAY-012");
    /// <summary>The payment provider's rate limit was reached; WOPR waits.</summary>
    public static readonly ErrorCode PaymentProviderRateLimited = new("PAY-013");
    /// <summary>The payment provider's secret key is wrong, revoked or lacks a permission.</summary>
    public static readonly ErrorCode PaymentKeyRefused = new("PAY-014");

    /// <summary>A mail could not be delivered.</summary>
    public static readonly ErrorCode MailNotDelivered = new("MAIL-001");

    /// <summary>A configuration value is missing or wrong.</summary>
    public static readonly ErrorCode ConfigurationInvalid = new("CONFIG-001");

    /// <summary>A step failed in a way that nobody foresaw.</summary>
    public static readonly ErrorCode StepFailedUnexpectedly = new("JOB-001");
    /// <summary>A state took longer than its deadline.</summary>
    public static readonly ErrorCode StateDeadlineMissed = new("JOB-002");
    /// <summary>No job, or no page, of this name.</summary>
    public static readonly ErrorCode NotFound = new("JOB-003");
    /// <summary>Something of a finished job is still there at a provider.</summary>
    public static readonly ErrorCode LeftBehind = new("JOB-004");
    /// <summary>The request could not be read.</summary>
    public static readonly ErrorCode RequestNotUnderstood = new("JOB-005");
    /// <summary>Too many requests.</summary>
    public static readonly ErrorCode TooManyRequests = new("JOB-006");
    /// <summary>The verb does not apply to the job's state.</summary>
    public static readonly ErrorCode VerbDoesNotApply = new("JOB-007");

    /// <summary>A beacon's agent has not been heard of for too long.</summary>
    public static readonly ErrorCode HeartbeatMissing = new("BEACON-001");
    /// <summary>A beacon's disk is nearly full.</summary>
    public static readonly ErrorCode BeaconDiskFull = new("BEACON-002");
    /// <summary>A certificate on a beacon runs out and was not renewed.</summary>
    public static readonly ErrorCode CertificateExpiring = new("BEACON-003");
    /// <summary>A unit of a module does not run on a finished beacon.</summary>
    public static readonly ErrorCode BeaconUnitDown = new("BEACON-004");
    /// <summary>A beacon could not carry out its plan.</summary>
    public static readonly ErrorCode PlanNotApplied = new("BEACON-005");
    /// <summary>A beacon's daily backup failed or was not made.</summary>
    public static readonly ErrorCode BeaconBackupFailed = new("BEACON-006");
    /// <summary>The agent sent no token.</summary>
    public static readonly ErrorCode AgentTokenMissing = new("BEACON-007");
    /// <summary>The agent's token is not this beacon's, or the beacon is no longer.</summary>
    public static readonly ErrorCode AgentTokenInvalid = new("BEACON-008");
    /// <summary>A heartbeat is too large or cannot be read.</summary>
    public static readonly ErrorCode HeartbeatNotUnderstood = new("BEACON-009");
    /// <summary>A beacon's agent calls too often.</summary>
    public static readonly ErrorCode AgentTooMany = new("BEACON-010");
    /// <summary>A wanted plan breaks a rule: of its modules, or of the beacon's memory.</summary>
    public static readonly ErrorCode PlanRefused = new("BEACON-011");
    /// <summary>The link of a beacon's first account was given already, or the time to ask for it is over.</summary>
    public static readonly ErrorCode FirstSignInClosed = new("BEACON-012");

    /// <summary>A request failed in a way that nobody foresaw.</summary>
    public static readonly ErrorCode RequestFailedUnexpectedly = new("SERVICE-001");
    /// <summary>The command line gets no answer at the service's address, or one that is not the service's.</summary>
    public static readonly ErrorCode ServiceUnreachable = new("SERVICE-002");

    /// <summary>A support key is missing, wrong, or may not do that.</summary>
    public static readonly ErrorCode SupportKeyRefused = new("SUPPORT-001");
    /// <summary>A remedy may not run here: a precondition is not met.</summary>
    public static readonly ErrorCode RemedyRefused = new("SUPPORT-002");
    /// <summary>A log is too large to be looked at.</summary>
    public static readonly ErrorCode LogTooLarge = new("SUPPORT-003");
    /// <summary>A limit on remedies that run without a human is reached.</summary>
    public static readonly ErrorCode RemedyLimitReached = new("SUPPORT-004");
    /// <summary>A remedy ran, and the check afterwards does not show its effect.</summary>
    public static readonly ErrorCode RemedyWithoutEffect = new("SUPPORT-005");

    /// <summary>All codes above, in the order in which they stand.</summary>
    public static IReadOnlyList<ErrorCode> All { get; } =
        [.. typeof(ErrorCodes).GetFields().Where(f => f.FieldType == typeof(ErrorCode)).Select(f => (ErrorCode)f.GetValue(null)!)];
}
