"""Single words by class, and the tokens a sentence is read as.

A token is a word in small letters, or a figure replaced by its kind: `<num>`, `<pct>`, `<money>`, `<year>`,
`<time>` (of day), `<nth>`, `<times>` (3x). The classes below are ours, gathered from how people tell these stories.
"""

import re
from collections.abc import Iterable

__all__ = [
    "ACTION_VERBS",
    "ADVERBS",
    "BECOMING_VERBS",
    "FIGURES",
    "FILLER_STARTS",
    "FUNCTION_WORDS",
    "GENERIC_WORDS",
    "MIND_VERBS",
    "NUMBER_WORDS",
    "OTHERS",
    "STATE_VERBS",
    "TIME_UNITS",
    "content",
    "is_number",
    "is_past",
    "tokens",
    "word_set",
]

_CURRENCY = "£$€₹¥"
_TOKEN = re.compile(
    rf"[{_CURRENCY}]\s?\d[\d,.]*\s?(?:bn|[kKmM]|thousand|million|billion)?\b"
    r"|\d[\d,.]*\s?(?:%|per ?cent\b)"
    r"|\d[\d,.]*\s?(?:k|m|bn|million)?\s?(?:euros?|dollars?|pounds|quid|usd|eur|gbp|rupees|kroner|yuan)\b"
    r"|\d{1,2}[:.]\d\d\s?(?:[ap]\.?m\b\.?)?|\d{1,2}\s?[ap]\.?m\b\.?"
    r"|\d+(?:st|nd|rd|th)\b"
    r"|\d[\d,.]*x\b"
    r"|\d[\d,.]*[kKmM]?"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)*"
    r"|->|=>|→|[?=]",
    re.I,
)


def tokens(text: str) -> list[str]:
    """The tokens of one sentence, in order."""
    return [
        _kind(token) if token[0] in _CURRENCY or token[0].isdigit() else _word(token)
        for token in _TOKEN.findall(text)
    ]


def _word(token: str) -> str:
    return token.lower().replace("’", "'")


def _kind(token: str) -> str:
    low = token.lower()
    if low[0] in _CURRENCY or low.endswith(
        ("s", "quid", "euro", "dollar", "usd", "eur", "gbp", "kroner", "yuan")
    ):
        return "<nth>" if low[-3:-2].isdigit() and low.endswith("st") else "<money>"
    if low.endswith(("%", "cent")):
        return "<pct>"
    if low.endswith(("st", "nd", "rd", "th")):
        return "<nth>"
    if low.endswith("x"):
        return "<times>"
    if (low.rstrip(".").endswith("m") and any(sign in low for sign in "ap")) or ":" in low:
        return "<time>"
    if re.fullmatch(r"(?:19|20)\d\d[.,]?", low):
        return "<year>"
    return "<num>"


def word_set(words: str) -> frozenset[str]:
    """The words of a list written as one string."""
    return frozenset(words.split())


FIGURES = word_set("<num> <pct> <money> <times>")
NUMBER_WORDS = word_set(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds "
    "thousand thousands million millions dozen dozens"
)
TIME_UNITS = word_set(
    "second seconds sec secs minute minutes min mins hour hours hr hrs h day days night nights week "
    "weeks weekend weekends fortnight month months quarter quarters year years yr yrs sprint sprints "
    "season seasons"
)
OTHERS = word_set(
    "he she they he'd she'd they'd he's she's they're everyone everybody people nobody someone somebody"
)

# What a speaker says before the sentence begins.
FILLER_STARTS = word_set(
    "so and but then well um uh er okay ok also anyway now yeah yes oh haha like basically actually "
    "just right really"
)
ADVERBS = word_set(
    "then also just still never always even first only had have has did didn't don't not quickly "
    "finally eventually simply actually basically immediately personally really kind sort of um uh like "
    "usually often once all both myself quietly initially later next soon again already probably"
)

# Things one does on purpose, in the past tense as stories are told.
ACTION_VERBS = word_set(
    # making and changing
    "built wrote rewrote drafted designed developed implemented made created added removed replaced "
    "fixed repaired patched refactored coded scripted automated configured installed deployed shipped "
    "migrated moved merged split cut trimmed cleaned tidied labelled labeled printed drew sketched "
    "painted recorded filmed produced prepared packed bought ordered borrowed pinned wrapped set put "
    "turned switched swapped plugged changed adjusted simplified reduced "
    # finding out
    "checked tested measured counted timed logged traced profiled compared analysed analyzed "
    "investigated researched reviewed read reread searched looked dug mapped listed sorted grouped "
    "collected gathered pulled opened tried ran reran replayed reproduced isolated studied observed "
    "watched listened visited interviewed surveyed sampled plotted noticed discovered spotted found "
    "verified confirmed validated rehearsed practised practiced "
    # talking and persuading
    "asked told said spoke talked called phoned rang emailed messaged texted wrote explained showed "
    "presented demoed demonstrated proposed suggested recommended offered argued pitched pushed "
    "insisted persuaded convinced negotiated agreed warned raised escalated reported informed shared "
    "sent posted published answered replied invited met sat apologised apologized thanked admitted "
    "refused declined objected challenged discussed clarified reminded promised "
    # leading and arranging
    "led organised organized arranged planned scheduled booked coordinated delegated assigned gave "
    "handed hired trained taught coached mentored paired helped supported facilitated hosted chaired "
    "set introduced launched started began rolled established kept held took brought picked chose "
    "selected prioritised prioritized dropped stopped cancelled postponed focused spent stayed worked "
    "went came walked drove flew returned followed used applied adopted divided broke documented "
    "tracked monitored collaborated partnered volunteered signed allocated grouped reached"
)
# Deciding, which is acting too, and says why.
MIND_VERBS = word_set(
    "decided thought figured reckoned considered weighed wondered assumed guessed realised realized "
    "preferred believed suspected wanted hoped expected feared felt concluded judged saw knew "
    "understood"
)
STATE_VERBS = word_set(
    "was were am are is been being had have has worked work works joined studied study lived used "
    "needed owned ran manage managed wasn't weren't i'm"
)
# What results do.
BECOMING_VERBS = word_set(
    "increased decreased reduced improved rose fell grew dropped went doubled halved tripled climbed "
    "shrank saved won passed finished completed succeeded resulted led became remained stayed stopped "
    "renewed signed approved accepted adopted launched delivered reached exceeded recovered promoted "
    "thanked praised loved liked returned agreed ended disappeared vanished received earned achieved "
    "gained closed opened avoided prevented worked paid got came kept copied asked bought turned "
    "survived held lasted settled"
)
_IRREGULAR = word_set(
    "got went made took built wrote ran found saw told said gave kept left brought thought bought "
    "taught led met sent set put cut sat spoke chose drew drove fell felt held knew paid read rang rose "
    "sold showed spent stood stuck threw understood won began broke came caught did dug forgot grew "
    "heard hit lost laid sought split swept tore woke wore let quit shut bet had was were became fought "
    "shook hid flew wound rewrote overran blew"
)
_NOT_PAST = word_set("need indeed speed feed bed red hundred seed shed embed unified exceed proceed")

# The small words that hold real sentences together. Lists of buzzwords have next to none.
FUNCTION_WORDS = word_set(
    "a an the this that these those my our your his her its their some any every each no all both i me "
    "we us you he him she it they them who whom which what when where why how there here am is are was "
    "were be been being do does did have has had can could will would shall should may might must not "
    "and or but so because since if while before after until than as of in on at to from for with "
    "without by about into over under through between during against out up down off again then once "
    "only just too very also more most such own other i'm i'd i've i'll we're we'd we've it's that's "
    "didn't don't wasn't weren't couldn't wouldn't can't isn't he'd she'd they'd"
)
# Words that say nothing by themselves: the names of the parts, the nouns of job advertisements, and weak verbs.
GENERIC_WORDS = word_set(
    "situation task action result results outcome star method context background challenge challenges "
    "goal goals objective objectives problem problems issue issues thing things stuff lot lots way ways "
    "something anything everything someone work worked working job project projects team teams role "
    "responsibility responsible company experience skill skills leadership leader leading ownership "
    "communication communicate collaboration collaborate teamwork innovation innovative impact "
    "impactful success successful successfully achieve achieved achievement deliver delivered "
    "delivering delivery drive drove driven driving value values strategy strategic stakeholder "
    "stakeholders synergy synergies excellence passion passionate proactive proactively dynamic "
    "efficient efficiency effective effectively effort best practice practices solution solutions solve "
    "solved problem-solving improve improved improvement growth learn learned learning learnt lesson "
    "lessons good great well better nice positive happy satisfied amazing excellent important difficult "
    "hard big new time times get got go went do did done make made take took taken have had be being "
    "use used give given put set happen happened various several many much really very main necessary "
    "required needed need want wanted able part parts accomplished executed leveraged utilised utilized "
    "managed handled dealt deal metrics metric kpi kpis data performance quality process processes "
    "manager reason alternative alternatives option options decision decided business customer "
    "customers revenue percent increase increased decrease decreased reduce reduced quantified "
    "completed finished everyone people person end day example story answer question plan planned steps "
    "step <num> <pct> <money> <times> <year> <nth> um uh okay yes yeah ok like just also etc initiative "
    "initiatives satisfaction cross functional align aligned aligning alignment priorities leverage "
    "leveraging approach exceeded exceeding expectations organisation organization previous importance "
    "key ensure ensured ensuring enhance enhanced streamlined streamline optimised optimized optimise "
    "optimize robust seamless comprehensive collaborated strong timely manner member members "
    "significant significantly greatly overall faced facing fast paced environment hands fostered "
    "foster empowered empower solver culture vision mission spearheaded championed facilitated innovate "
    "motivated motivate dedicated dedication commitment committed"
)


def is_past(word: str) -> bool:
    """Whether `word` looks like an English past tense."""
    return word in _IRREGULAR or (len(word) > 3 and word.endswith("ed") and word not in _NOT_PAST)


def is_number(token: str) -> bool:
    """A figure, or a number in words; years, dates and times of day are not."""
    return token in FIGURES or token in NUMBER_WORDS


def content(found: Iterable[str]) -> set[str]:
    """The distinct tokens that carry meaning of their own: neither small words nor empty ones."""
    return {
        word for word in found if word not in FUNCTION_WORDS and word not in GENERIC_WORDS and len(word) > 1
    }
