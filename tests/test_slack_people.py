"""Who an account of a workspace is: asked of Slack's double over sockets, by the real client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from slack_double import SlackDouble, Team, User

from adapters.slack import people as module
from adapters.slack.people import CALLS, FRESH, People
from adapters.slack.workspace import Token, Workspace
from core.call import Who


class Hand:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def double() -> AsyncIterator[SlackDouble]:
    async with await SlackDouble.start() as double:
        yield double
        assert double.violations == []


@pytest.fixture
async def workspace(double: SlackDouble) -> AsyncIterator[Workspace]:
    opened = Workspace(Token("ours", double.team.bot_token), double.base_url, "")
    opened.open()
    await opened.look()
    yield opened
    await opened.close()


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
async def people(workspace: Workspace, hand: Hand) -> AsyncIterator[People]:
    people = People(workspace, hand)
    yield people
    await people.close()


def asked(double: SlackDouble) -> int:
    return len(double.asked("users.info"))


async def test_an_account_has_its_display_name_zone_and_workspace(
    double: SlackDouble, people: People
) -> None:
    ana = double.add_user("Ana", tz="Asia/Tokyo")
    assert await people.who(ana.id, "ana.b") == Who(
        "slack", ana.id, "Ana", double.team.id, organiser=False, zone="Asia/Tokyo"
    )


async def test_what_was_said_is_not_asked_again_for_ten_minutes(
    double: SlackDouble, people: People, hand: Hand
) -> None:
    ana = double.add_user("Ana")
    for _ in range(3):
        await people.who(ana.id, surely=True)
    assert asked(double) == 1
    hand.now += FRESH + 1
    ana.name = "Ana Maria"
    assert (await people.who(ana.id, "ana.b")).name == "Ana", "nobody waits for what was learned before"
    await double.until(lambda: asked(double) == 2)
    await asyncio.sleep(0.1)
    assert (await people.who(ana.id, "ana.b")).name == "Ana Maria"


async def test_many_who_ask_at_once_make_one_call(double: SlackDouble, people: People) -> None:
    ana = double.add_user("Ana", admin=True)
    channel = double.add_channel("practice", ana)
    askers = [people.who(ana.id, surely=n % 2 == 0, channel_id=channel.id) for n in range(40)]
    found = await asyncio.gather(*askers)
    assert {who.name for who in found} == {"Ana"} and all(who.organiser for who in found)
    assert asked(double) == 1


async def test_an_asker_who_gives_up_takes_the_answer_from_nobody(
    double: SlackDouble, people: People
) -> None:
    ana = double.add_user("Ana")
    first = asyncio.create_task(people.who(ana.id, surely=True))
    await asyncio.sleep(0)
    second = asyncio.create_task(people.who(ana.id, surely=True))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).name == "Ana" and asked(double) == 1


@pytest.mark.parametrize("how", ["silence", "reset", "503", "users_not_found", "ratelimited"])
async def test_a_name_that_was_learned_stays_whatever_goes_wrong(
    double: SlackDouble, people: People, hand: Hand, how: str
) -> None:
    ana = double.add_user("Ana", tz="Asia/Tokyo")
    await people.who(ana.id)
    hand.now += FRESH + 1
    double.fail("users.info", how, 1)
    await people.who(ana.id, "ana.b")
    await double.until(lambda: asked(double) == 2)
    await asyncio.sleep(0.1)
    found = await people.who(ana.id, "ana.b")
    assert (found.name, found.zone) == ("Ana", "Asia/Tokyo")


async def test_somebody_unknown_waits_a_second_at_most(double: SlackDouble, people: People) -> None:
    ana = double.add_user("Ana")
    double.fail("users.info", "silence", 1)
    begun = time.monotonic()
    found = await people.who(ana.id, "ana.b")
    assert (found.name, found.zone) == ("ana.b", "") and 0.9 < time.monotonic() - begun < 2


async def test_what_failed_is_left_alone_for_a_while(double: SlackDouble, people: People, hand: Hand) -> None:
    ana, bea = double.add_user("Ana"), double.add_user("Bea")
    double.fail("users.info", "ratelimited", 1, retry_after=90)
    assert (await people.who(ana.id, "ana.b")).name == "ana.b"
    assert (await people.who(bea.id, "bea.c")).name == "bea.c", "Slack wants to be left alone for everybody"
    assert asked(double) == 1
    hand.now += 91
    assert (await people.who(bea.id, "bea.c")).name == "Bea"
    double.fail("users.info", "503", 1)
    await people.who(ana.id, "ana.b")
    assert (await people.who(ana.id, "ana.b")).name == "ana.b" and asked(double) == 3
    hand.now += 31
    assert (await people.who(ana.id, "ana.b")).name == "Ana"


async def test_at_most_so_many_are_asked_about_a_minute(
    double: SlackDouble, people: People, hand: Hand
) -> None:
    crowd = [double.add_user(f"Member{n}") for n in range(CALLS + 20)]
    found = await asyncio.gather(*(people.who(one.id, "handle") for one in crowd))
    assert sum(who.name == "handle" for who in found) == 20 and asked(double) == CALLS
    assert (await people.who(crowd[-1].id, "handle", surely=True)).name == crowd[-1].name, (
        "this one has to know"
    )
    hand.now += 61
    assert {(await people.who(one.id, "handle")).name for one in crowd[-5:]} == {c.name for c in crowd[-5:]}


async def test_memory_is_bounded(
    double: SlackDouble, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    crowd = [double.add_user(f"Member{n}") for n in range(4)]
    for one in crowd[:3]:
        await people.who(one.id)
    await people.who(crowd[0].id)
    await people.who(crowd[3].id)
    assert asked(double) == 4
    await people.who(crowd[0].id)
    assert asked(double) == 4, "who was asked for lately stays"
    await people.who(crowd[1].id)
    assert asked(double) == 5


# --- organisers ----------------------------------------


async def test_admins_and_whom_the_settings_name_organise(
    double: SlackDouble, workspace: Workspace, people: People
) -> None:
    boss, ana, bea = double.add_user("Boss", admin=True), double.add_user("Ana"), double.add_user("Bea")
    workspace.token = replace(workspace.token, organisers=frozenset({ana.id}))
    rights = [(await people.who(one.id, surely=True)).organiser for one in (boss, ana, bea)]
    assert rights == [True, True, False]


async def test_whoever_made_the_channel_organises_there(double: SlackDouble, people: People) -> None:
    ana, bea = double.add_user("Ana"), double.add_user("Bea")
    ours, other = double.add_channel("practice", ana, bea), double.add_channel("other", ana, bea)
    ours.creator, other.creator = ana, bea
    assert (await people.who(ana.id, channel_id=ours.id)).organiser
    assert not (await people.who(ana.id, channel_id=other.id)).organiser
    assert not (await people.who(ana.id)).organiser
    assert not (await people.who(bea.id, channel_id=ours.id)).organiser
    dm = double.world.dm_of(ana)
    assert not (await people.who(ana.id, channel_id=dm.id)).organiser
    assert [each.args["channel"] for each in double.asked("conversations.info")] == [ours.id, other.id]


@pytest.mark.parametrize("guest", ["another workspace", "restricted"])
async def test_guests_never_organise_even_what_they_made(
    double: SlackDouble, people: People, guest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = double.add_team("Elsewhere") if guest == "another workspace" else double.team
    ana = double.add_user("Ana", team, admin=True)
    if guest == "restricted":
        plain = User.json
        monkeypatch.setattr(
            User, "json", lambda self, locale=False: plain(self, locale) | {"is_restricted": True}
        )
    channel = double.add_channel("practice", ana)
    channel.creator = ana
    found = await people.who(ana.id, surely=True, channel_id=channel.id)
    assert (found.name, found.organiser, found.workspace) == ("Ana", False, double.team.id)


@pytest.mark.parametrize("how", ["reset", "503", "user_not_found"])
async def test_without_an_answer_only_a_named_one_surely_organises(
    double: SlackDouble, workspace: Workspace, people: People, hand: Hand, how: str
) -> None:
    boss, ana = double.add_user("Boss", admin=True), double.add_user("Ana")
    workspace.token = replace(workspace.token, organisers=frozenset({ana.id}))
    assert (await people.who(boss.id, surely=True)).organiser
    hand.now += FRESH + 1
    double.fail("users.info", how, 4)
    found = await people.who(boss.id, surely=True)
    assert (found.name, found.organiser) == ("Boss", False)
    assert (await people.who(ana.id, "ana.b", surely=True)).organiser


async def test_a_lost_answer_is_asked_for_once_more_where_it_matters(
    double: SlackDouble, people: People
) -> None:
    boss = double.add_user("Boss", admin=True)
    double.fail("users.info", "reset", 1)
    assert (await people.who(boss.id, surely=True)).organiser
    double.fail("users.info", "ratelimited", 1, retry_after=1)
    chief = double.add_user("Chief", admin=True)
    assert (await people.who(chief.id, surely=True)).organiser


async def test_a_workspace_that_was_left_answers_nobody(double: SlackDouble, people: People) -> None:
    ana, team = double.add_user("Ana"), double.team
    assert isinstance(team, Team)
    team.broken = "account_inactive"
    assert await people.who(ana.id, "ana.b", surely=True) == Who(
        "slack", ana.id, "ana.b", team.id, guessed=True
    )
