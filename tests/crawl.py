"""Every view that Starling's features really make: people do everything there is to do, and press everything shown.

``await views_of(store, clock)`` plays some weeks of a group on the real thing (``tests/talk.py``), with names and
answers that are awkward to show, and returns each different view that somebody saw or that was posted.
"""

from __future__ import annotations

from datetime import UTC, datetime

from moved_clock import MovedClock
from placed import Placed
from practising import SMALL
from talk import HOME, PLATFORM, Talk

from core.call import Attachment, Who
from core.packs.load import starter_packs
from core.ports import Outcome, Sent, Target, WithoutMemory
from core.store import prompts
from core.store.engine import Store
from core.text import as_text
from core.views import Form, FormErrors, Select, Ticks, View, blocks_of

PRESSES = 160  # buttons pressed after each day; those that nobody pressed yet come first
ENDS = ("me forget", "me leave", "drops remove", "pack remove")  # what ends things is pressed last
NAMES = {
    "ana": "**Ana** <@123> @everyone [x](https://example.org) `tick` ||psst||",
    "ben": "B" * 80,
    "cleo": "李明 👩‍👩‍👧‍👦 # _not_ > a heading",
}
STORY = (
    "Our *nightly* report took six hours. My task was to bring it under one. I rewrote the join, `SELECT 1`, because "
    "the scan was slow. <@1> @here ```fence``` The report now takes 20 minutes.\n\n# Not a heading\n- nor a list"
)
LONG = "I measured it, I changed it, and it took 20 minutes instead of six hours. " * 120
PACK = b'format = 1\n[pack]\nid = "x"\ntitle = "**X** @everyone"\n'


class _Outbox(WithoutMemory):
    """Takes everything, also cards that are written anew, and keeps what it was shown."""

    edits = True

    def __init__(self) -> None:
        self.shown: list[View] = []

    async def send(self, target: Target, view: View, key: str) -> Outcome:
        self.shown.append(view)
        return Sent(f"m{len(self.shown)}", target.channel_id or "dm")

    async def edit(self, target: Target, message_id: str, view: View, key: str) -> Outcome:
        self.shown.append(view)
        return Sent(message_id, target.channel_id)


class Crawl(Talk):
    """A talk that remembers everything that anybody saw."""

    def remember(self) -> None:
        self.seen: list[View] = []
        self.pressed: set[str] = set()
        self.out = _Outbox()
        self.letterbox = self.out  # type: ignore[assignment]
        self.names.update(NAMES)

    def who(self, name: str, organiser: bool = False) -> Who:
        """Each does one thing after the other: nobody is told that it was a lot at once."""
        self.clock.advance(3)
        return super().who(name, organiser)

    def _shown(self, name: str, view: View) -> str:
        self.seen.append(view)
        return super()._shown(name, view)

    async def say(self, line: str, *names: str) -> None:
        """``line`` by everybody named, in the channel and directly, asked for what is missing and not."""
        for name in names or NAMES:
            for direct, can_ask in ((False, True), (True, False)):
                await self(name, line, direct=direct, can_ask=can_ask, organiser=name == "ana")

    def actions(self, ending: bool) -> list[str]:
        """Everything that can be pressed in what was seen, each once; what ends things last, or not at all."""
        found: dict[str, None] = {}
        for view in [*self.seen, *self.out.shown]:
            found |= dict.fromkeys(_actions(view))
        left = [a for a in found if a not in self.pressed and (ending or not a.startswith(ENDS))]
        return sorted(left, key=lambda a: a.startswith(ENDS))

    async def press_all(self, most: int = PRESSES, *, ending: bool = False) -> None:
        done = 0
        while done < most and (waiting := self.actions(ending)):
            for action in waiting[: most - done]:
                done += 1
                self.pressed.add(action)
                name = tuple(NAMES)[done % len(NAMES)]
                await self.press(name, action, direct=done % 2 == 0, organiser=name == "ana")
                view = self.views[name]
                if isinstance(view, Form | FormErrors):  # sent as it is: most often that is wrong
                    await self.submit(name, {}, organiser=name == "ana")


def _actions(view: View) -> list[str]:
    found = []
    blocks = blocks_of(view)
    for block in blocks:
        found += [b.action for b in getattr(block, "items", ()) if hasattr(b, "action")]
        if isinstance(block, Ticks):
            found += [f"{block.action}{t.key}" for t in block.items]
        if isinstance(block, Select):
            found += [f"{block.action}{c.value}" for c in block.choices[:3]]
    found += [a for a in (getattr(view, "previous", None), getattr(view, "next", None)) if a]
    return [a for a in found if a]


async def views_of(store: Store, clock: MovedClock) -> list[View]:
    clock.set(datetime(2026, 3, 2, 7, tzinfo=UTC))
    talk = await Crawl.begin(store, clock, group="**Owls** <@&9> @here")
    assert isinstance(talk, Crawl)
    talk.remember()
    talk.reconfigure(places={PLATFORM: Placed({"channel": "#practice"})})
    for pack in (SMALL, *(p for p in starter_packs() if p.id in ("starter-behavioural", "starter-coding"))):
        async with store.write() as tx:
            await prompts.install(tx, pack, None, clock.now())
    for command in talk.app.registry.listed():
        await talk.say(f"/{command.path}")
        await talk.say(f"/{command.path} no-such-option: @everyone **x**", "ana")
    await talk("ana", "/setup time: 09:00 zone: UTC tracks: behavioural", organiser=True)
    await talk("ana", "/drops add time: 10:00 zone: UTC thread: yes recap: yes role: 77", organiser=True)
    for name in NAMES:
        await talk(name, "/remind set time: 09:30 zone: UTC")
    for day in range(3, 5):
        await _a_day(talk, day)
    for name in NAMES:
        for page in ("home", "menu"):
            await talk.press(name, page, direct=True, organiser=name == "ana")
    await talk.press_all(ending=True)
    return _different([*talk.seen, *talk.out.shown])


async def _a_day(talk: Crawl, day: int) -> None:
    for hour in ("09:01", "09:31", "10:01"):
        talk.until(f"2026-03-{day:02} {hour}")
        await talk.outbox.tick()
    for name in NAMES:
        await talk(name, "/today", can_ask=True)
        for words in (STORY, "too short", LONG if name == "ben" else STORY + " Again."):
            await talk(name, f"/answer text: {words}", direct=name == "cleo")
            await talk.press_all(4)
    for words in (STORY, STORY + " Again."):
        await talk("ana", f"/answer prompt: proud-project text: {words}")
    await talk.press("ana", "My attempts")
    await talk("ana", "/practice track: coding", can_ask=True)
    await talk("ana", f"/answer text: {STORY}")
    for line in (
        "history",
        "streak",
        "streak view: calendar",
        "leaderboard",
        "drops list",
        "pack list",
        "doctor",
    ):
        await talk.say(f"/{line}", "ana", "ben")
    for command in ("pack check", "pack import"):
        file = {"file": Attachment("**x**.toml", PACK)}
        talk.seen.append(await talk.dispatcher.press(command, talk.who("ana", True), HOME, file))
    await talk.press_all(PRESSES // 4)
    talk.until(f"2026-03-{day:02} 23:30")
    await talk.outbox.tick()


def _different(views: list[View]) -> list[View]:
    """Each that says or asks something else than those before it."""
    found: dict[object, View] = {}
    for view in views:
        found.setdefault((type(view), as_text(view)), view)
    return list(found.values())
