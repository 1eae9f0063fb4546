namespace Wopr.Web;

/// <summary>What an application is for, in a few words, and what people often use in its place.</summary>
public sealed record AppText(string Name, string Purpose, string? InsteadOf = null);

/// <summary>The applications of all bundles, explained for those who have never heard of them.</summary>
public static class AppTexts
{
    private const int MostReplaced = 5;

    private static readonly Dictionary<string, AppText> ById = new(StringComparer.Ordinal)
    {
        ["adguard"] = new("AdGuard Home", "no advertising on your devices", "paid ad blockers"),
        ["affine"] = new("AFFiNE", "notes and whiteboards", "Notion, Miro"),
        ["authentik"] = new("Authentik", "one account for everything"),
        ["bookstack"] = new("BookStack", "handbooks and manuals", "Confluence"),
        ["caddy"] = new("Caddy", "certificates and the front door"),
        ["calcom"] = new("Cal.com", "appointments that others book", "Calendly"),
        ["castopod"] = new("Castopod", "podcast hosting", "Spotify for Podcasters"),
        ["chatwoot"] = new("Chatwoot", "customer support inbox", "Intercom, Zendesk"),
        ["code-server"] = new("VS Code", "an editor in the browser", "GitHub Codespaces"),
        ["collabora"] = new("Collabora", "documents, tables and slides", "Google Docs, Microsoft 365"),
        ["crowdsec"] = new("CrowdSec", "protection against attackers"),
        ["defcon-one"] = new("DEFCON ONE", "security at a glance"),
        ["docker-registry"] = new("Registry", "container images of your own", "Docker Hub"),
        ["docuseal"] = new("DocuSeal", "documents to sign", "DocuSign"),
        ["element"] = new("Element", "the window to your Matrix chat", "Slack"),
        ["espocrm"] = new("EspoCRM", "customers and sales", "HubSpot, Salesforce"),
        ["forgejo"] = new("Forgejo", "source code and reviews", "GitHub"),
        ["freshrss"] = new("FreshRSS", "news from all your sources", "Feedly"),
        ["funkwhale"] = new("Funkwhale", "music to share", "SoundCloud"),
        ["ghost"] = new("Ghost", "a site and a blog", "Substack, WordPress.com"),
        ["grafana"] = new("Grafana", "charts of everything", "Datadog"),
        ["hedgedoc"] = new("HedgeDoc", "notes written together", "HackMD"),
        ["immich"] = new("Immich", "photos from every phone", "Google Photos, iCloud"),
        ["invoiceninja"] = new("Invoice Ninja", "quotes and invoices", "FreshBooks"),
        ["jellyfin"] = new("Jellyfin", "films and music at home", "Plex"),
        ["jitsi"] = new("Jitsi Meet", "video meetings", "Zoom"),
        ["kimai"] = new("Kimai", "hours worked", "Toggl"),
        ["langfuse"] = new("Langfuse", "what your AI does, recorded", "LangSmith"),
        ["linkwarden"] = new("Linkwarden", "bookmarks that stay", "Raindrop, Pocket"),
        ["listmonk"] = new("Listmonk", "newsletters", "Mailchimp"),
        ["mailcow"] = new("Mailcow", "mail of your own", "Google Workspace"),
        ["matrix-synapse"] = new("Matrix", "chat that is yours", "Slack, WhatsApp"),
        ["mattermost"] = new("Mattermost", "team chat", "Slack, Teams"),
        ["n8n"] = new("n8n", "automation between programs", "Zapier"),
        ["netbird"] = new("NetBird", "a private network", "Tailscale, VPN services"),
        ["nextcloud"] = new("Nextcloud", "files, calendar and contacts", "Dropbox, Google Drive"),
        ["nocodb"] = new("NocoDB", "tables that everyone can edit", "Airtable"),
        ["ntfy"] = new("ntfy", "notifications to your phone", "Pushover"),
        ["openwebui"] = new("Open WebUI", "AI chat", "ChatGPT"),
        ["outline"] = new("Outline", "a wiki for what you know", "Notion, Confluence"),
        ["paperless-ngx"] = new("Paperless", "scanned papers, found again", "Evernote"),
        ["passbolt"] = new("Passbolt", "passwords for teams", "LastPass, 1Password"),
        ["peertube"] = new("PeerTube", "videos of your own", "YouTube, Vimeo"),
        ["photoprism"] = new("PhotoPrism", "photo archive and galleries", "Lightroom"),
        ["plane"] = new("Plane", "projects and issues", "Jira, Linear"),
        ["plausible"] = new("Plausible", "visitors, counted kindly", "Google Analytics"),
        ["portainer"] = new("Portainer", "your containers at a glance"),
        ["postgresql"] = new("PostgreSQL", "the database"),
        ["prometheus"] = new("Prometheus", "measurements over time", "Datadog"),
        ["reactor"] = new("Reactor AI", "AI for your code", "GitHub Copilot"),
        ["redis"] = new("Redis", "short-term memory"),
        ["saleor"] = new("Saleor", "a shop", "Shopify"),
        ["standardnotes"] = new("Standard Notes", "encrypted notes", "Evernote"),
        ["stirling-pdf"] = new("Stirling PDF", "everything about PDFs", "Adobe Acrobat"),
        ["support-client"] = new("Support", "help from us when you want it"),
        ["uptime-kuma"] = new("Uptime Kuma", "a status page that watches", "Pingdom"),
        ["vaultwarden"] = new("Vaultwarden", "passwords for everyone", "LastPass, 1Password"),
        ["vikunja"] = new("Vikunja", "tasks and plans", "Todoist, Asana"),
        ["wallabag"] = new("Wallabag", "articles to read later", "Pocket, Instapaper"),
        ["woodpecker"] = new("Woodpecker", "builds and tests", "GitHub Actions"),
    };

    /// <summary>The text of a module; one that nobody has described yet goes by its id.</summary>
    public static AppText Of(string id) => ById.TryGetValue(id, out var text) ? text : new AppText(id, "");

    /// <summary>What the applications are often used in place of: the best known of each, and no more than one reads at a glance.</summary>
    public static string Replaced(IReadOnlyList<string> ids) =>
        string.Join(", ", ids.Select(id => Of(id).InsteadOf?.Split(", ")[0]).OfType<string>().Distinct(StringComparer.Ordinal).Take(MostReplaced));

    /// <summary>The ids that are described.</summary>
    public static IReadOnlyCollection<string> Ids => ById.Keys;
}
