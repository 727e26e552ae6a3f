"""Everything there is to press on Slack is pressed: breadth first from every command, by a member and an organiser.

Whatever leaves is judged twice: by the local Slack, whose rules are Slack's own (the room asserts that it found
nothing), and by ``adapters/slack/limits.py``, where the smaller of Slack's contradictory numbers stand.
"""

from __future__ import annotations

import json
import os
import re
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from evening import ANA, BEN, BEN_AGAIN
from slack_double import NotOffered, User, View, broadcasts, text_of
from slack_double_forms import elements, every_option
from slack_double_seen import walk
from slack_room import Json, Sight, SlackRoom, is_private, slack_room

from adapters.fit import size
from adapters.slack import limits
from adapters.slack.ids import original
from core import catalogue
from core.commands import Command

FULL = os.environ.get("STARLING_TEST_SIZE") == "full"
PRESSES = 2000 if FULL else 150  # of one person at one place
OPTIONS = 100 if FULL else 2  # tried of each menu
ENDS = ("me forget", "me leave", "drops remove", "drops pause", "pack remove", "withdraw", "testpost")
PLACES = (
    ("channel", "direct", "home") if os.environ.get("STARLING_TEST_SIZE") == "full" else ("channel", "home")
)
SILENT = ("nothing",)  # actions that show nothing on purpose
REGISTRY = catalogue.registry()


class Crawl:
    """One person at one place, and what they saw of everything."""

    def __init__(self, room: SlackRoom, who: User, place: str) -> None:
        self.room, self.who, self.place = room, who, place
        self.waiting: deque[tuple[Json | View, str, str | None]] = deque()
        self.last: list[tuple[Json | View, str, str | None]] = []
        self.known: set[str] = set()
        self.done = 0
        self.wrong: list[str] = []

    async def begin(self) -> None:
        """Each command, as it is typed; on the Home tab, what stands there."""
        if self.place == "home":
            await self.room.double.open_home(self.who)
            self.find(await self.room.soon(lambda: self.room.double.home(self.who)))
            return
        for line in ["", *(command.path for command in REGISTRY.listed())]:
            say = self.room.say_directly if self.place == "direct" else self.room.say
            await self.took(line, await say(self.who, line))

    async def walk(self) -> None:
        while self.done < PRESSES and (self.waiting or self.last):
            shown, action_id, option = (
                (self.waiting or self.last).popleft() if self.waiting else self.last.pop(0)
            )
            self.done += 1
            await self.press(shown, action_id, option)

    async def press(self, shown: Json | View, action_id: str, option: str | None) -> None:
        action = original(action_id) + (option or "")
        double, who = self.room.double, self.who
        try:
            seen = await self.room.sees(
                who,
                lambda: (
                    double.press(who, shown, action_id)
                    if option is None
                    else double.select(who, shown, action_id, option)
                ),
                patience=5,
            )
        except NotOffered:
            return  # rewritten since: its buttons are others now
        except TimeoutError:
            if not action.startswith(SILENT):
                self.wrong.append(f"{action}: showed nothing")
            return
        await self.took(action, seen)

    async def took(self, action: str, seen: Sight) -> None:
        double = self.room.double
        if seen.act.failed:
            self.wrong.append(f"{action}: {seen.act.failed}")
            return
        if "Something broke" in seen.text or not seen.text.strip():
            self.wrong.append(f"{action}: {seen.text!r}")
        command = command_of(action)
        if command is not None and command.private and not is_private(seen):
            self.wrong.append(f"{action}: is everybody's")
        if seen.view is not None and seen.view.body.get("submit"):
            await self.send(action, seen)
        else:
            self.find(seen.view or seen.shown)
            if seen.view is not None and self.place != "home":
                self.wrong.append(f"{action}: a modal that asks nothing, in a {self.place}")
        while double.modal(self.who) is not None and (seen.view is None or seen.view.body.get("submit")):
            await double.close_view(self.who)

    async def send(self, action: str, form: Sight) -> None:
        """A form as it opens, with something in every box that needs it; what comes of it is walked on."""
        assert form.view is not None
        if action.startswith(ENDS) or not fresh(self.known, f"form {action}"):
            return
        try:
            seen = await self.room.sees(
                self.who,
                lambda: self.room.double.submit_view(self.who, form.view, filled(form.view)),
                patience=5,
            )
        except NotOffered:
            return  # a file, or one of a list, has to be chosen first
        except TimeoutError:
            self.wrong.append(f"the form {action}: showed nothing")
            return
        if not seen.errors and (seen.view is None or not seen.view.body.get("submit")):
            self.find(seen.view or seen.shown)
        if "Something broke" in seen.text:
            self.wrong.append(f"the form {action}: {seen.text!r}")

    def find(self, shown: Json | View) -> None:
        """What can be pressed there, and was not yet."""
        body = shown.body if isinstance(shown, View) else shown
        for _, each in elements(body.get("blocks") or []):
            kind = each["type"]
            values = [o["value"] for o in every_option(each)][:OPTIONS] if kind == "static_select" else [None]
            for value in values if kind in ("button", "static_select") and not each.get("url") else []:
                action = original(each["action_id"]) + (value or "")
                if fresh(self.known, action):
                    (self.last if action.startswith(ENDS) else self.waiting).append(
                        (shown, each["action_id"], value)
                    )


def filled(form: View | None) -> dict[str, str]:
    """Something for every box of words that must not stay empty."""
    assert form is not None
    boxes = [b for b in form.body["blocks"] if b["type"] == "input" and not b["optional"]]
    words = {b["block_id"]: b["element"] for b in boxes if b["element"]["type"] == "plain_text_input"}
    return {
        name: ANA if each["multiline"] else "09:30" if name == "time" else "1"
        for name, each in words.items()
        if not each.get("initial_value")
    }


def fresh(known: set[str], action: str) -> bool:
    """Whether nothing like it was there: the same with other numbers is the same."""
    kind = re.sub(r"\d+", "0", action)
    if kind in known:
        return False
    known.add(kind)
    return True


def command_of(action: str) -> Command | None:
    return REGISTRY.get(action.partition(":")[0]) if action else REGISTRY.get("menu")


# --- the second judge ----------------------------------------

TEXTS = {  # (type of the object around, its key) -> limit
    ("header", "text"): limits.HEADER,
    ("section", "text"): limits.TEXT,
    ("button", "text"): limits.BUTTON_LABEL,
    ("static_select", "placeholder"): limits.PLACEHOLDER,
    ("external_select", "placeholder"): limits.PLACEHOLDER,
    ("input", "label"): limits.LABEL,
    ("input", "hint"): limits.LABEL,
    ("modal", "title"): limits.MODAL_TITLE,
    ("modal", "submit"): limits.MODAL_TITLE,
    ("modal", "close"): limits.MODAL_TITLE,
}
LENGTHS = {
    "action_id": limits.ACTION_ID,
    "block_id": limits.ACTION_ID,
    "callback_id": limits.ACTION_ID,
    "private_metadata": limits.METADATA,
    "alt_text": limits.ALT,
    "url": limits.URL,
    "initial_value": limits.INPUT,
}
COUNTS = {
    ("actions", "elements"): limits.ACTIONS,
    ("context", "elements"): limits.CONTEXT_ELEMENTS,
    ("section", "fields"): limits.FIELDS,
    ("static_select", "options"): limits.OPTIONS,
    ("checkboxes", "options"): limits.CHECKBOXES,
}


def beyond(body: Json) -> Iterator[str]:
    """What of a message or a view is over a limit of ours."""
    view = body.get("type") in ("modal", "home")
    blocks = body.get("blocks") or []
    if len(blocks) > (limits.VIEW_BLOCKS if view else limits.BLOCKS):
        yield f"{len(blocks)} blocks"
    as_json = size(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))
    ids = sum(size(b.get("block_id", "")) + 14 for b in blocks)  # Slack gave them
    if as_json - ids > (limits.VIEW_JSON if view else limits.BLOCKS_JSON):
        yield f"{as_json} characters of blocks"
    if not view and not body.get("files") and not 0 < size(body.get("text") or "") <= limits.FALLBACK:
        yield f"a fallback of {size(body.get('text') or '')}"
    for each in walk(body):
        for (kind, key), most in TEXTS.items():
            if each.get("type") == kind and isinstance(each.get(key), dict):
                yield from _words(each[key], most, f"{kind} {key}")
        for key, most in LENGTHS.items():
            if isinstance(each.get(key), str) and size(each[key]) > most:
                yield f"{key}: {size(each[key])} of {most}"
        for (kind, key), most in COUNTS.items():
            if each.get("type") == kind and not 0 < len(each.get(key) or [0]) <= most:
                yield f"{kind}: {len(each[key])} {key}"
        for field in each.get("fields") or ():
            yield from _words(field, limits.FIELD, "field")
        for option in each.get("options") or ():
            yield from _words(option["text"], limits.OPTION_TEXT, "option")
            if size(option["value"]) > limits.OPTION_VALUE:
                yield f"option value: {option['value']}"
        for element in (each.get("elements") or ()) if each.get("type") == "context" else ():
            if "text" in element:
                yield from _words(element, limits.TEXT, "context")


def _words(text: Json, most: int, what: str) -> Iterator[str]:
    if not 0 < size(text["text"]) <= most or not text["text"].strip():
        yield f"{what}: {size(text['text'])} of {most}"


# --- the walk ----------------------------------------


async def a_group(room: SlackRoom) -> tuple[User, User]:
    """Two days of a group: a member with attempts, a shared answer, a reminder; and its organiser."""
    room.more["STARLING_LIMITS__COMMANDS_PER_MINUTE"] = "10000"
    room.more["STARLING_LIMITS__HOME_COMMANDS_PER_MINUTE"] = "10000"
    await room.start()
    await room.set_up()
    card = await room.drop()
    ana, ben = room.member("Ana <!channel> *x*"), room.member("李明 👩‍👩‍👧‍👦 & Söhne")
    told = await room.answer(ana, card, ANA)
    await room.press(ana, await room.press(ana, told, "Share"), "With my name")
    for words in (BEN, BEN_AGAIN):
        await room.answer(ben, card, words)
    await room.answer(room.olga, card, f"{ANA} {BEN}")
    at = room.clock.now() + timedelta(minutes=2)
    await room.say(ana, f"remind set time: {at:%H:%M} zone: UTC")
    before = len(room.posts())
    room.clock.skip(days=1, minutes=3)
    await room.soon(lambda: len(room.posts()) > before)
    await room.answer(ana, room.posts()[-1], f"{BEN} <b>&amp;</b> `x`")
    return ana, room.olga


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
async def test_everything_that_can_be_pressed_answers_within_slack_s_limits(
    tmp_path: Path, place: str
) -> None:
    async with slack_room(tmp_path) as room:
        ana, olga = await a_group(room)
        pressed: set[str] = set()
        for who in (ana, olga):
            crawl = Crawl(room, who, place)
            await crawl.begin()
            for post in [*room.posts()[-2:], *room.double.dms(who)[-3:]] if place != "home" else []:
                crawl.find(post)
            await crawl.walk()
            assert crawl.wrong == []
            pressed |= {action.partition(":")[0] for action in crawl.known}
        world = room.double.world
        bodies = [m for c in world.channels.values() for m in c.messages if m["user"] == room.team.bot.id]
        bodies += [m for some in world.ephemerals.values() for m in some]
        bodies += [view.body for view in (*world.views.values(), *world.homes.values())]
        over = [(fault, text_of(body)[:80]) for body in bodies for fault in beyond(body)]
        assert over == []
        assert not any(broadcasts({"said": body}) for body in bodies)
        if place != "home":  # the walk saw what there is to see, else it shows nothing
            assert pressed >= {"answer", "guided", "share", "history", "leaderboard", "me change", "save"}, (
                pressed
            )
        assert len(bodies) > (20 if place == "home" else 60)
