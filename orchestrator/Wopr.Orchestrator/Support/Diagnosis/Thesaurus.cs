using System.Text.RegularExpressions;

namespace Wopr.Support.Diagnosis;

/// <summary>
/// What people say, in the words of TROUBLESHOOTING.md: "the box never phones home" is a server without callbacks. It
/// knows of no code; it only lets the entries' own words be met by whoever does not use them.
/// </summary>
internal static class Thesaurus
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>What is said, and the words for it.</summary>
    private static readonly (Regex Said, string Meant)[] Terms =
    [
        // Things.
        Term("box(es)?|vms?|instances?|machines?|nodes?|droplets?|vps", "server; servers"),
        Term(@"(cpx|cax|ccx|cx)\d\d|vm (size|type|plan)|(server|machine) (size|plan|flavou?r)|flavou?r", "server type"),
        Term("hcloud|falkenstein|n(ue|u)rnberg|nuremberg|helsinki|fsn1?|nbg1?|hel1?|(cloud|server) provider", "hetzner; location"),
        Term("cf|cdn|edge( cache)?|orange cloud", "cloudflare"),
        Term("phon(es|ing|ed|e) home|call(s|ing|ed)? (home|back)|check(s|ing|ed)? in|status (posts?|pings?)|progress (posts?|pings?|messages?|updates?)", "callback"),
        Term("progress bar|progress page|order page|status page", "progress; setup page"),
        Term("pg|psql|postgres(ql)?|db", "database; postgres"),
        Term("creds?|credentials|secrets?|pat", "token; key"),
        Term("(a|aaaa|txt|cname) (record|entry)|dns (entry|entries|records?|stuff)", "dns record"),
        Term("look(s|ed|ing)? ?up (names?|hosts?)|name (lookup|server)s?|resolv(e|es|ing|er|ers)|nslookup|dig", "name resolution; dns"),
        Term("docker ?hub|ghcr|quay|container registry", "registry; image"),
        Term("unpack(s|ed|ing)?|untar(red)?|tarred|zip|bundle file", "tarball; installer"),
        Term("sso|log ?in (screen|form|mask)|sign ?in (screen|form)|authentik('s)? (screen|page|html|login)|html page from authentik", "login page; authentik page"),
        Term("ssl|tls|https cert(ificate)?s?|certs?|let'?s encrypt|padlock", "certificate"),
        Term("ram|mem|heap", "memory"),
        Term("hdd|ssd|volume|filesystem|file system|partition", "disk"),
        Term("sha( ?256)?(sums?)?|md5|hash(es)?|digest", "checksum"),
        Term("inbox|spam folder|newsletter|postfix|smtp", "mail"),
        Term("credit card|money|invoice|paid|charged|bank transfer|paypal", "payment"),
        Term("line ?feeds?|line breaks?", "line ending"),
        Term("notepad|saved on (a|his|her|my) (laptop|pc)", "windows"),
        Term("env(ironment)? vars?|\\.env|settings? file|config file|yaml config", "setting; configuration"),
        Term("pods?|docker containers?", "container"),
        Term("nightly (copy|dump|run)|dumps?|snapshots?", "backup"),

        Term(@"https?://\S+|my (page|site|cloud)", "address; site"),
        Term("from (my|the) (laptop|phone|home|browser|office|pc)|from here", "outside; browser"),
        Term(@"\d+ ?[km]i?b", "size"),
        Term("called|named", "name; server name"),
        Term("user_data|cloud ?config", "user-data"),
        Term("jobs? (is|says|shows|sits)", "job; state"),

        // What is wrong with them.
        Term("reject(s|ed|ing)?|refus(e|es|ed|ing)|throws? (me |us )?(back|out)|declin(e|es|ed)", "refused; rejected; not accepted"),
        Term("barf(s|ed)?|chok(e|es|ed)|croak(s|ed)?|blows? up|blew up|bomb(s|ed)? out|bork(s|ed)?|bust(s|ed)?|bail(s|ed)?( out)?|errors? out|f(a|e)lls? over|goes? wrong|went wrong|not work(ing)?|kaputt|went red|(is|turned) red|spits? out", "fail"),
        Term("hangs?|hung|frozen|freez(e|es)|sits? there|just sits|stall(s|ed)|wedged|spinning|spins|idl(e|es|ing)|never (moves|flips|finishes|ends)|gives? up|gave up|for ages|forever", "stuck; never"),
        Term("kicked out|turned (away|down)|den(y|ied)|nope|says no|said no|(locked|shut) out|not (let|allowed) in|bounced back|rebuff(s|ed)|unable to authenticate|not (accepted|authenticated)", "refused"),
        Term("bogus|junk|rubbish|garbage|nonsense|gibberish|bad|mangled|weird", "invalid; malformed"),
        Term("stale|outdated|ancient|previous|last week's", "old"),
        Term("rotated|rolled (over|out)|swapped|replaced|new (token|key)", "wrong; expired"),
        Term("out of stock|currently unavailable|gr[ae]yed out|no(t| longer)? availab(le|ility)|not orderable|all gone|nothing available|temporarily unavailable for order", "sold out; capacity"),
        Term(@"cap(ped)?|ceiling|max(ed)?( out)?|(only|just|at most|no more than) (have |keep |run |own )?\d+|ask for more|allowed to have", "limit; maximum; reached"),
        Term("(clicked|hit|pressed|pushed) \"?(delete|remove)\"?|nuked|wiped|blew away|trashed|zapped|removed by mistake|killed the (server|vm|box)|terminated", "deleted; gone"),
        Term("half of|half the|not (all )?in there|nowhere to be found|nowhere|(is|are) (simply |just )?not there|absent|lacks?|lost", "missing; incomplete; not there"),
        Term("upside down|wrong way (round|around)|other way (round|around)|wrong sequence|shuffled|too soon|(was|were|is|are)(n't| not) (even )?(there|up|ready|running) yet|order of modules|before (it|they|that) (was|were|is)", "wrong order; too early"),
        Term("not heard|heard nothing|hear nothing|radio silence|crickets|not a (single )?(word|peep|sound)|no (life|signal|signs?)|mute|ghosted|goes quiet|went quiet|went dark|dark", "silent; no callback"),
        Term("torn (apart|into)|chopped|ripped|broken up|in pieces", "split in two"),
        Term("only on (127|localhost|loopback)\\S*|on (127\\S*|localhost|lo) only|just on (localhost|127\\S*)", "listening; bound; 127.0.0.1"),
        Term("(can|could|will|do|does|would|are|is)( not|n't) (get (to|at|through)|reach|open|load|see|connect)( it| to)?|not load(ing)?|(took|takes) (down|offline)|offline|dead|went away|goes down|went down|not (up|alive)", "not reachable; down; does not open"),
        Term("took ages|takes ages|takes forever|for (hours|ages)|way too long|endless(ly)?|hours ago", "too long; timed out"),
        Term("white page|oops page|something went wrong|crash page|stack ?trace", "500; internal server error"),
        Term("typo|misspel(t|led)|fat.?fingered|wrong spelling", "mistyped; unknown"),
        Term("full up|filled up|fills up|100 ?%|eaten up|no room|no (free )?space", "full"),
        Term("twice|duplicate|double|doubled|again and again|second time|two of", "already exists"),
        Term("slow(ed)? down|throttl(ed|ing)|too fast|too often|too many|hammer(ed|ing)|spam(med|ming)?|flood(ed|ing)?", "too many requests; rate limit"),
        Term("not ours|isn't ours|somebody else'?s?|someone else'?s?|a stranger'?s?|another (customer|company|team)'?s?", "foreign; not ours"),
        Term("left ?overs?|zombies?|orphan(s|ed)?|still (there|around|running|billed|lying around)|dangling", "left behind; left over"),
        Term("won't (come up|start|boot)|not (come|coming) up|restart(s|ing) (over|again|all)|boot ?loop(s|ing)?|crash ?loop(s|ing|backoff)?|flapping", "not start; crash loop"),
    ];

    /// <summary>The text, and behind it the words of the document for what it says. No longer than a few lines.</summary>
    public static string Widen(string text)
    {
        var meant = Terms.Where(t => Says(t.Said, text)).Select(t => t.Meant).ToList();
        return meant.Count == 0 ? text : $"{text} ; {string.Join("; ", meant)}";
    }

    private static bool Says(Regex said, string text)
    {
        try
        {
            return said.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static (Regex, string) Term(string said, string meant) =>
        (new Regex($@"(?<![\w-])(?:{said})(?![\w])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Limit), meant);
}
