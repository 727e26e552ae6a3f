"""A study group with a handful of questions of its own, for conversations about practising.

A small pack instead of the shipped ones: it is there in a hundredth of the time, and a test knows every question
in it. ``studying`` opens the talk, ``plan`` lets a question come, ``story`` writes an answer of a given length.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time

from moved_clock import MovedClock
from talk import Talk

from core.founding import add_schedule
from core.packs.model import Pack, Prompt, Reveal
from core.rules.due import Rule
from core.store import boards, practice, prompts
from core.store.engine import Store
from core.streaks import current_streak

SMALL = Pack(
    id="night",
    version="1.0.0",
    title="Night school",
    license="MIT",
    sha256="0" * 64,
    prompts=(
        Prompt(
            "night",
            "proud",
            "behavioural",
            "What are you proud of?",
            "Work you are proud of",
            minutes=5,
            rubric="behavioural-star",
        ),
        Prompt("night", "conflict-won", "behavioural", "Tell of a conflict that you won.", "A conflict, won"),
        Prompt("night", "conflict-lost", "behavioural", "Tell of one that you lost.", "A conflict, lost"),
        Prompt(
            "night",
            "two-sum",
            "coding",
            "Two Sum (read the statement at the link).",
            "Two Sum",
            url="https://example.org/two-sum",
            difficulty="easy",
            minutes=20,
            levels=("graduate", "mid"),
            companies=("Acme", "A;B"),
            rubric="coding-4-step",
        ),
        Prompt("night", "heaps", "coding", "Sort with a heap.", "Heaps", levels=("staff",), rubric="coding-4-step"),
        Prompt(
            "night",
            "garage",
            "system-design",
            "Design the software of a parking garage.",
            "A parking garage",
            minutes=40,
            rubric="system-design-4-step",
            good=("Counts the cars first", "Names what breaks"),
            reveal=(
                Reveal("cars", "How many cars are there?", "500 cars.", ("car", "how many"), True),
                Reveal("gates", "How many gates?", "Two gates in, one out.", ("gate", "exit")),
                Reveal("pay", "How do drivers pay?", "By licence plate.", ("pay", "price"), True),
            ),
        ),
        Prompt("night", "team", "ask", "Which question would you ask about the team?", "About the team"),
        Prompt("night", "old", "ask", "A question of yesterday.", "Old question", retired=True),
    ),
)  # fmt: skip

NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)  # Monday, 12:00 in Berlin


async def studying(store: Store, clock: MovedClock) -> Talk:
    """A talk in a group that has the small pack and no schedule yet. It is Monday noon in Berlin."""
    clock.set(NOON)
    talk = await Talk.begin(store, clock)
    async with store.write() as tx:
        await prompts.install(tx, SMALL, None, clock.now())
    return talk


async def plan(talk: Talk, *tracks: str, at: time = time(3), days: Sequence[int] = range(7)) -> int:
    """A schedule of the group, with today's question due now; its number."""
    rule = Rule(at, "Europe/Berlin", frozenset(days))
    async with talk.store.write() as tx:
        return await add_schedule(
            tx, talk.group_id, [(talk.home_id, "")], rule, talk.clock.now(), tracks=tracks, drop_now=True
        )


def story(words: int, word: str = "word") -> str:
    """An answer of exactly that many words."""
    return " ".join([word] * words)


# Two attempts at one question: the machine finds more in the second.
THIN = (
    "Our nightly import was slow and everybody complained about it for months. Something had to be done about "
    "it, and in the end the team did something and it was better."
)
FULL = (
    "At my last job our nightly import took nine hours and blocked the sales team every morning. "
    "I was responsible for bringing it under two hours before the spring sale. "
    "I profiled it and found one query that ran once for every row. I considered a bigger machine, but rejected "
    "it because the cost would have doubled. I rewrote the query as one join and added an index, and I tested it "
    "on a copy. As a result the import went from nine hours to 40 minutes, a cut of 92%, and sales got their "
    "figures before eight. I learned to measure before I change anything."
)


async def truth(talk: Talk, *names: str) -> None:
    """What must hold whatever was done: sums equal their points, and a kept streak equals its replay."""
    now = talk.clock.now()
    async with talk.store.read() as tx:
        assert await boards.recount(tx) == []
        for name in names:
            person = await talk.person(name)
            kept = await practice.kept_streak(tx, person.id)
            replayed = await current_streak(tx, person, now)
            running = kept is not None and (kept.lapses_at is None or kept.lapses_at > now)
            assert (kept.current if kept is not None and running else 0) == replayed.current, name
            assert (kept.best if kept is not None else 0) == replayed.best, name
            if kept is not None and running:
                assert kept.lapses_at == replayed.lapses_at, name
