"""``starling demo``: a scripted week of a made-up group of five, by the real code, with a moved clock.

The database is a temporary file. Nothing is staged but the clock and the words people type: drops come out of
the schedule, checklists out of the reader, savers out of the ledger.
"""

from __future__ import annotations

import asyncio
import tempfile
import textwrap
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.build import App, build
from bot.demo_script import GROUP, MEMBERS, SCHEDULE, START, WARM_UP, WEEK, Line
from bot.settings import Database, Settings
from core.call import Where, Who
from core.founding import found_group
from core.ports import Outcome, Sent, Target, WithoutMemory
from core.store import arrivals, preferences, schedules
from core.text import as_text
from core.views import View

Say = Callable[[str], None]

WIDTH = 96
DIRECT = Where("demo")
HOME = Where("demo", server_id="group", channel_id="practice", name=GROUP)


class MovedClock:
    """A clock that stands still until the script moves it. Never backwards."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    async def sleep(self, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def move_to(self, at: datetime) -> None:
        self._at = max(self._at, at)


class Transcript(WithoutMemory):
    """Prints what was said, wrapped and indented; also the platform's way to post (``core.ports.Sender``)."""

    def __init__(self, say: Say, clock: MovedClock) -> None:
        self._say = say
        self._clock = clock
        self.on = False
        self._headed = ""

    async def send(self, target: Target, view: View, key: str) -> Outcome:
        local = self._clock.now().astimezone(ZoneInfo(SCHEDULE.zone))
        place = "to the group" if target.channel_id else f"to {target.user_id.capitalize()}, directly"
        self.line(f"Starling, {local:%H:%M}, {place}", as_text(view))
        return Sent(f"demo-{key}")

    def heading(self, words: str) -> None:
        if self.on and words != self._headed:
            self._headed = words
            self._say(f"\n{'=' * WIDTH}\n{words}\n{'=' * WIDTH}")

    def note(self, words: str) -> None:
        if self.on:
            self._say("\n" + textwrap.fill(words, WIDTH, initial_indent="* ", subsequent_indent="  "))

    def line(self, who: str, words: str) -> None:
        if self.on:
            self._say(f"\n{who}:\n{wrapped(words, '    ')}")

    def typed(self, who: str, words: str) -> None:
        if self.on:
            self._say(
                f"\n{textwrap.fill(words, WIDTH, initial_indent=f'{who}> ', subsequent_indent='     ')}"
            )

    def reply(self, words: str) -> None:
        if self.on:
            self._say(wrapped(words, "    "))


def wrapped(words: str, indent: str) -> str:
    """Each line wrapped on its own, keeping its own indent."""
    lines = []
    for line in words.splitlines():
        own = indent + " " * (len(line) - len(line.lstrip()))
        hang = own + ("  " if line.lstrip()[:2] in ("- ", "+ ", "? ", "| ") else "")
        bare = line.strip()
        lines.append(textwrap.fill(bare, WIDTH, initial_indent=own, subsequent_indent=hang) if bare else "")
    return "\n".join(lines)


async def demo(say: Say) -> None:
    """Print the week. Takes a few seconds; leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="starling-demo-") as folder:
        settings = Settings(database=Database(url=str(Path(folder) / "demo.db")))
        clock = MovedClock(START)
        transcript = Transcript(say, clock)
        async with build(settings, clock, {"demo": transcript}) as app:
            await _found(app)
            await _play(app, clock, transcript, WARM_UP)
            transcript.on = True
            say(_opening())
            await _play(app, clock, transcript, WEEK)
    say(_closing())


async def _found(app: App) -> None:
    now = app.services.clock.now()
    async with app.services.store.write() as tx:
        await found_group(tx, HOME, GROUP, SCHEDULE, ("behavioural",), now, drop_now=False)
        for name in MEMBERS:
            known = await arrivals.arrive(tx, _who(name), HOME, now)
            await preferences.set_zone(tx, known.person.id, MEMBERS[name].zone, now)
            await preferences.set_level(tx, known.person.id, MEMBERS[name].level)


def _who(name: str) -> Who:
    return Who("demo", name.casefold(), name, organiser=name == "Ana")


async def _play(app: App, clock: MovedClock, transcript: Transcript, lines: Sequence[Line]) -> None:
    zone = ZoneInfo(SCHEDULE.zone)
    for line in lines:
        at = datetime.combine(START.date() + timedelta(days=line.day), line.at, zone).astimezone(UTC)
        await _until(app, clock, transcript, at, zone)
        local = at.astimezone(zone)
        if line.note:
            transcript.note(line.note)
        if not line.who:
            continue
        where = ", directly" if line.direct else ""
        transcript.typed(f"{line.who}, {local:%H:%M}{where}", f"/{line.words}")
        view = await app.dispatcher.line(
            line.words, _who(line.who), DIRECT if line.direct else HOME, can_ask=False
        )
        shown = as_text(view)
        if line.brief:
            shown = "\n\n".join(shown.split("\n\n")[: line.brief])
        transcript.reply(shown)
        await app.outbox.tick()


async def _until(app: App, clock: MovedClock, transcript: Transcript, at: datetime, zone: ZoneInfo) -> None:
    """Move the clock to ``at``, stopping wherever something is due, so that everything comes on time."""
    while True:
        due = await _next_due(app)
        if due is None or due > at:
            break
        if due > clock.now():
            local = due.astimezone(zone)
            transcript.heading(f"{local:%A %d %B %Y}")
        clock.move_to(due)
        await app.outbox.tick()
    clock.move_to(at)
    await app.outbox.tick()


async def _next_due(app: App) -> datetime | None:
    async with app.services.store.read() as tx:
        return await schedules.next_due_at(tx)


def _opening() -> str:
    people_ = ", ".join(f"{name} ({m.zone}, {m.level})" for name, m in MEMBERS.items())
    return textwrap.fill(
        f"A week of “{GROUP}”, a made-up study group of five: {people_}. The question comes at "
        f"{SCHEDULE.local_time:%H:%M}, {SCHEDULE.zone}. Everything below is printed by the real program on a temporary "
        "database; only its clock was moved. The week before, Ana answered every day.",
        WIDTH,
    )


def _closing() -> str:
    return (
        f"\n{'=' * WIDTH}\nNow you: make run\n{'=' * WIDTH}\n"
        "Then type /today, read the question, and type /answer and a few sentences. /streak and\n"
        "/leaderboard follow. Another member of the same group: make run ARGS='--as Ben'.\n"
        "On a pipe it works as well:\n\n"
        "    printf '/today\\n/answer At my last job I ...\\n/streak\\n' | make run"
    )
