"""The words of ``starling demo``: who says what, when. Times are those of the group's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time

from core.rules.due import Rule

GROUP = "Tuesday People"
SCHEDULE = Rule(time(9, 0), "Europe/Berlin", frozenset(range(7)))
START = datetime(2026, 11, 1, 20, 0, tzinfo=UTC)  # a Sunday evening; day 0 of the script


@dataclass(frozen=True, slots=True)
class Role:
    zone: str
    level: str


@dataclass(frozen=True, slots=True)
class Line:
    """On ``day`` (0 = START's date), at ``at`` in the group's zone, ``who`` types ``words``.

    ``brief`` shows only so many paragraphs of the reply; ``note`` is said before; ``direct``: not in the group's
    channel but in a direct message.
    """

    day: int
    at: time
    who: str = ""
    words: str = ""
    note: str = ""
    brief: int = 0
    direct: bool = False


MEMBERS = {
    "Ana": Role("Europe/Berlin", "senior"),
    "Ben": Role("America/New_York", "mid"),
    "Chidi": Role("Europe/Berlin", "graduate"),
    "Dana": Role("Europe/Berlin", "staff"),
    "Emre": Role("America/New_York", "mid"),
}
ANA_DAILY = (
    "Last spring our churn report disagreed with finance by four percent. I had to find out which of us "
    "was right "
    "before the board met on Friday. I traced both numbers back to the raw orders, because arguing about "
    "dashboards "
    "had got us nowhere, and found that we counted refunds twice. We corrected it, and the two reports "
    "have agreed "
    "ever since."
)
# The week before: seven counted days earn Ana her first saver. Not printed.
WARM_UP = tuple(Line(d, time(10, 0), "Ana", f"answer {ANA_DAILY}") for d in range(1, 8))

CHIDI_SHORT = "answer I took over a wiki that nobody had looked after."
CHIDI_LONGER = (
    "answer prompt: inherited-mess text: In my internship I took over the team's wiki, and half of the "
    "pages were "
    "wrong. My task was to make it safe for new people to follow. I asked three colleagues which pages "
    "they really "
    "used, deleted the rest, and put a date on each page that was left. The next intern was set up in one day "
    "instead of three."
)
ANA_STRONG = (
    "answer When I moved to the payments team last year I was told that the reconciliation job was "
    "stable. In my first "
    "week it failed on four nights out of seven, and nobody knew why. I had to get it to run every night "
    "before the "
    "quarter closed in six weeks. I spent the first days only reading logs, because changing a thing you do not "
    "understand makes it worse. I considered rewriting it, but decided against that: six weeks were too "
    "short, and the "
    "rules in it were right. Instead I split it into five steps that could each be run again alone, and "
    "I sat with "
    "finance for an afternoon to learn which errors mattered to them. After three weeks it failed once in thirty "
    "nights, and finance closed the quarter two days earlier than before. I learned to ask for the error "
    "log before I "
    "believe the word stable."
)
BEN_WEAK = (
    "answer So basically we took over this old pipeline and it was kind of a mess, and we all worked "
    "really hard on it "
    "for a while and then we fixed most of the problems, and everybody was happy in the end."
)
BEN_BETTER = (
    "answer prompt: inherited-mess text: In 2024 our team took over an old pipeline that had lost data "
    "twice in a month. "
    "I was asked to make it trustworthy within one quarter. I wrote a check that compares the counts at "
    "both ends, "
    "because we could not fix what we could not see, and I moved the worst step to a queue. We lost no "
    "data in the "
    "five months after that, and the support team stopped asking us every morning."
)
DANA_GUIDED = (
    'guided situation: "A paper that two teams were building on claimed nine points more recall, and nobody here could '
    'reach it." task: "As the staff engineer I had to say within two weeks whether we go on with it." action: "I asked '
    "the authors for their split, ran ours and theirs side by side with one person from each team, and "
    "found that their "
    'test set held near-copies of the training set." result: "Both teams stopped, which saved about three months of '
    'two people, and the check for near-copies is now part of our review."'
)
EMRE_FIRST = (
    "answer At the insurance company where I work we could see from claims who was probably pregnant "
    "before their "
    "families knew. Marketing asked me for a list. I did not build it. I wrote one page for my manager "
    "on how it would "
    "read in a newspaper, and proposed to let customers choose the topics themselves. We shipped that "
    "choice in May, and "
    "about a third of our customers use it."
)
BEN_LATE = (
    "answer prompt: could-not-reproduce text: In a course project I tried to repeat a result on tweet "
    "sentiment and got six "
    "points less. I had two weeks to hand in. I changed one thing at a time and kept a table, and in the "
    "end it was the "
    "tokeniser version. I wrote it up as an issue, and the author fixed the notes."
)
CHIDI_TUESDAY = (
    "answer For my thesis I tried to repeat a paper on bus delays and my errors were twice as large. I "
    "had a month. I "
    "asked for the code, got none, and checked the data instead: they had left out the days with snow. I "
    "said so in the "
    "thesis, and my supervisor uses it in her course."
)
CHIDI_WEDNESDAY = (
    "answer In my second year I helped on a study of first-year students. I could have joined the lunch "
    "card data to the "
    "grades. I felt that nobody had agreed to that, so I asked the ethics office before touching it. "
    "They said no, and I "
    "used a survey instead, with fewer answers and a clean conscience."
)
ANA_WEDNESDAY = (
    "answer We had location data for couriers, collected to plan routes. A manager asked me to rank "
    "couriers by the length "
    "of their breaks. I said that I would not do it without telling them, and explained why: they had "
    "given the data for "
    "another purpose. I offered to measure waiting time at restaurants instead. That is what we did, and "
    "it cut late "
    "orders by 8 percent, because the waiting was the problem."
)
ANA_FRIDAY = (
    "answer Our take-home test took candidates a weekend. I argued that it measured free time and not "
    "skill. I replaced it "
    "with a ninety-minute pairing session and trained eight interviewers for it. In the next half year "
    "twice as many "
    "candidates finished the process, and the two people we hired that way are still here."
)
CHIDI_FRIDAY = (
    "answer When our student club chose its new lead, everybody wanted the best programmer. I spoke up "
    "for the person who "
    "had taught most of us, because the job was to keep forty beginners going. They changed their mind "
    "after a long "
    "evening, and the club had more members at the end of the year than ever."
)
EMRE_PRODUCT = (
    "answer I would not launch on Thursday yet. First I would ask what a click means now: if the list "
    "shows less, people "
    "must click to see the price. The number I would watch is orders per visitor, and messages to "
    "support must not rise. "
    "The cheapest thing to try is to put the price back on the list for two more weeks, because nobody "
    "buys a sofa within "
    "a few days. If orders per visitor are still flat then, I would stop."
)

ANA_SATURDAY = (
    "answer I sat beside two people in support for a morning. They copied every number from our screen "
    "into a sheet, "
    "because our page forgot the filter each time. I had planned a new chart; I made the page keep its "
    "filter instead. "
    "They told us that it saves each of them half an hour a day."
)
CHIDI_SATURDAY = (
    "answer I watched four friends use the study planner I had written. All of them looked for today and "
    "none found it, "
    "because I had sorted by subject. I changed the first page to today only, and three of the four still use it."
)
ANA_SUNDAY = (
    "answer In May I owed a model to fraud, a fix to billing and a talk to my team, all in one week. I "
    "asked each of them "
    "what would happen if it came a week later. Only billing lost money, so I did that first, told fraud "
    "the new date the "
    "same day, and gave the talk to a colleague who wanted it. Billing lost nothing, and fraud thanked "
    "me for the warning."
)
BEN_SUNDAY = (
    "answer Last autumn two product managers each believed that I worked for them alone. I put both "
    "lists on one page and "
    "asked them to agree on the order, with me in the room. It took twenty minutes. We delivered the "
    "first three things "
    "on time, and dropped two that nobody has asked about since."
)

WEEK: tuple[Line, ...] = (
    # Monday: weak and strong
    Line(8, time(9, 12), "Chidi", CHIDI_SHORT),
    Line(8, time(9, 30), "Chidi", CHIDI_LONGER),
    Line(8, time(9, 40), "Ana", ANA_STRONG),
    Line(8, time(15, 5), "Ben", BEN_WEAK, note="Ben lives in New York: it is nine in the morning there."),
    # Tuesday: a second attempt, a guided answer, a day that ends later in New York
    Line(9, time(9, 45), "Dana", DANA_GUIDED),
    Line(9, time(12, 30), "Chidi", CHIDI_TUESDAY, brief=2),
    Line(9, time(15, 10), "Ben", BEN_BETTER, note="Ben tries Monday's question again."),
    Line(9, time(22, 0), "Ana", f"answer {ANA_DAILY}", brief=2),
    Line(
        10,
        time(4, 30),
        "Ben",
        BEN_LATE,
        brief=2,
        note="Half past four on Wednesday in Berlin is half past ten on Tuesday evening in New York. It counts for "
        "Ben's Tuesday.",
    ),
    # Wednesday
    Line(10, time(10, 0), "Ana", ANA_WEDNESDAY, brief=2),
    Line(10, time(12, 0), "Chidi", CHIDI_WEDNESDAY, brief=2),
    Line(10, time(14, 30), "Emre", EMRE_FIRST),
    Line(
        10,
        time(14, 40),
        "Emre",
        "remind set time: 18:30 zone: America/New_York days: thu tracks: product-sense",
    ),
    # Thursday: nobody but Emre's reminder
    Line(11, time(23, 0), note="Ana sits in a train without a network all day, and Chidi has an exam."),
    Line(
        12,
        time(1, 0),
        "Emre",
        EMRE_PRODUCT,
        direct=True,
        note="Emre answers his reminder at seven in the evening, in New York.",
    ),
    # Friday: a saver, and a streak that ended
    Line(12, time(9, 20), "Ana", ANA_FRIDAY, brief=2),
    Line(12, time(9, 25), "Ana", "streak view: why"),
    Line(12, time(18, 0), "Chidi", CHIDI_FRIDAY, brief=3),
    # Saturday: what an organiser sees, and asking before assuming
    Line(13, time(11, 0), "Dana", "practice track: system-design level: staff"),
    Line(13, time(11, 2), "Dana", "clarify How many users are there, and how fast does it have to be?"),
    Line(13, time(11, 30), "Ana", "drops preview"),
    Line(13, time(12, 0), "Ana", ANA_SATURDAY, brief=2),
    Line(13, time(18, 0), "Chidi", CHIDI_SATURDAY, brief=2),
    # Sunday: the board
    Line(14, time(11, 0), "Ana", ANA_SUNDAY, brief=2),
    Line(14, time(19, 0), "Ben", "today", brief=3),
    Line(14, time(19, 30), "Ben", BEN_SUNDAY, brief=3),
    Line(14, time(20, 0), "Ben", "leaderboard"),
    Line(14, time(20, 1), "Ben", "leaderboard by: improvement"),
    Line(14, time(20, 2), "Ana", "leaderboard by: streak"),
    Line(14, time(20, 3), "Ben", "history prompt: inherited-mess"),
)
