using System.Text.RegularExpressions;

namespace Wopr.Support.Diagnosis;

/// <summary>Tells what a line claims from what it denies, and a report from an attempt to give orders.</summary>
internal static partial class Sentences
{
    /// <summary>Somebody's own words as clauses, so that "the DNS is fine but the callbacks fail" says one thing of each.</summary>
    public static IEnumerable<string> Clauses(string line) =>
        Boundary().Split(line).Select(c => c.Trim()).Where(c => c.Length > 0);

    /// <summary>With contractions written out, so that "can't" and "cannot" are one, and without the words of <see cref="Masking"/>, which nobody said.</summary>
    public static string Plain(string text) => Masked().Replace(text, "…")
        .Replace("can't", "cannot", StringComparison.OrdinalIgnoreCase).Replace("can not", "cannot", StringComparison.OrdinalIgnoreCase)
        .Replace("won't", "will not", StringComparison.OrdinalIgnoreCase).Replace("n't", " not", StringComparison.OrdinalIgnoreCase);

    /// <summary>The clause says that something is well, over, or not the cause.</summary>
    public static bool Denies(string clause) => (Denial().IsMatch(clause) || Praise().IsMatch(clause)) && !Persistence().IsMatch(clause);

    /// <summary>What of a clause is a claim: "the page is not found, the rest works fine" says that a page is not found.</summary>
    public static IEnumerable<string> Claimed(string clause) =>
        !Denies(clause) ? [clause] : Denial().IsMatch(clause) ? [] : clause.Split(", ").Where(part => !Denies(part));

    /// <summary>A line of a log that tells of a success after the trouble that it names.</summary>
    public static bool TellsOfSuccess(string line) => Success().IsMatch(line) && !Persistence().IsMatch(line);

    /// <summary>The line speaks to its reader. What it says is no evidence of anything.</summary>
    public static bool GivesOrders(string line) => Orders().IsMatch(line);

    /// <summary>The line tells of a system that no part of WOPR runs on or talks to.</summary>
    public static bool IsOfOtherSystems(string line) => OtherSystems().IsMatch(line);

    /// <summary>A program wrote the line: what its words mean elsewhere, when people say them, is no guide to what they mean here.</summary>
    public static bool IsOfAProgram(string line) => Program().IsMatch(line);

    /// <summary>Somebody wants to know how something is done, or what it costs: no trouble is told of.</summary>
    public static bool AsksHow(string clause) => How().IsMatch(clause);

    /// <summary>The code is named, but as another thing than what happened here.</summary>
    public static bool OnlyMentions(string before) => Mention().IsMatch(before);

    [GeneratedRegex(@"(?<=[.!?;])\s+|\s+[-–—]\s+|,?\s+\b(but|however|though|yet|whereas|while|except that)\b\s+", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Boundary();

    [GeneratedRegex("""
        \b(no\ longer\ (\w+\ )?(a\ problem|an\ issue|happens?|occurs?|appears?|fails?|failing|seen|there)|resolved\ itself|(problem|error|issue|trouble)s?\ (is|are|was|has)\ gone|(has|have|had)\ been\ (fixed|resolved|solved|ruled\ out|excluded)|(is|was|were|are|got)\ (now\ )?(fixed|resolved|solved)
        |recovered|succeeded|false\ alarm|ruled\ out|not\ the\ (problem|cause|reason|case|issue|culprit)|no\ (sign|trace|evidence|hint)s?\ of(?!\ life)|unrelated\ to|nothing\ to\ do\ with|not\ (caused|due)\b
        |(isn't|is\ not|wasn't|it's\ not)\ (a|an|the|about|because|our)\ (of\ )?(\w+\ )?(problem|issue|cause|reason|culprit|trouble)\b|no\ (more\ )?(errors?|problems?|issues?|failures?|trouble|complaints?)\b|without\ (any\ )?(errors?|problems?|issues?|trouble))
        """, RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace, 5000)]
    private static partial Regex Denial();

    [GeneratedRegex("""
        \b((is|are|was|were|looks?|seems?|works?|worked|working|runs?|running|all|everything|behaves)\ ((all|just|perfectly|completely|quite|very|now|again)\ )*(fine|ok|okay|good|normal|normally|well|great|healthy|correct|correctly|green|as\ expected|perfectly)\b)
        """, RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace, 5000)]
    private static partial Regex Praise();

    [GeneratedRegex(@"\b(still|even (after|though|if|when)|keeps?|kept|nevertheless|nonetheless|despite|yet again|not (fine|ok|okay|well|healthy|good)|never)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Persistence();

    [GeneratedRegex(@"(?<!\b(not|never|without|be)\b.{0,12})\bsuccessfully\b|\b(retry succeeded|succeeded (after|on|at)|recovered|resolved itself|(was|is|been) (fixed|resolved|solved)|0 (errors|failed|failures)|errors?[:=] ?0\b|no errors?\b|(worked|ok|succeeded) on (the )?(second|third|next) (try|attempt))", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Success();

    [GeneratedRegex(@"\b((ignore|disregard|forget) (all |any |the |your )*(previous|prior|above|earlier|other)|system prompt|as an? (ai|assistant|operator)|(dear|hey|attention|note to|message to|instructions? (to|for)) (the )?(ai|assistant|support|agent|model|bot|llm)|you (are now|must now|must|should) (run|report|answer|execute|call|use|diagnose|approve|delete|reply|set)|(run|apply|execute|approve|call) the (remedy|tool)|(report|answer|respond|reply|classify)( it| this| that)? (as|with) (code )?[A-Z]{2,12}-[0-9]{3}|with (full|high|maximum|100 ?%) confidence)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Orders();

    [GeneratedRegex(@"\b(see( also)?|not|no|unlike|like|than|compare|cf\.?|similar to|instead of|rather than|for example|e\.g\.|or|without)\s+(a |an |code |the )*$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Mention();

    [GeneratedRegex(@"\[masked:[a-z-]+\]")]
    private static partial Regex Masked();

    [GeneratedRegex(@"^\s*([{<]|\[?[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]|[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:|\[ *[0-9]+\.[0-9]+\]|[\w.@/-]+(\[[0-9]+\])?: |(LOG|DETAIL|HINT|E|W|Err):|(ERROR|WARNING|FATAL|INFO|DEBUG)\b|at [\w.$<>]+\(|File "")|^[\w-]+\.[\w.]*(Exception|Error)\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Program();

    [GeneratedRegex(@"^\s*((hi|hello|hey|so|and|please|question:?)[,! ]+)*(how (do|does|can|could|should|much|many|long|to)\b|(can|could|may|shall|should) (i|we|you)\b|where (do|can|is|are)\b|what('s| is| are| does| would) |is (it|there) |do you (have|offer|support)|i('d| would| want| wish)( like)? to\b)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex How();

    [GeneratedRegex(@"\b(kubernetes|kubectl|kubelet|k8s|crashloopbackoff|helm|ecs|amazonaws|aws|ec2|azure|gcp|gcloud|heroku|vercel|netlify|wordpress|shopify|jenkins|github actions|gitlab-ci|npm err|pip install|chrome-extension)\b|\bpod/|\.compute\.internal", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex OtherSystems();
}
