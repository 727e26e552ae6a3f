"""The Home tab: there when somebody looks, new when something has changed, and never a burden on Slack."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from moved_clock import MovedClock
from practising import plan, story, studying
from slack_double import SlackDouble, User, buttons, text_of
from slack_rules import words_in
from talk import Talk

from adapters.slack import native
from adapters.slack.ids import original
from adapters.slack.native import HomeTab
from adapters.slack.people import People
from adapters.slack.workspace import Token, Workspace
from core.call import Where, Who
from core.services import Limits
from core.store import people
from core.store.engine import Store
from core.text import as_text

DIRECT = Where("slack", name="home")


class Room:
    """A workspace whose #study is the home of the Night owls, with Ana and Ben in it, and its Home tabs."""

    def __init__(self, double: SlackDouble, talk: Talk) -> None:
        self.double, self.talk = double, talk
        self.ana, self.ben = double.add_user("Ana"), double.add_user("Ben")
        self.channel = double.add_channel("study", self.ana, self.ben)
        self.workspace = Workspace(Token("", double.team.bot_token), double.base_url, "")
        self.passed = 0.0

    async def open(self) -> None:
        self.workspace.open()
        await self.workspace.look()
        self.where = Where("slack", self.workspace.team_id, self.channel.id, "#study", "Work")
        self.talk.group_id = await self.talk.found("Early birds", self.where)
        async with self.talk.store.read() as tx:
            self.talk.home_id = (await people.homes_of(tx, self.talk.group_id))[0].id
        self.people = People(self.workspace)
        self.tab = HomeTab(self.workspace, self.talk.dispatcher, self.people, self.clock)

    async def close(self) -> None:
        await self.tab.drain()
        await self.people.close()
        await self.workspace.close()

    def clock(self) -> float:
        return time.monotonic() + self.passed

    async def say(self, user: User, line: str) -> str:
        who = Who("slack", user.id, user.name, self.workspace.team_id)
        return as_text(await self.talk.dispatcher.line(line, who, self.where, can_ask=False))

    async def settled(self) -> None:
        """Nothing waits to be shown any more."""
        async with asyncio.timeout(10):
            while self.tab._worker is not None and not self.tab._worker.done():
                await asyncio.sleep(0.01)

    @property
    def published(self) -> int:
        return len(self.double.asked("views.publish"))

    def page(self, user: User) -> str:
        view = self.double.home(user)
        return text_of(view.body) if view is not None else ""


@pytest.fixture
async def room(store: Store, clock: MovedClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    for name, seconds in (("SOON", 0.02), ("APART", 0.1), ("PACE", 0.02), ("AGAIN", 0.05)):
        monkeypatch.setattr(native, name, seconds)
    async with await SlackDouble.start() as double:
        found = Room(double, await studying(store, clock))
        await found.open()
        try:
            yield found
        finally:
            await found.close()
    assert not double.violations


# --- what is seen ----------------------------------------


async def test_the_tab_shows_where_somebody_stands_and_its_buttons_answer(room: Room) -> None:
    await plan(room.talk, "behavioural")
    await room.say(room.ana, "help")
    await room.tab.show(room.ana.id)
    page = room.page(room.ana)
    for part in (
        "Ana",
        "Streak",
        "Work you are proud of",
        "Your reminder",
        "This week in Early birds",
        "Zone",
    ):
        assert part in page
    view = room.double.home(room.ana)
    assert view is not None
    actions = {label: original(key) for key, label in buttons(view.body).items()}
    who = Who("slack", room.ana.id, "Ana", room.workspace.team_id)
    said = await room.talk.dispatcher.press(
        actions["Answer"], who, DIRECT, {"text": story(25)}, submitted=True
    )
    assert "Kept: your answer to “Work you are proud of”" in as_text(said)
    room.tab.touch(room.ana.id)
    await room.double.until(lambda: "You have answered it." in room.page(room.ana))
    assert room.page(room.ben) == "", "nobody else's is made"


async def test_a_newcomer_without_a_group_sees_how_to_begin(room: Room) -> None:
    zoe = room.double.add_user("Zoe")
    await room.tab.show(zoe.id)
    assert "You are in no study group yet." in room.page(zoe) and "/starling today" in room.page(zoe)


async def test_a_new_question_is_there_for_all_who_looked_lately(room: Room) -> None:
    for user in (room.ana, room.ben):
        await room.say(user, "help")
        await room.tab.show(user.id)
        assert "Work you are proud of" not in room.page(user)
    await plan(room.talk, "behavioural")
    room.tab.touch_all()
    for user in (room.ana, room.ben):
        await room.double.until(lambda user=user: "Work you are proud of" in room.page(user))  # type: ignore[misc]


# --- no more than is needed ----------------------------------------


async def test_what_is_shown_already_is_not_published_again(room: Room) -> None:
    await room.tab.show(room.ana.id)
    for _ in range(3):
        room.tab.touch(room.ana.id)
        await room.settled()
        room.passed += 60
        await room.tab.show(room.ana.id)
    assert room.published == 1


async def test_who_has_not_looked_lately_is_left_alone(room: Room) -> None:
    room.tab.touch(room.ben.id)
    await room.tab.show(room.ana.id)
    room.passed += native.LATELY + 1
    await room.say(room.ana, f"answer prompt: team {story(30)}")
    room.tab.touch(room.ana.id)
    room.tab.touch_all()
    await room.settled()
    assert room.published == 1
    await room.tab.show(room.ana.id)
    assert "*Streak*\n1 day" in room.page(room.ana)


async def test_many_changes_at_once_are_few_pages_and_the_newest_is_shown(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "APART", 0.4)
    await room.tab.show(room.ana.id)
    for prompt in ("team", "proud", "garage", "heaps"):
        await room.say(room.ana, f"answer prompt: {prompt} {story(30)}")
        for _ in range(5):
            room.tab.touch(room.ana.id)
            await room.tab.show(room.ana.id)
    await room.settled()
    times = [asked.at for asked in room.double.asked("views.publish")]
    assert len(times) >= 2
    assert all(later - before >= 0.35 for before, later in pairwise(times))
    own = next(line for line in (await room.say(room.ana, "leaderboard")).splitlines() if "Ana" in line)
    view = room.double.home(room.ana)
    assert view is not None and own in "".join(words_in(view.body["blocks"])), "the points of all of them"


async def test_a_question_for_many_is_spread_out_and_one_s_own_change_goes_first(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [room.double.add_user(f"M{n}") for n in range(8)]
    room.double.add_channel("more", *users)
    for user in users:
        await room.say(user, "help")
        await room.tab.show(user.id)
    await asyncio.sleep(native.APART)
    monkeypatch.setattr(native, "PACE", 0.08)
    await plan(room.talk, "behavioural")
    begun = time.monotonic()
    room.tab.touch_all()
    while room.published < len(users) + 2:
        await asyncio.sleep(0.005)
    room.tab.touch(users[-1].id)
    await room.settled()
    asked = [r.args["user_id"] for r in room.double.asked("views.publish")][len(users) :]
    assert sorted(asked) == sorted(u.id for u in users), "each once"
    assert users[-1].id in asked[:5]
    assert time.monotonic() - begun >= (len(users) - 1) * 0.08


async def test_a_page_made_anew_costs_its_reader_nothing(room: Room) -> None:
    room.talk.reconfigure(limits=Limits(commands_a_minute=3))
    room.tab = HomeTab(room.workspace, room.talk.dispatcher, room.people, room.clock)
    for _ in range(6):
        await room.tab.show(room.ana.id)
        room.passed += 10
    assert "a lot at once" not in await room.say(room.ana, "help")


async def test_only_so_many_readers_are_remembered(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "MOST", 1)
    await room.tab.show(room.ana.id)
    await room.tab.show(room.ben.id)
    await room.say(room.ana, f"answer prompt: team {story(30)}")
    room.tab.touch(room.ana.id)
    await room.settled()
    assert room.published == 2 and len(room.tab._readers) == 1


# --- when Slack is not well ----------------------------------------


@pytest.mark.parametrize("how", ["invalid_blocks", "invalid_arguments", "view_too_large"])
async def test_a_page_that_slack_refuses_is_shown_as_its_text(room: Room, how: str) -> None:
    room.double.fail("views.publish", how)
    await room.tab.show(room.ana.id)
    view = room.double.home(room.ana)
    assert view is not None and "Your settings" in text_of(view.body) and not buttons(view.body)
    assert room.published == 2


@pytest.mark.parametrize("how", ["ratelimited", "500", "503", "reset", "accepted-reset", "internal_error"])
async def test_a_page_that_slack_could_not_take_comes_a_little_later(room: Room, how: str) -> None:
    room.double.fail("views.publish", how, 1)
    await room.tab.show(room.ana.id)
    await room.settled()
    assert "Your settings" in room.page(room.ana) and room.published == 2


@pytest.mark.parametrize("how", ["not_enabled", "token_revoked", "user_not_found", "missing_scope"])
async def test_a_refusal_for_good_is_taken_and_the_next_look_tries_again(room: Room, how: str) -> None:
    room.double.fail("views.publish", how)
    await room.tab.show(room.ana.id)
    await room.settled()
    assert room.page(room.ana) == "" and room.published == 1
    room.passed += 10
    await room.tab.show(room.ana.id)
    assert "Your settings" in room.page(room.ana)


async def test_it_gives_up_after_a_few_tries(room: Room) -> None:
    room.double.fail("views.publish", "500", 20)
    await room.tab.show(room.ana.id)
    await room.settled()
    assert room.published == native.TRIES


async def test_after_the_end_nothing_is_shown_by_itself(room: Room) -> None:
    await room.tab.show(room.ana.id)
    await room.say(room.ana, f"answer prompt: team {story(30)}")
    room.tab.touch(room.ana.id)
    await room.tab.drain()
    room.tab.touch(room.ana.id)
    room.tab.touch_all()
    await asyncio.sleep(0.2)
    assert room.published == 1 and not [
        t for t in asyncio.all_tasks() if t.get_name() == "starling slack home"
    ]
