"""What Starling may do in which channel of Slack, as the real client hears it from the double."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
from slack_double import Channel, SlackDouble
from slack_double_world import DM

import adapters.slack.places as slack_places
from adapters.slack.manifest import OPTIONAL
from adapters.slack.places import SHARED, UNSEEN, WHERE, SlackPlaces
from adapters.slack.workspace import Token, Workspaces
from core.places import blocked, missing, noted
from core.ports import Access
from core.text import as_text
from core.views import Block, Message


@pytest.fixture
async def double() -> AsyncIterator[SlackDouble]:
    async with await SlackDouble.start() as started:
        yield started
        assert started.violations == []


@pytest.fixture
async def workspaces(double: SlackDouble) -> AsyncIterator[Workspaces]:
    made = Workspaces([Token("study", double.team.bot_token)], double.base_url)
    made.open()
    for one in made:
        await one.look()
    yield made
    await made.close()


@pytest.fixture
def places(workspaces: Workspaces) -> SlackPlaces:
    return SlackPlaces(workspaces)


async def asked(places: SlackPlaces, where: Channel | str, **more: str) -> Access:
    found = await access(places, where, **more)
    assert found is not None
    return found


async def access(places: SlackPlaces, where: Channel | str, **more: str) -> Access | None:
    team = next(iter(places._workspaces)).team_id
    return await places.access(
        team, where if isinstance(where, str) else where.id, role_id=more.get("role", "")
    )


def read(*blocks: Block) -> str:
    return as_text(Message(blocks))


async def test_a_channel_that_starling_is_a_member_of_lacks_nothing(
    double: SlackDouble, places: SlackPlaces
) -> None:
    for private in (False, True):
        channel = double.add_channel("practice", private=private)
        assert await asked(places, channel) == Access("#practice", where=WHERE)


async def test_a_public_channel_without_starling_says_what_to_type_where(
    double: SlackDouble, places: SlackPlaces
) -> None:
    found = await asked(places, double.add_channel("practice", bot=False))
    assert blocked(found)
    said = "Starling is not a member of #practice. Invite it: in #practice, type /invite @Starling."
    assert read(*missing(found, found.name)) == said


async def test_once_invited_it_is_known_at_once(double: SlackDouble, places: SlackPlaces) -> None:
    channel = double.add_channel("practice", bot=False)
    assert blocked(await asked(places, channel))
    channel.members.append(double.team.bot)
    assert not blocked(await asked(places, channel))


async def test_a_private_channel_without_starling_is_as_one_that_never_was(
    double: SlackDouble, places: SlackPlaces
) -> None:
    private = double.add_channel("secret", private=True, bot=False)
    for where in (private, "C0NOWHERE", "#practice", ""):
        found = await asked(places, where)
        assert found.gone and found.where == UNSEEN
    assert read(*missing(found, "that channel")) == (
        "Starling does not see that channel: there is no such channel, or it is private and Starling was not "
        "invited. Let Starling see it, or choose another channel. A private channel is seen once Starling is a "
        "member: in the channel, type /invite @Starling."
    )


async def test_an_archived_channel_is_called_that_with_the_way_back(
    double: SlackDouble, places: SlackPlaces
) -> None:
    channel = double.add_channel("practice")
    channel.archived = True
    found = await asked(places, channel)
    assert blocked(found) and read(*missing(found, found.name)).startswith(
        "#practice is archived. Unarchive it"
    )


async def test_a_direct_message_is_no_place_for_a_groups_question(
    double: SlackDouble, places: SlackPlaces
) -> None:
    conversation = double.world.dm_of(double.add_user("ana"))
    assert conversation.kind == DM
    found = await asked(places, conversation)
    assert blocked(found) and found.unfit == "a direct message"
    text = read(*missing(found, found.name))
    assert text.startswith("This conversation is a direct message: a question cannot")


async def test_a_direct_message_is_known_for_one_without_the_scope_to_look_into_it(
    double: SlackDouble, places: SlackPlaces, workspaces: Workspaces
) -> None:
    double.team.scopes -= {"im:read"}
    for one in workspaces:
        await one.look()
    found = await asked(places, double.world.dm_of(double.add_user("ana")))
    assert blocked(found) and found.unfit == "a direct message"


async def test_a_shared_channel_works_and_it_is_said_what_guests_cannot_do(
    double: SlackDouble, places: SlackPlaces
) -> None:
    away = double.add_team("Elsewhere")
    channel = double.add_channel("practice", double.add_user("gus", away))
    found = await asked(places, channel)
    assert not blocked(found) and found.lacks == ()
    assert read(*noted(found, found.name)) == SHARED.format(name="#practice")


@pytest.mark.parametrize("private", [False, True])
async def test_without_the_scope_to_look_it_is_said_what_cannot_be_known(
    double: SlackDouble, private: bool, workspaces: Workspaces, places: SlackPlaces
) -> None:
    double.team.scopes -= set(OPTIONAL)
    for one in workspaces:
        await one.look()
    found = await asked(places, double.add_channel("practice", private=private))
    assert not blocked(found)
    (lack,) = found.lacks
    assert lack.right == ("groups:history" if private else "channels:history")
    assert f"In #practice Starling lacks “{lack.right}”. Without it nobody can tell" in read(
        *noted(found, found.name)
    )


async def test_without_the_scope_to_see_channels_only_a_post_tells(
    double: SlackDouble, workspaces: Workspaces, places: SlackPlaces
) -> None:
    double.team.scopes.remove("channels:read")
    for one in workspaces:
        await one.look()
    found = await asked(places, double.add_channel("practice"))
    assert not blocked(found)
    assert [lack.right for lack in found.lacks] == ["channels:read"]


async def test_a_user_group_goes_by_its_id_and_nothing_else(double: SlackDouble, places: SlackPlaces) -> None:
    channel = double.add_channel("practice")
    assert (await asked(places, channel, role="S0123ABCD")).notes == ()
    (note,) = (await asked(places, channel, role="@owls")).notes
    assert note.startswith("“@owls” is no id of a user group, so questions in #practice mention nobody.")


async def test_a_good_answer_is_kept_for_a_while_and_no_other(
    double: SlackDouble, places: SlackPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, outside = double.add_channel("inside"), double.add_channel("outside", bot=False)
    for _ in range(3):
        await asked(places, inside)
        await asked(places, outside)
    assert len(double.asked("conversations.info")) == 4
    monkeypatch.setattr(slack_places, "FRESH", 0.0)
    await asked(places, inside)
    assert len(double.asked("conversations.info")) == 5


async def test_no_more_channels_are_kept_than_it_says(
    double: SlackDouble, places: SlackPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_places, "KEPT", 2)
    for number in range(4):
        await asked(places, double.add_channel(f"c{number}"))
    assert len(places._known) == 2


@pytest.mark.parametrize("how", ["silence", "reset", "500", "ratelimited", "token_revoked", "internal_error"])
async def test_when_slack_cannot_tell_nothing_is_said_and_nobody_waits_long(
    double: SlackDouble, places: SlackPlaces, how: str
) -> None:
    channel = double.add_channel("practice")
    double.fail("conversations.info", how, times=50)
    began = time.monotonic()
    assert await access(places, channel) is None
    assert time.monotonic() - began < slack_places.PATIENCE + 0.5


async def test_a_moment_of_trouble_is_asked_again(double: SlackDouble, places: SlackPlaces) -> None:
    channel = double.add_channel("practice")
    double.fail("conversations.info", "reset")
    assert (await asked(places, channel)).name == "#practice"


async def test_of_a_workspace_of_another_process_nothing_is_said(
    double: SlackDouble, places: SlackPlaces
) -> None:
    for team in ("T0OTHER", ""):
        assert await places.access(team, double.add_channel("practice").id) is None
