"""The local double of Slack, shown to hold by the real slack_bolt app over real sockets."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import slack_double_forms as forms
import slack_double_judge as judge
import slack_double_limits as limits
from slack_double import Act, NotOffered, SlackDouble, broadcasts, buttons, fields, text_of
from slack_double_bot import Bot, button, card, form, options, plain, section
from slack_sdk.errors import SlackApiError

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
Json = dict[str, Any]


class Room:
    """A double with a channel, Ana and Ben in it, and a bot that is not yet connected."""

    def __init__(self, double: SlackDouble) -> None:
        self.double = double
        self.ana, self.ben = double.add_user("Ana"), double.add_user("Ben")
        self.channel = double.add_channel("study", self.ana, self.ben)
        self.bot = Bot(double)
        self.client = self.bot.client

    async def say(self, text: str) -> Act:
        return await self.double.slash(self.ana, text, self.channel)

    async def refused(self, method: str, **args: Any) -> Json:
        """Slack's word for why not."""
        with pytest.raises(SlackApiError) as caught:
            await self.client.api_call(method, json=args)
        answer: Json = caught.value.response.data
        assert answer["ok"] is False
        return answer


@pytest.fixture
async def scene() -> AsyncIterator[Room]:
    async with await SlackDouble.start() as double:
        yield Room(double)
    # No task or socket stays behind.
    async with asyncio.timeout(5):
        while asyncio.all_tasks() != {asyncio.current_task()} or double.sockets.links:
            await asyncio.sleep(0.005)


@pytest.fixture
async def room(scene: Room) -> AsyncIterator[Room]:
    """Connected in Socket Mode, and nothing may be wrong at the end."""
    async with scene.bot.connect():
        yield scene
    assert not scene.double.violations
    assert not scene.bot.errors


@pytest.fixture(params=["socket", "http"])
async def either(scene: Room, request: pytest.FixtureRequest) -> AsyncIterator[Room]:
    """The same over both roads."""
    async with scene.bot.connect() if request.param == "socket" else scene.bot.serve():
        yield scene
    assert not scene.double.violations
    assert not scene.bot.errors


# what members do


async def test_a_command_is_answered_for_one_person_and_its_words_arrive_escaped(either: Room) -> None:
    act = await either.say("1 < 2 & <!channel>")
    assert act.acked and act.text == "got 1 &lt; 2 &amp; &lt;!channel&gt;"
    assert [text_of(each) for each in either.double.ephemerals(either.ana)] == [act.text]
    assert not either.double.messages(either.channel) and not either.double.ephemerals(either.ben)
    assert either.double.latencies[-1] == ("/starling", act.latency) and 0 < act.latency < 3


async def test_a_form_shows_errors_on_its_field_then_closes_and_the_answer_is_kept(either: Room) -> None:
    act = await (await either.say("form")).answered()
    assert (
        act.view
        and act.view.body["private_metadata"] == "42"
        and list(fields(act.view)) == ["answer", "about"]
    )
    choices = await either.double.suggest(either.ana, act, "about", "ab")
    assert [each["value"] for each in choices] == ["ab-0", "ab-1", "ab-2"]
    sent = await either.double.submit_view(either.ana, act, {"words": "short", "prompt": "ab-1"})
    assert sent.errors == {"answer": "Say a little more."} and either.double.modal(either.ana) is act.view
    sent = await either.double.submit_view(either.ana, act, {"answer": "A story & more"})
    assert sent.view is None and either.double.modal(either.ana) is None
    await either.double.until(lambda: either.double.dms(either.ana))
    assert text_of(either.double.dms(either.ana)[0]) == "kept: A story & more"


async def test_a_form_is_pushed_updated_and_cleared_on_the_stack(room: Room) -> None:
    double, ana = room.double, room.ana
    await (await room.say("form")).answered()
    double.type_in(ana, {"words": "half a story"})
    await double.press(ana, double.world.stack(ana)[0], "swap")
    await double.until(lambda: double.modal(ana).body["title"]["text"] == "Swapped")  # type: ignore[union-attr]
    assert double.modal(ana).entered["answer"]["words"]["value"] == "half a story"  # type: ignore[union-attr]
    for deep in (2, 3):
        await double.press(ana, double.world.stack(ana)[-1], "deeper")
        await double.until(lambda n=deep: len(double.world.stack(ana)) == n)  # type: ignore[misc]
    sent = await double.submit_view(ana, values={"words": "update"})
    assert sent.view and sent.view.body["title"]["text"] == "Again" and len(double.world.stack(ana)) == 3
    await double.close_view(ana)
    assert len(double.world.stack(ana)) == 2 and room.bot.heard[-1]["type"] == "view_closed"
    assert (await double.submit_view(ana, values={"words": "clear"})).view is None
    assert not double.world.stack(ana)


async def test_a_fourth_form_is_refused_in_slacks_word(scene: Room) -> None:
    double, ana = scene.double, scene.ana
    async with scene.bot.connect():
        act = await (await scene.say("form")).answered()
        for _ in range(3):
            await double.press(ana, double.world.stack(ana)[-1], "deeper")
            await double.until(
                lambda: double.asked("views.push")[-1].error or len(double.world.stack(ana)) > 1
            )
            await double.until(
                lambda: len(double.world.stack(ana)) >= min(3, len(double.asked("views.push")) + 1)
            )
        await double.until(lambda: scene.bot.errors)
    assert act.view and [each.error for each in double.asked("views.push")] == ["", "", "push_limit_reached"]


async def test_a_card_is_pressed_by_anybody_in_the_channel_and_rewritten_in_place(either: Room) -> None:
    act = await either.say("card")
    message = either.double.messages(either.channel)[0]
    assert buttons(message) == {"answer": "Answer", "clarify": "Clarify", "level": ""}
    await either.double.select(either.ana, message, "level", "hard")
    pressed = either.bot.pressed[-1]
    assert pressed["actions"][0]["selected_option"]["value"] == "hard"
    assert pressed["state"]["values"]["card"]["level"]["selected_option"]["value"] == "hard"
    await either.double.until(lambda: text_of(message) == "pressed level")
    assert act.answers == [message] == either.double.messages(either.channel)
    with pytest.raises(NotOffered):
        await either.double.press(either.ben, message, "answer")


async def test_a_button_opens_a_form(room: Room) -> None:
    await room.say("card")
    act = await room.double.press(room.ben, room.double.messages(room.channel)[0], "answer")
    await act.until(lambda it: it.view)
    assert room.double.modal(room.ben) is act.view and room.double.modal(room.ana) is None


async def test_a_shortcut_reads_a_message_and_answers_in_private(either: Room) -> None:
    message = await either.double.say(either.ben, either.channel, "my story <b>")
    act = await (await either.double.shortcut(either.ana, message)).answered()
    assert act.text == "read: my story &lt;b&gt;"
    assert either.double.ephemerals(either.ana) == act.answers and not either.double.ephemerals(either.ben)


async def test_direct_messages_are_heard_loose_and_in_threads(either: Room) -> None:
    loose = await either.double.dm(either.ana, "a > b")
    answer = (await either.double.answer_to(loose))[0]
    assert answer["text"] == "heard a &gt; b" and "thread_ts" not in answer
    reply = await either.double.dm(either.ana, "inside", answer["ts"])
    assert (await either.double.answer_to(reply))[0]["thread_ts"] == answer["ts"]
    channel = either.double.world.dm_of(either.ana)
    thread = await either.client.conversations_replies(channel=channel.id, ts=answer["ts"])
    assert [each["text"] for each in thread["messages"]] == ["heard a &gt; b", "inside", "heard inside"]
    top = await either.client.conversations_history(channel=channel.id, limit=1)
    assert [each["reply_count"] for each in top["messages"]] == [2]
    rest = await either.client.conversations_history(
        channel=channel.id, cursor=top["response_metadata"]["next_cursor"]
    )
    assert [each["text"] for each in rest["messages"]] == ["a &gt; b"] and not rest["has_more"]
    newer = await either.client.conversations_history(channel=channel.id, oldest=loose["ts"])
    assert [each["ts"] for each in newer["messages"]] == [answer["ts"]]


async def test_a_mention_in_a_thread_is_answered_for_one_person_until_they_reload(either: Room) -> None:
    root = await either.double.say(either.ben, either.channel, "hello")
    await either.double.mention(either.ana, "today", either.channel, root["ts"])
    await either.double.until(lambda: either.double.ephemerals(either.ana))
    seen = either.double.ephemerals(either.ana)[0]
    assert seen["thread_ts"] == root["ts"] and text_of(seen).startswith("You said today")
    with pytest.raises(NotOffered):
        await either.double.press(either.ben, seen, "answer")
    act = await (await either.double.press(either.ana, seen, "answer")).answered()
    assert act.view and "message" not in act.said and act.said["container"]["is_ephemeral"]
    history = await either.client.conversations_replies(channel=either.channel.id, ts=root["ts"])
    assert len(history["messages"]) == 2
    either.double.reload(either.ana)
    assert not either.double.ephemerals(either.ana) and either.double.modal(either.ana) is None
    with pytest.raises(NotOffered):
        await either.double.press(either.ana, seen, "answer")


async def test_every_kind_of_box_is_filled_and_sent(scene: Room) -> None:
    double, ana = scene.double, scene.ana
    boxes: dict[str, Json] = {
        "seen": {"type": "checkboxes", "options": options("a", "b", "c"), "initial_options": options("a")},
        "mood": {"type": "radio_buttons", "options": options("good", "bad")},
        "who": {"type": "multi_users_select", "max_selected_items": 2},
        "where": {"type": "conversations_select"},
        "when": {"type": "datepicker", "initial_date": "2026-01-31"},
        "hour": {"type": "timepicker"},
        "many": {"type": "number_input", "is_decimal_allowed": False},
        "topics": {"type": "multi_static_select", "options": options("x", "y")},
        "note": {"type": "plain_text_input", "min_length": 2, "initial_value": "as before"},
    }
    blocks = [
        {
            "type": "input",
            "label": plain(each),
            "element": {"action_id": each, **box},
            "optional": each == "note",
        }
        for each, box in boxes.items()
    ]
    view = {"type": "modal", "title": plain("All"), "submit": plain("Send"), "blocks": blocks}
    async with scene.bot.connect():
        act = await scene.say("x")
        await scene.client.views_open(trigger_id=act.trigger, view=view)
        values = {"mood": "good", "who": [ana.id], "where": scene.channel.id, "hour": "09:30", "many": "3"}
        unfit: list[Json] = [{"topics": ["z"]}, {"many": "three"}, {"note": "x"}, {"mood": None}, {"who": []}]
        for wrong in unfit:
            with pytest.raises(NotOffered):
                await double.submit_view(ana, act, {**values, "topics": ["y"], **wrong})
        double.sockets.ack_limit = 0.1
        sent = await double.submit_view(ana, act, {**values, "note": "", "topics": ["x", "y"]})
    got = {
        name: value
        for block in sent.said["view"]["state"]["values"].values()
        for name, value in block.items()
    }
    assert [each["value"] for each in got["seen"]["selected_options"]] == ["a"]
    assert got["mood"]["selected_option"]["value"] == "good" and got["who"]["selected_users"] == [ana.id]
    assert got["where"]["selected_conversation"] == scene.channel.id and got["many"]["value"] == "3"
    assert got["when"]["selected_date"] == "2026-01-31" and got["hour"]["selected_time"] == "09:30"
    assert [each["value"] for each in got["topics"]["selected_options"]] == ["x", "y"]
    assert got["note"] == {"type": "plain_text_input", "value": ""}
    # Nobody listens for this form: it stays on the screen, as Slack leaves it.
    assert sent.failed == "operation_timeout" and double.modal(ana) is act.view


async def test_a_guest_of_a_shared_channel_presses_but_has_no_commands(scene: Room) -> None:
    guest = scene.double.add_user("Gus", scene.double.add_team("Elsewhere"))
    shared = scene.double.add_channel("shared", scene.ana, guest)
    async with scene.bot.connect():
        with pytest.raises(NotOffered, match="another workspace"):
            await scene.double.slash(guest, "x", shared)
        await scene.double.slash(scene.ana, "card", shared)
        act = await scene.double.press(guest, scene.double.messages(shared)[0], "answer")
        await act.until(lambda it: it.view)
        await scene.double.mention(guest, "hi", shared)
    assert act.said["user"]["team_id"] == guest.team.id != act.said["team"]["id"]
    heard = scene.bot.heard[-1]
    assert heard["is_ext_shared_channel"] and heard["event"]["user_team"] == guest.team.id
    info = await scene.client.users_info(user=guest.id)
    assert info["user"]["is_stranger"] and not scene.double.violations


async def test_the_home_tab_is_published_and_pressed(either: Room) -> None:
    await either.double.open_home(either.ana)
    await either.double.until(lambda: either.double.home(either.ana))
    home = either.double.home(either.ana)
    assert home and text_of(home.body).startswith("Streak: 3 days") and either.double.home(either.ben) is None
    act = await (await either.double.press(either.ana, home, "answer")).until(
        lambda it: either.double.modal(it.user)
    )
    assert act.said["container"] == {"type": "view", "view_id": home.id} and not act.url


async def test_people_can_only_do_what_slack_offers(room: Room) -> None:
    double, ana = room.double, room.ana
    cid = double.add_user("Cid")
    act = await room.say("card")
    message = double.messages(room.channel)[0]
    for attempt in (
        double.slash(ana, "x", room.channel, "/other"),
        double.slash(cid, "x", room.channel),
        double.press(ana, message, "nothing"),
        double.press(cid, message, "answer"),
        double.select(ana, message, "level", "impossible"),
        double.submit_view(ana, values={}),
        double.submit_view(ana, act, {}),
        double.close_view(ana),
        double.shortcut(ana, message, "other"),
        double.dm(ana, "x", "1.2"),
    ):
        with pytest.raises(NotOffered):
            await attempt
    opened = await (await room.say("form")).answered()
    for values in ({}, {"words": "x" * 3001}, {"words": "x", "prompt": "never offered"}, {"unknown": "x"}):
        with pytest.raises(NotOffered):
            await double.submit_view(ana, opened, values)
    with pytest.raises(NotOffered):
        await double.submit_view(room.ben, opened, {"words": "x"})
    assert await double.close_view(ana)
    with pytest.raises(NotOffered):
        await double.submit_view(ana, opened, {"words": "x"})


# what the app may not do


async def test_a_trigger_opens_one_form_within_three_seconds(scene: Room) -> None:
    async with scene.bot.connect():
        act = await scene.say("twice")
        await act.until(lambda it: len(scene.double.asked("views.open")) == 2 and scene.bot.errors)
        scene.double.api.trigger_life = 0.05
        await scene.say("late")
        await scene.double.until(lambda: len(scene.bot.errors) == 2)
    words = [each.error for each in scene.double.asked("views.open")]
    assert words == ["", "exchanged_trigger_id", "expired_trigger_id"]
    assert (await scene.refused("views.open", trigger_id="no", view=form()))["error"] == "invalid_trigger_id"


async def test_a_response_url_is_good_for_five_uses(scene: Room) -> None:
    async with scene.bot.connect():
        act = await scene.say("chatty")
        await scene.double.until(lambda: len(scene.bot.pressed) == 6)
    assert [each["status"] for each in scene.bot.pressed] == [200] * 5 + [404]
    assert act.text == "0\n1\n2\n3\n4" and len(scene.double.violations) == 1
    scene.double.api.url_life = 0.0
    async with aiohttp.ClientSession() as session, session.post(act.url, json={"text": "late"}) as answer:
        assert answer.status == 404 and await answer.json() == {"ok": False, "error": "expired_url"}


WRONG: list[tuple[str, list[Json], str]] = [
    ("too many blocks", [section("x")] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    (
        "long text",
        [section("x" * 3001)],
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    ("an unknown block", [{"type": "select"}], "unsupported type: select [json-pointer:/blocks/0/type]"),
    (
        "an unknown property",
        [{**section("x"), "colour": "red"}],
        "invalid additional property: colour [json-pointer:/blocks/0]",
    ),
    (
        "a missing one",
        [{"type": "header"}],
        "missing required field: text [json-pointer:/blocks/0]",
    ),
    (
        "one action_id twice",
        [{**section("x"), "accessory": button("a")}, {"type": "actions", "elements": [button("a")]}],
        '`action_id` "a" already exists for another element [json-pointer:/blocks/1/elements/0/action_id]',
    ),
    (
        "a long label",
        [{"type": "actions", "elements": [button("a", "x" * 76)]}],
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    (
        "a choice of many among buttons",
        [{"type": "actions", "elements": [{"type": "multi_users_select", "action_id": "a"}]}],
        "unsupported type: multi_users_select [json-pointer:/blocks/0/elements/0/type]",
    ),
    (
        "too many buttons",
        [{"type": "actions", "elements": [button(str(n)) for n in range(26)]}],
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        "markdown text in a header",
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        'must be one of: "plain_text" [json-pointer:/blocks/0/text/type]',
    ),
]


@pytest.mark.parametrize(("blocks", "words"), [each[1:] for each in WRONG], ids=[each[0] for each in WRONG])
async def test_a_wrong_message_is_refused_in_slacks_words_and_kept(
    scene: Room, blocks: list[Json], words: str
) -> None:
    answer = await scene.refused("chat.postMessage", channel=scene.channel.id, text="x", blocks=blocks)
    assert answer["error"] == "invalid_blocks" and words in answer["errors"]
    assert f"[ERROR] {words}" in answer["response_metadata"]["messages"]
    assert {"place": "chat.postMessage", "message": words} in scene.double.violations
    assert not scene.double.messages(scene.channel)


async def test_a_wrong_view_is_refused_in_slacks_words_and_kept(scene: Room) -> None:
    act = scene.double._act("slash_commands", scene.ana, scene.channel)
    act.sent = time.perf_counter()
    many = [section("x" * 3000)] * 100
    for view, words in (
        (
            {**form(), "title": plain("x" * 25)},
            "must be less than 25 characters [json-pointer:/view/title/text]",
        ),
        ({**form(), "private_metadata": "x" * 3001}, "[json-pointer:/view/private_metadata]"),
        (
            {**form(), "blocks": [section("x")] * 101},
            "no more than 100 items allowed [json-pointer:/view/blocks]",
        ),
        ({each: form()[each] for each in form() if each != "submit"}, "missing required field: submit"),
        (
            {"type": "modal", "title": plain("x"), "blocks": [{"type": "table", "rows": []}]},
            "unsupported type",
        ),
    ):
        answer = await scene.refused("views.open", trigger_id=act.trigger, view=view)
        assert answer["error"] == "invalid_arguments"
        assert any(words in each for each in answer["response_metadata"]["messages"]), answer
    large = {"type": "modal", "title": plain("x"), "blocks": many}
    assert (await scene.refused("views.open", trigger_id=act.trigger, view=large))[
        "error"
    ] == "view_too_large"
    assert len(scene.double.violations) == 7 and scene.double.modal(scene.ana) is None


async def test_wrong_arguments_metadata_and_answers_to_forms_are_breaches(scene: Room) -> None:
    where = {"channel": scene.channel.id}
    assert (await scene.refused("chat.postMessage", **where))["error"] == "no_text"
    assert (await scene.refused("chat.update", text="x", **where))["error"] == "invalid_arguments"
    assert (await scene.refused("chat.postMessage", text=5, **where))["error"] == "invalid_arguments"
    wrong = {"event_type": "drop", "payload": {}}
    answer = await scene.refused("chat.postMessage", text="x", metadata=wrong, **where)
    assert answer["error"] == "invalid_metadata_format"
    assert (await scene.refused("chat.meMessage", text="x", **where))["error"] == "unknown_method"
    await scene.client.api_call("chat.postMessage", json={**where, "text": "x", "nonce": "1"})
    assert scene.double.violations[-1]["message"] == "unknown argument [json-pointer:/nonce]"
    async with scene.bot.connect():
        act = await (await scene.say("form")).answered()
        sent = await scene.double.submit_view(scene.ana, act, {"words": "bad"})
    assert sent.failed == "view_error" and scene.double.violations[-1]["place"] == "ack of a form"
    assert limits.options({"options": options(*map(str, range(101)))})
    assert judge.said(limits.options({})) == ["one of options and option_groups is needed"]


# what goes wrong at Slack


async def test_conversations_the_app_cannot_reach_are_refused_in_slacks_words(scene: Room) -> None:
    double, post = scene.double, {"text": "x"}
    public = double.add_channel("public", scene.ana, bot=False)
    private = double.add_channel("private", scene.ana, private=True, bot=False)
    silent = double.add_user("Silent", dms=False)
    for place, word in (
        (public.id, "not_in_channel"),
        (private.id, "channel_not_found"),
        ("C0", "channel_not_found"),
        (silent.id, "cannot_dm_bot"),
    ):
        assert (await scene.refused("chat.postMessage", channel=place, **post))["error"] == word
    await scene.client.conversations_join(channel=public.id)
    sent = await scene.client.chat_postMessage(channel=public.id, text="now")
    async with scene.bot.connect():
        await double.archive(public, scene.ana)
    assert scene.bot.heard[-1]["event"] == {
        "type": "channel_archive",
        "channel": public.id,
        "user": scene.ana.id,
        "event_ts": scene.bot.heard[-1]["event"]["event_ts"],
    }
    assert (await scene.refused("chat.postMessage", channel=public.id, **post))["error"] == "is_archived"
    assert (await scene.client.conversations_info(channel=public.id))["channel"]["is_archived"]
    assert (await scene.refused("chat.update", channel=public.id, ts="1.2", text="x"))[
        "error"
    ] == "message_not_found"
    own = await double.say(scene.ana, scene.channel, "mine")
    answer = await scene.refused("chat.update", channel=scene.channel.id, ts=own["ts"], text="x")
    assert answer["error"] == "cant_update_message" and sent["ok"]
    assert (await scene.refused("users.info", user="U0"))["error"] == "user_not_found"


async def test_scopes_and_tokens_are_asked_for(scene: Room) -> None:
    double = scene.double
    double.team.scopes -= {"im:write", "im:history", "commands"}
    answer = await scene.refused("conversations.open", users=scene.ana.id)
    assert answer["error"] == "missing_scope" and answer["needed"] == "im:write"
    assert "chat:write" in answer["provided"].split(",")
    async with scene.bot.connect():
        with pytest.raises(NotOffered):
            await scene.say("x")
        await double.dm(scene.ana, "unheard")
    assert not double.events and not scene.bot.heard
    double.break_("token_revoked")
    assert (await scene.refused("auth.test"))["error"] == "token_revoked"
    double.break_("")
    scene.client.token = "xoxb-wrong"
    assert (await scene.refused("auth.test"))["error"] == "invalid_auth"
    scene.client.token = double.team.app_token
    assert (await scene.refused("auth.test"))["error"] == "not_allowed_token_type"


async def test_an_app_that_is_thrown_out_hears_it_and_its_token_is_dead(scene: Room) -> None:
    async with scene.bot.connect():
        await scene.say("hello")
        await scene.double.uninstall()
    assert {each["event"]["type"] for each in scene.bot.heard} == {"app_uninstalled", "tokens_revoked"}
    assert (await scene.refused("auth.test"))["error"] == "account_inactive"


async def test_what_the_manifest_does_not_say_is_not_offered(scene: Room) -> None:
    manifest = {
        "features": {
            "slash_commands": [{"command": "/practice"}],
            "shortcuts": [{"callback_id": "other", "type": "message"}],
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
        },
        "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
        "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}},
    }
    team = scene.double.add_team("Strict", manifest)
    eve = scene.double.add_user("Eve", team)
    channel = scene.double.add_channel("quiet", eve, team=team)
    with pytest.raises(NotOffered, match="/practice"):
        await scene.double.slash(eve, "x", channel)
    for attempt in (scene.double.dm(eve, "x"), scene.double.open_home(eve)):
        with pytest.raises(NotOffered):
            await attempt
    assert (await scene.double.slash(eve, "x", channel, "/practice")).failed == "dispatch_failed"
    # Subscribed, but without app_mentions:read.
    await scene.double.mention(eve, "x", channel)
    assert not scene.double.events
    view = {"type": "home", "blocks": []}
    bot = Bot(scene.double, team)
    with pytest.raises(SlackApiError, match="not_enabled"):
        await bot.client.views_publish(user_id=eve.id, view=view)


async def test_two_workspaces_know_nothing_of_each_other(scene: Room) -> None:
    double = scene.double
    team = double.add_team("Other group")
    eve = double.add_user("Eve", team)
    far = double.add_channel("far", eve, team=team)
    other = Bot(double, team)
    async with scene.bot.connect(), other.connect():
        acts = await asyncio.gather(scene.say("one"), double.slash(eve, "two", far))
        await double.dm(eve, "three")
    assert [each.text for each in acts] == ["got one", "got two"]
    assert (await scene.refused("chat.postMessage", channel=far.id, text="x"))["error"] == "channel_not_found"
    assert [each["event"]["text"] for each in other.heard if "bot_id" not in each["event"]] == ["three"]
    assert not scene.bot.heard


async def test_a_full_window_waits_as_long_as_slack_says(scene: Room) -> None:
    scene.double.limit("chat.postMessage", 1, 1.0)
    for n in range(2):
        await scene.client.chat_postMessage(channel=scene.channel.id, text=str(n))
    refused, passed = scene.double.asked("chat.postMessage")[1:]
    assert refused.error == "ratelimited" and not passed.error and passed.at - refused.at >= 1
    scene.double.fail("chat.postMessage", "ratelimited", times=2, retry_after=0)
    with pytest.raises(SlackApiError, match="ratelimited") as caught:
        await scene.client.chat_postMessage(channel=scene.ana.id, text="x")
    assert caught.value.response.status_code == 429 and caught.value.response.headers["Retry-After"] == "0"


@pytest.mark.parametrize("how", ["reset", "503", "internal_error", "fatal_error", "silence"])
@pytest.mark.parametrize("before", ["", "accepted-"])
async def test_a_post_fails_once_with_and_without_its_work_done(scene: Room, how: str, before: str) -> None:
    scene.double.fail("chat.postMessage", before + how)
    scene.client.timeout = 1 if how == "silence" else 5
    with pytest.raises((SlackApiError, aiohttp.ClientError, TimeoutError)):
        await scene.client.chat_postMessage(channel=scene.channel.id, text="once")
    assert len(scene.double.messages(scene.channel)) == bool(before)
    assert [each.error for each in scene.double.asked("chat.postMessage")] == [how]
    await scene.client.chat_postMessage(channel=scene.channel.id, text="again")
    assert len(scene.double.messages(scene.channel)) == 1 + bool(before)


async def test_a_lost_post_is_found_again_by_its_metadata(scene: Room) -> None:
    told = {"event_type": "starling_delivery", "event_payload": {"id": 7}}
    scene.double.fail("chat.postMessage", "accepted-reset")
    with pytest.raises(aiohttp.ClientError):
        await scene.client.chat_postMessage(channel=scene.channel.id, text="x", metadata=told)
    for whole, seen in ((True, told), (False, {"event_type": "starling_delivery"})):
        answer = await scene.client.conversations_history(
            channel=scene.channel.id, include_all_metadata=whole
        )
        assert [each["metadata"] for each in answer["messages"]] == [seen]
    scene.double.api.metadata_scope = "metadata.message:read"
    scene.double.team.scopes.discard("metadata.message:read")
    answer = await scene.client.conversations_history(channel=scene.channel.id, include_all_metadata=True)
    assert "event_payload" not in answer["messages"][0]["metadata"]


async def test_an_update_keeps_blocks_only_where_no_text_comes(scene: Room) -> None:
    sent = await scene.client.chat_postMessage(channel=scene.channel.id, text="x", blocks=card("first"))
    place = {"channel": scene.channel.id, "ts": sent["ts"]}
    await scene.client.api_call("chat.update", json={**place, "blocks": card("second")})
    message = scene.double.messages(scene.channel)[0]
    assert text_of(message).startswith("second") and message["text"] == "x"
    await scene.client.chat_update(**place, text="<!channel> bare")
    assert "blocks" not in message and broadcasts(message) == ["<!channel>"]
    await scene.client.chat_delete(**place)
    with pytest.raises(NotOffered):
        await scene.double.press(scene.ana, message, "answer")
    assert not scene.double.violations


async def test_pictures_are_uploaded_with_their_words(scene: Room) -> None:
    root = await scene.double.say(scene.ana, scene.channel, "board?")
    made = await scene.client.files_upload_v2(
        channel=scene.channel.id,
        content=PNG,
        filename="board.png",
        title="The board",
        alt_txt="Ana leads",
        thread_ts=root["ts"],
        initial_comment="This week",
    )
    shown = scene.double.messages(scene.channel)[-1]
    assert text_of(shown) == "This week\n[board.png: Ana leads]" and shown["thread_ts"] == root["ts"]
    async with aiohttp.ClientSession() as session:
        url = made["file"]["url_private"]
        async with (
            session.get(url) as closed,
            session.get(url, headers={"Authorization": f"Bearer {scene.client.token}"}) as opened,
        ):
            assert closed.status == 403 and await opened.read() == PNG
    scene.double.fail("upload", "500")
    with pytest.raises(Exception, match="Failed to upload"):
        await scene.client.files_upload_v2(channel=scene.channel.id, content=PNG, filename="b.png")
    assert not scene.double.violations


# Socket Mode and HTTP


@pytest.mark.parametrize("reason", ["refresh_requested", "warning", "closed", "cut"])
async def test_a_socket_that_ends_is_opened_anew_and_work_goes_on(room: Room, reason: str) -> None:
    sockets = room.double.sockets
    if reason in ("closed", "cut"):
        await sockets.drop(abort=reason == "cut")
    else:
        await sockets.disconnect(reason)
    await sockets.until("hello", 2)
    await sockets.until("gone", 1)
    assert (await room.say("still here")).text == "got still here"
    assert len(sockets.links) == 1 and len(room.double.asked("apps.connections.open")) == 2


async def test_the_eleventh_connection_is_one_too_many(scene: Room) -> None:
    sockets = scene.double.sockets
    sockets.most = 1
    async with scene.bot.connect(), aiohttp.ClientSession() as session:
        url = sockets.join_url(scene.double.team)
        async with session.ws_connect(url) as second:
            said = await second.receive_json()
            assert said["type"] == "disconnect" and said["reason"] == "too_many_websockets"
            assert (await second.receive()).type == aiohttp.WSMsgType.CLOSE
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)
        assert (await scene.say("first")).text == "got first"


async def test_pings_are_answered_both_ways_and_silence_ends_a_connection(room: Room) -> None:
    await room.double.sockets.ping()
    await room.double.sockets.until("pong")
    room.double.sockets.mute = True
    await room.double.sockets.until("hello", 2)
    room.double.sockets.mute = False
    assert (await room.say("back")).text == "got back"


async def test_what_is_not_acknowledged_in_time_is_seen_by_the_person(scene: Room) -> None:
    assert (await scene.say("nobody there")).failed == "dispatch_failed"
    scene.double.sockets.ack_limit, scene.bot.slow = 0.15, 0.3
    for road in (scene.bot.connect(), scene.bot.serve()):
        async with road:
            act = await scene.say("too slow")
            assert act.failed == "operation_timeout" and not act.acked and not act.text
            await asyncio.sleep(0.3)
    assert [each for each, _ in scene.double.sockets.log].count("late ack") == 1


async def test_bolt_loses_an_ack_when_the_listener_raises_right_after_it(scene: Room) -> None:
    """The trap the adapter has to close; the double shows it as a member would see it."""
    scene.double.sockets.ack_limit = 0.3
    async with scene.bot.connect():
        assert (await scene.say("trap")).failed == "operation_timeout"


async def test_an_unheard_event_comes_again_under_the_same_id(scene: Room) -> None:
    scene.double.roads.retry_waits = (0.01, 0.3)
    telling = asyncio.create_task(scene.double.dm(scene.ana, "hello?"))
    await scene.double.until(lambda: scene.double.events and scene.double.events[0].attempts == 2)
    async with scene.bot.connect():
        await telling
        event = scene.double.events[0]
        assert event.acked and event.attempts == 3 and len(scene.bot.heard) == 1
        assert scene.bot.headers[0]["x-slack-retry-num"] == ["2"]
        assert await scene.double.again(event)
    first, second = [each for each in scene.bot.heard if "bot_id" not in each["event"]]
    assert first["event_id"] == second["event_id"] == event.id


async def test_a_repeated_form_arrives_with_the_same_view(either: Room) -> None:
    act = await (await either.say("form")).answered()
    sent = await either.double.submit_view(either.ana, act, {"words": "mine"})
    assert (await either.double.again(sent)).acked  # type: ignore[union-attr]
    await either.double.until(lambda: len(either.double.dms(either.ana)) == 2)


async def test_bad_signatures_and_old_timestamps_can_be_posted(scene: Room) -> None:
    double, roads = scene.double, scene.double.roads
    async with scene.bot.serve():
        act = double._act("slash_commands", scene.ana, scene.channel)
        payloads = {
            "events_api": roads.envelope(double.team, {"type": "app_mention"}),
            "slash_commands": forms.slash(act, "/starling", "x"),
            "interactive": {"type": "shortcut", **forms.base(act), "callback_id": "star"},
        }
        badly: list[Json] = [{"secret": "other"}, {"at": time.time() - 600}]
        for wrong in badly:
            for kind, forged in payloads.items():
                status, _ = await roads.post(double.team, kind, forged, **wrong)
                assert status == 401
        message = await double.dm(scene.ana, "once")
        await double.answer_to(message)
        payload = double.events[0].payload
        assert (await roads.post(double.team, "events_api", payload, retry=1))[0] == 200
        assert scene.bot.headers[-1]["x-slack-retry-num"] == ["1"]
        check = {"type": "url_verification", "challenge": "abc"}
        assert (await roads.post(double.team, "events_api", check))[1] == '{"challenge": "abc"}'
    assert {each["event_id"] for each in scene.bot.heard if each["event"].get("text") == "once"} == {
        payload["event_id"]
    }


@pytest.mark.parametrize("many", [1, 50, 200])
async def test_many_at_once_are_all_acknowledged(either: Room, many: int) -> None:
    await either.say("warm")
    either.double.latencies.clear()
    acts = await asyncio.gather(*(either.say(f"n{n}") for n in range(many)))
    assert [each.text for each in acts] == [f"got n{n}" for n in range(many)]
    times = sorted(seconds for _, seconds in either.double.latencies)
    print(
        f"{many} at once: p50 {statistics.median(times) * 1000:.0f} ms, p99 {times[-1 - many // 100] * 1000:.0f} ms"
    )
    assert times[-1] < 3
