"""The local double of Discord, shown to hold by the real discord.py client over real sockets.

The bot here does nothing but answer: it is also the yardstick for the adapter's acknowledgement times.
"""

from __future__ import annotations

import asyncio
import io
import re
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import aiohttp
import discord
import discord_double_judge as judge
import pytest
from discord import app_commands, ui
from discord_double import DiscordDouble, Interaction, NotOffered, buttons, hurried, pointed_at, text_of
from discord_double_world import Channel, Guild, User

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


class Card(ui.LayoutView):
    def __init__(self, words: str = "Tell me about a conflict.") -> None:
        super().__init__(timeout=None)
        row: ui.ActionRow[Any] = ui.ActionRow(Press(7), ui.Button(label="Form", custom_id="form"))
        self.add_item(ui.Container(ui.TextDisplay(words), row, accent_colour=0x3366CC))


class Press(ui.DynamicItem[ui.Button[Any]], template=r"press:(?P<number>\d+)"):
    def __init__(self, number: int) -> None:
        super().__init__(ui.Button(label="Answer", custom_id=f"press:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(cls, interaction: Any, item: Any, match: re.Match[str]) -> Press:
        return cls(int(match["number"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.edit_message(view=Card(f"pressed {self.number}"))


class Form(ui.Modal, title="Your answer"):
    words: ui.Label[Any] = ui.Label(text="Answer", component=ui.TextInput(custom_id="words", max_length=4000))
    seen: ui.Label[Any] = ui.Label(
        text="Seen",
        component=ui.CheckboxGroup(
            custom_id="seen",
            required=False,
            options=[discord.CheckboxGroupOption(label=each, value=each) for each in ("a", "b")],
        ),
    )

    def __init__(self) -> None:
        super().__init__(custom_id="form:1", timeout=None)


class Wide(ui.Modal, title="Everything"):
    """A form of every other kind of box, read back by discord.py itself."""

    kind: ui.Label[Any] = ui.Label(
        text="Kind",
        component=ui.RadioGroup(options=[discord.RadioGroupOption(label=each, value=each) for each in "xy"]),
    )
    who: ui.Label[Any] = ui.Label(text="Who", component=ui.UserSelect(max_values=2, required=True))
    story: ui.Label[Any] = ui.Label(text="Story", component=ui.FileUpload(required=False))
    sure: ui.Label[Any] = ui.Label(text="Sure", component=ui.Checkbox())
    hint: ui.TextDisplay[Any] = ui.TextDisplay("Take your time.")

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        kind, who, story, sure = (each.component for each in (self.kind, self.who, self.story, self.sure))
        files = [(await each.read()).decode() for each in story.values]
        names = [each.display_name for each in who.values]
        await interaction.response.send_message(f"{kind.value} {names} {files} {sure.value}", ephemeral=True)


class Picks(ui.View):
    @ui.select(custom_id="pick", options=[discord.SelectOption(label=each) for each in "abc"], max_values=2)
    async def pick(self, interaction: discord.Interaction[Any], chosen: ui.Select[Any]) -> None:
        await interaction.response.defer()
        await interaction.followup.send(f"picked {chosen.values}", ephemeral=True)


class Bot(discord.Client):
    """Answers, and nothing else. Forms and plain buttons are routed by id, as after a restart."""

    def __init__(self, **options: Any) -> None:
        intents = options.pop("intents", None) or discord.Intents(
            guilds=True, guild_messages=True, dm_messages=True
        )
        super().__init__(intents=intents, guild_ready_timeout=0.02, **options)
        self.tree = app_commands.CommandTree(self)
        self.add_dynamic_items(Press)
        self.errors: list[BaseException] = []
        self.event_log: list[str] = []
        self.heard: list[discord.Message] = []

        @self.tree.command(description="Answer the question")
        @app_commands.autocomplete(prompt=self.prompts)
        async def answer(interaction: discord.Interaction[Any], text: str, prompt: str = "") -> None:
            await self.answers(interaction, text)

        @self.tree.context_menu(name="STAR feedback")
        async def star(interaction: discord.Interaction[Any], message: discord.Message) -> None:
            await interaction.response.send_message(f"read: {message.content}", ephemeral=True)

        @self.tree.error
        async def failed(interaction: discord.Interaction[Any], error: app_commands.AppCommandError) -> None:
            self.errors.append(error.__cause__ or error)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        return

    async def prompts(self, _: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{current}-{n}", value=str(n)) for n in range(3)]

    async def answers(self, interaction: discord.Interaction[Any], text: str) -> None:
        response, follow = interaction.response, interaction.followup
        match text:
            case "form":
                await response.send_modal(Form())
            case "wide":
                await response.send_modal(Wide())
            case "picks":
                await response.send_message("choose", view=Picks(timeout=None))
            case "think":
                await response.defer(ephemeral=True, thinking=True)
                await interaction.edit_original_response(content="thought")
                picture = discord.File(io.BytesIO(PNG), "board.png", description="the board")
                await follow.send("more", file=picture, ephemeral=True)
            case "twice":
                await response.send_message("first")
                response._response_type = None
                await response.send_message("second")
            case "chatty":
                await response.send_message("one")
                for n in range(6):
                    await follow.send(str(n))
            case "card":
                await response.send_message(view=Card())
            case "long":
                await response.send_message("x" * 2001)
            case "mixed":
                await interaction.client.http.request(
                    discord.http.Route(
                        "POST", "/channels/{channel_id}/messages", channel_id=interaction.channel_id
                    ),
                    json={"content": "no", "flags": 1 << 15, "components": [{"type": 10, "content": "text"}]},
                )
            case _:
                await response.send_message(f"got {text}", ephemeral=True)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        data: dict[str, Any] = dict(interaction.data or {})
        if data.get("custom_id") == "form:1":
            boxes = {each["component"]["custom_id"]: each["component"] for each in data["components"]}
            if boxes["words"]["value"] == "again":
                with pytest.raises(discord.HTTPException):
                    await interaction.response.send_modal(Form())
            words, seen = boxes["words"]["value"], boxes["seen"]["values"]
            await interaction.response.send_message(f"{words} {seen}", ephemeral=True)
        elif data.get("custom_id") == "form":
            await interaction.response.send_modal(Form())

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)
        if message.author != self.user and message.guild is None:
            files = [(await each.read()).decode() for each in message.attachments]
            told = message.reference.resolved if message.reference else None
            about = told.content if isinstance(told, discord.Message) else None
            await message.channel.send(f"heard {message.content} {files} about {about}")

    async def on_resumed(self) -> None:
        self.event_log.append("resumed")

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.event_log.append(f"removed from {guild.name}")


class Room:
    """A double with a server, a channel and a member, and the bot connected to it."""

    double: DiscordDouble
    bot: Bot
    guild: Guild
    channel: Channel
    ada: User
    task: asyncio.Task[None]

    async def connect(self, **options: Any) -> Bot:
        self.bot = Bot(**options)
        before = [each for each, _ in self.double.gateway.log].count("identify")
        self.task = asyncio.create_task(self.bot.start(self.double.token))
        await self.double.gateway.until("identify", times=1 + before)
        await self.bot.wait_until_ready()
        return self.bot

    async def disconnect(self) -> None:
        if not hasattr(self, "bot") or self.bot.is_closed():
            return
        await self.bot.close()
        with suppress(discord.ClientException):
            await self.task


@pytest.fixture
async def scene() -> AsyncIterator[Room]:
    room = Room()
    async with await DiscordDouble.start() as double:
        room.double = double
        room.guild = await double.add_guild()
        room.channel = await double.add_channel(room.guild)
        room.ada = double.add_member(room.guild, "Ada")
        with pointed_at(double), hurried():
            yield room
            await room.disconnect()
    # No task or socket stays behind (discord.py's own wait for late GUILD_CREATEs outlives close() by 20 ms).
    with suppress(TimeoutError):
        await soon(lambda: asyncio.all_tasks() == {asyncio.current_task()} and not double.gateway.lines)
    assert asyncio.all_tasks() == {asyncio.current_task()} and not double.gateway.lines
    assert discord.http.Route.BASE == "https://discord.com/api/v10"


@pytest.fixture
async def room(scene: Room) -> AsyncIterator[Room]:
    await scene.connect()
    await scene.bot.tree.sync()
    yield scene
    assert not scene.bot.errors


async def say(room: Room, text: str, **more: Any) -> Interaction:
    return await room.double.slash(room.ada, "answer", {"text": text}, room.channel, **more)


async def soon(done: Callable[[], Any]) -> None:
    async with asyncio.timeout(5):
        while not done():
            await asyncio.sleep(0.002)


async def unanswered(room: Room, text: str) -> None:
    """Ask for what the bot cannot answer, and wait until it has failed."""
    asking = asyncio.create_task(say(room, text))
    await soon(lambda: room.bot.errors)
    assert not asking.done()
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking


async def test_commands_are_synced_and_answered(room: Room) -> None:
    again = await room.bot.tree.sync()
    assert {each.name for each in again} == {"answer", "STAR feedback"}
    assert [each["name"] for each in room.double.world.commands[0]] == ["answer", "STAR feedback"]
    seen = await say(room, "hello")
    assert (seen.callback, seen.text, seen.ephemeral) == (4, "got hello", True)
    assert 0 < seen.latency < 3
    assert room.double.messages(room.channel) == [] and len(room.double.private(room.ada)) == 1
    in_dm = await room.double.slash(room.ada, "answer", {"text": "here"})
    assert in_dm.text == "got here"
    choices = await room.double.autocomplete(room.ada, "answer", {"prompt": "co"}, "prompt", room.channel)
    assert [each["value"] for each in choices] == ["0", "1", "2"]
    spoken = await room.double.say(room.ada, room.channel, "my story")
    read = await room.double.context_menu(room.ada, "STAR feedback", spoken)
    assert (read.text, read.ephemeral) == ("read: my story", True)
    assert room.double.violations == []


async def test_people_can_do_only_what_discord_offers(room: Room) -> None:
    for line, options in (
        ("nothing", {}),
        ("answer", {}),
        ("answer", {"text": 3}),
        ("answer", {"text": "x", "y": 1}),
    ):
        with pytest.raises(NotOffered):
            await room.double.slash(room.ada, line, options, room.channel)
    seen = await say(room, "card")
    with pytest.raises(NotOffered):
        await room.double.press(room.ada, seen, "press:8")
    private = await say(room, "hello")
    bea = room.double.add_member(room.guild, "Bea")
    with pytest.raises(NotOffered):
        await room.double.press(bea, private, "press:7")


async def test_thinking_is_resolved_and_followed_up_with_a_picture(room: Room) -> None:
    seen = await say(room, "think")
    await seen.until(lambda it: it.follow_ups)
    assert (seen.callback, seen.ephemeral, seen.text) == (5, True, "thought\nmore")
    (picture,) = seen.follow_ups[0]["attachments"]
    assert (picture["filename"], picture["description"], picture["size"]) == (
        "board.png",
        "the board",
        len(PNG),
    )
    assert len(room.double.private(room.ada)) == 2
    assert room.double.violations == []


async def test_a_card_a_button_and_a_form(room: Room) -> None:
    seen = await say(room, "card")
    assert list(buttons(seen.message or {})) == ["press:7", "form"]
    pressed = await room.double.press(room.ada, seen, "press:7")
    assert (pressed.callback, text_of(room.double.messages(room.channel)[0])) == (7, "pressed 7")
    opened = await room.double.press(room.ada, seen, "form")
    assert (opened.callback, opened.payload["title"]) == (9, "Your answer")
    sent = await room.double.submit_modal(room.ada, opened, {"words": "I listened.", "seen": ["b"]})
    assert (sent.text, sent.ephemeral) == ("I listened. ['b']", True)
    for wrong in (
        {"words": ""},
        {"words": "x" * 4001},
        {"words": "x", "seen": ["c"]},
        {"words": "x", "box": "y"},
    ):
        with pytest.raises(NotOffered):
            await room.double.submit_modal(room.ada, opened, wrong)
    assert room.double.violations == []
    await room.double.submit_modal(room.ada, opened, {"words": "again"})
    assert [each["code"] for each in room.double.violations] == ["BASE_TYPE_CHOICES"], (
        "a form cannot answer a form"
    )


async def test_a_picture_in_a_card(room: Room) -> None:
    channel: Any = room.bot.get_channel(room.channel.id)
    for name in ("board.png", "other.png"):
        view = ui.LayoutView(timeout=None)
        picture = discord.MediaGalleryItem("attachment://board.png", description="the board")
        view.add_item(ui.Container(ui.TextDisplay("Board"), ui.MediaGallery(picture)))
        sending = channel.send(view=view, file=discord.File(io.BytesIO(PNG), name))
        if name == "other.png":
            with pytest.raises(discord.HTTPException):
                await sending
            continue
        sent = await sending
        (gallery,) = (
            each for each in sent.components[0].children if isinstance(each, discord.MediaGalleryComponent)
        )
        async with aiohttp.ClientSession() as session, session.get(gallery.items[0].media.url) as answer:
            assert await answer.read() == PNG
    assert [each["code"] for each in room.double.violations] == ["REFERENCED_ATTACHMENT_NOT_FOUND"]


async def test_every_kind_of_box_and_a_select(room: Room) -> None:
    opened = await say(room, "wide")
    kind, who, story, sure = (each["component"]["custom_id"] for each in opened.payload["components"][:4])
    bea = room.double.add_member(room.guild, "Bea")
    values = {kind: "y", who: [bea, room.ada], story: {"s.txt": b"a story"}, sure: True}
    sent = await room.double.submit_modal(room.ada, opened, values)
    assert sent.text == "y ['Bea', 'Ada'] ['a story'] True"
    for missing in (kind, who):
        with pytest.raises(NotOffered):
            await room.double.submit_modal(
                room.ada, opened, {k: v for k, v in values.items() if k != missing}
            )
    shown = await say(room, "picks")
    picked = await room.double.press(room.ada, shown, "pick", ["a", "c"])
    await picked.until(lambda it: it.follow_ups)
    assert (picked.callback, text_of(picked.follow_ups[0])) == (6, "picked ['a', 'c']")
    for wrong in ([], ["d"], ["a", "b", "c"]):
        with pytest.raises(NotOffered):
            await room.double.press(room.ada, shown, "pick", wrong)
    assert room.double.violations == []


async def test_a_card_from_before_a_restart_still_works(room: Room) -> None:
    seen = await say(room, "card")
    await room.disconnect()
    await room.connect()
    pressed = await room.double.press(room.ada, seen, "press:7")
    assert pressed.callback == 7


async def test_direct_messages_replies_and_files(room: Room) -> None:
    user = await room.bot.fetch_user(room.ada.id)
    prompt = await user.send("Your prompt")
    stored = room.double.dms(room.ada)[0]
    said = await room.double.dm(room.ada, "mine", reply_to=stored, files={"story.txt": b"long story"})
    (heard,) = await room.double.answer_to(said)
    assert heard["content"] == "heard mine ['long story'] about Your prompt"
    history = [each.id async for each in user.dm_channel.history(after=prompt)] if user.dm_channel else []
    assert history == [int(said["id"]), int(heard["id"])]
    closed = room.double.add_user("Closed", dms=False)
    with pytest.raises(discord.Forbidden) as refused:
        await (await room.bot.fetch_user(closed.id)).send("hello")
    assert refused.value.code == 50007
    assert room.double.violations == []


async def test_history_edits_deletes_and_threads(room: Room) -> None:
    channel: Any = room.bot.get_channel(room.channel.id)
    sent = [await channel.send(str(n)) for n in range(5)]
    assert [m.content async for m in channel.history(limit=2)] == ["4", "3"]
    assert [m.content async for m in channel.history(limit=2, before=sent[2])] == ["1", "0"]
    assert [m.content async for m in channel.history(limit=2, after=sent[1])] == ["2", "3"]
    await sent[0].edit(content="zero")
    assert room.double.messages(room.channel)[0]["content"] == "zero"
    thread = await sent[0].create_thread(name="Talk", auto_archive_duration=1440)
    await thread.send("inside")
    with pytest.raises(discord.HTTPException) as again:
        await sent[0].create_thread(name="Talk")
    assert again.value.code == 160004
    await sent[1].delete()
    with pytest.raises(discord.NotFound) as gone:
        await channel.fetch_message(sent[1].id)
    assert gone.value.code == 10008
    theirs = await room.double.say(room.ada, room.channel, "secret to bots")
    with pytest.raises(discord.Forbidden):
        await channel.get_partial_message(int(theirs["id"])).edit(content="mine now")
    assert [each.content for each in room.bot.heard if each.author.id == room.ada.id] == [""], (
        "no content intent"
    )
    assert room.double.violations == []


async def test_permissions_and_removal(room: Room) -> None:
    quiet = await room.double.add_channel(room.guild, "quiet", denied=1 << 11)
    hidden = await room.double.add_channel(room.guild, "hidden", denied=1 << 10)
    for channel, code in ((quiet, 50013), (hidden, 50001)):
        with pytest.raises(discord.Forbidden) as refused:
            await room.bot.get_partial_messageable(channel.id).send("hello")
        assert refused.value.code == code
    with pytest.raises(discord.NotFound) as unknown:
        await room.bot.get_partial_messageable(1).send("hello")
    assert unknown.value.code == 10003
    known: Any = room.bot.get_channel(quiet.id)
    assert not known.permissions_for(known.guild.me).send_messages
    await room.double.remove_guild(room.guild)
    await soon(lambda: room.bot.event_log)
    assert room.bot.event_log == ["removed from Study group"]


async def test_one_nonce_is_one_message(room: Room) -> None:
    channel: Any = room.bot.get_channel(room.channel.id)
    first, second = await channel.send("drop", nonce="k" * 25), await channel.send("drop", nonce="k" * 25)
    other = await channel.send("drop", nonce="other")
    assert first.id == second.id != other.id
    assert len(room.double.messages(room.channel)) == 2
    room.double.rest.clock = lambda: asyncio.get_running_loop().time() + 10_000
    late = await channel.send("drop", nonce="other")
    assert late.id != other.id, "after the window the same nonce posts again"


SENT = [  # how, what the caller gets, requests that arrive, messages that stand
    ("429", None, 2, 1),
    ("429-global", None, 2, 1),
    ("429-no-via", 429, 1, 0),
    ("500", None, 2, 1),
    ("502", None, 2, 1),
    ("503", 503, 1, 0),
    ("504", None, 2, 1),
    ("accepted-502", None, 2, 1),
    ("accepted-503", 503, 1, 1),
    ("reset", OSError, 1, 0),
    ("accepted-reset", OSError, 1, 1),
    ("50013", 403, 1, 0),
    ("50007", 403, 1, 0),
    ("10003", 404, 1, 0),
    ("10008", 404, 1, 0),
    ("gateway-close", None, 1, 1),
]


@pytest.mark.parametrize(("how", "caught", "arrived", "stand"), SENT, ids=[each[0] for each in SENT])
async def test_a_send_meets_every_fault(room: Room, how: str, caught: Any, arrived: int, stand: int) -> None:
    channel: Any = room.bot.get_channel(room.channel.id)
    room.double.fail("POST", r"/channels/\d+/messages$", how=how)
    if caught is None:
        await channel.send("drop", nonce="one")
    elif isinstance(caught, int):
        with pytest.raises(discord.HTTPException) as refused:
            await channel.send("drop", nonce="one")
        assert refused.value.status == caught
    else:
        with pytest.raises(caught):
            await channel.send("drop", nonce="one")
    assert len(room.double.asked("POST", r"/messages$")) == arrived
    assert len(room.double.messages(room.channel)) == stand
    if how == "gateway-close":
        await room.double.gateway.until("resume")
    assert (await say(room, "still here")).text == "got still here"


async def test_a_lost_callback_is_repeated_and_refused(room: Room) -> None:
    room.double.fail("POST", "/callback$", how="accepted-502")
    seen = await say(room, "hello")
    await seen.until(lambda it: it.refused)
    assert (seen.text, [each["code"] for each in seen.refused]) == ("got hello", [40060])
    twice = await say(room, "twice")
    await twice.until(lambda it: it.refused)
    assert (twice.text, [each["code"] for each in twice.refused]) == ("first", [40060])
    assert len(room.double.messages(room.channel)) == 1
    await soon(lambda: len(room.bot.errors) == 2)
    assert [getattr(each, "code", 0) for each in room.bot.errors] == [40060, 40060]
    room.bot.errors.clear()


async def test_a_late_answer_finds_no_interaction(room: Room) -> None:
    room.double.rest.ack_limit = 0.0
    await unanswered(room, "late")
    assert [getattr(each, "code", 0) for each in room.bot.errors] == [10062]
    room.bot.errors.clear()


async def test_a_user_installed_app_has_five_follow_ups(room: Room) -> None:
    for each in room.double.world.commands[0]:
        each["integration_types"] = [0, 1]
    away = await room.double.add_guild("Elsewhere", present=False)
    channel = await room.double.add_channel(away)
    seen = await room.double.slash(room.ada, "answer", {"text": "chatty"}, channel, install="user")
    await seen.until(lambda it: len(it.follow_ups) == 5)
    await soon(lambda: room.bot.errors)
    assert [getattr(each, "code", 0) for each in room.bot.errors] == [40094]
    assert [each["code"] for each in room.double.violations] == ["40094"]
    room.bot.errors.clear()
    with pytest.raises(NotOffered):
        await room.double.slash(room.ada, "answer", {"text": "hello"}, channel)


@pytest.mark.parametrize(
    ("text", "code"),
    [("long", "BASE_TYPE_MAX_LENGTH"), ("mixed", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")],
)
async def test_a_breach_is_refused_and_kept(room: Room, text: str, code: str) -> None:
    await unanswered(room, text)
    (error,) = room.bot.errors
    assert isinstance(error, discord.HTTPException) and (error.status, error.code) == (400, 50035)
    assert [each["code"] for each in room.double.violations] == [code]
    room.bot.errors.clear()


async def test_rate_limit_windows_are_announced_and_kept(room: Room) -> None:
    room.double.limit("POST", r"/channels/\d+/messages$", per=3, seconds=0.15)
    channel: Any = room.bot.get_channel(room.channel.id)
    await asyncio.gather(*(channel.send(str(n)) for n in range(7)))
    assert len(room.double.messages(room.channel)) == 7
    last = room.double.asked("POST", r"/messages$")
    assert {each.status for each in last} <= {200, 429}


async def test_the_gateway_beats_resumes_and_starts_anew(scene: Room) -> None:
    gateway = scene.double.gateway
    gateway.heartbeat_interval = 20
    bot = await scene.connect()
    await bot.tree.sync()
    await soon(lambda: gateway.beats >= 3)
    assert bot.latency < 1
    await gateway.close(4000)
    missed = await scene.double.dm(scene.ada, "while you were away")
    assert (await scene.double.answer_to(missed))[0]["content"].startswith("heard while you were away")
    await gateway.op(7)
    await gateway.until("resume", 2)
    await gateway.op(9, True)
    await gateway.until("resume", 3)
    gateway.refuse_resumes = 1
    await gateway.close(4000)
    lost = await scene.double.dm(scene.ada, "lost with the session")
    await gateway.until("invalid")
    await gateway.until("identify", 2)
    assert (await say(scene, "hello")).text == "got hello"
    assert len(scene.double.dms(scene.ada)) == 3, (
        "nothing answered the message that the new session never saw"
    )
    assert int(lost["id"]) not in [each.id for each in bot.heard]
    assert bot.event_log == ["resumed"] * 3
    await scene.disconnect()


async def test_intents_tokens_and_shards(scene: Room) -> None:
    greedy = Bot(intents=discord.Intents.all())
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await greedy.start(scene.double.token)
    await greedy.close()
    stranger = Bot()
    with pytest.raises(discord.LoginFailure):
        await stranger.start("another token")
    await stranger.close()
    assert scene.double.gateway.log[-1] == ("close", 4014)
    other = (scene.guild.id >> 22) % 2 ^ 1
    await scene.connect(shard_id=other, shard_count=2)
    assert list(scene.bot.guilds) == []
    await scene.disconnect()
    await scene.connect(shard_id=other ^ 1, shard_count=2)
    assert [each.id for each in scene.bot.guilds] == [scene.guild.id]
    await scene.disconnect()


async def test_every_shard_of_an_autosharded_client(scene: Room) -> None:
    client = discord.AutoShardedClient(
        intents=discord.Intents(guilds=True), shard_count=2, guild_ready_timeout=0.02
    )
    running = asyncio.create_task(client.start(scene.double.token))
    await scene.double.gateway.until("identify", 2)
    await client.wait_until_ready()
    assert [each.id for each in client.guilds] == [scene.guild.id]
    await scene.double.gateway.close(4000, shard=1)
    await scene.double.gateway.until("resume")
    assert scene.double.gateway.log == [("identify", 0), ("identify", 1), ("close", 4000), ("resume", 1)]
    await client.close()
    await running


def button(number: int, **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "x", "custom_id": f"b{number}", **more}


def row(*inner: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(inner)}


def text(size: int) -> dict[str, Any]:
    return {"type": 10, "content": "x" * size}


def select(options: int, **more: Any) -> dict[str, Any]:
    offered = [{"label": str(n), "value": str(n)} for n in range(options)]
    return {"type": 3, "custom_id": "s", "options": offered, **more}


V2 = 1 << 15
BREACHES: list[tuple[str, dict[str, Any]]] = [
    ("", {"content": "x" * 2000, "components": [row(*map(button, range(5)))], "nonce": "n" * 25}),
    ("BASE_TYPE_MAX_LENGTH", {"content": "x" * 2001}),
    ("UNION_TYPE_CHOICES", {"content": "x", "nonce": "n" * 26}),
    ("", {"flags": V2, "components": [text(4000)]}),
    ("COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", {"flags": V2, "components": [text(4000), text(1)]}),
    ("", {"flags": V2, "components": [text(1)] * 40}),
    ("BASE_TYPE_MAX_LENGTH", {"flags": V2, "components": [text(1)] * 41}),
    (
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
        {"flags": V2, "components": [{"type": 17, "components": [text(1)] * 39}, text(1)]},
    ),
    ("UNION_TYPE_CHOICES", {"components": [text(1)]}),
    ("UNION_TYPE_CHOICES", {"content": "x", "components": [button(1)]}),
    ("BASE_TYPE_BAD_LENGTH", {"components": [row(button(n)) for n in range(6)]}),
    ("BASE_TYPE_MAX_LENGTH", {"components": [row(*map(button, range(6)))]}),
    ("COMPONENT_CUSTOM_ID_DUPLICATED", {"components": [row(button(1)), row(button(1))]}),
    ("BASE_TYPE_MAX_LENGTH", {"components": [row(button(1, custom_id="c" * 101))]}),
    ("BASE_TYPE_MAX_LENGTH", {"components": [row(button(1, label="l" * 81))]}),
    ("BUTTON_COMPONENT_URL_REQUIRED", {"components": [row(button(1, style=5))]}),
    ("BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", {"components": [row(button(1, custom_id=None))]}),
    ("COMPONENT_LAYOUT_WIDTH_EXCEEDED", {"components": [row(select(2), button(1))]}),
    ("BASE_TYPE_MAX_LENGTH", {"components": [row(select(26))]}),
    ("SELECT_COMPONENT_MAX_VALUES_TOO_LARGE", {"components": [row(select(2, max_values=3))]}),
    ("MAX_EMBED_SIZE_EXCEEDED", {"embeds": [{"description": "x" * 3001}] * 2}),
    ("BASE_TYPE_MAX_LENGTH", {"embeds": [{"title": "x" * 257}]}),
    (
        "REFERENCED_ATTACHMENT_NOT_FOUND",
        {"flags": V2, "components": [{"type": 12, "items": [{"media": {"url": "attachment://no.png"}}]}]},
    ),
]


@pytest.mark.parametrize(("code", "body"), BREACHES, ids=range(len(BREACHES)))
def test_the_judge_of_messages(code: str, body: dict[str, Any]) -> None:
    found = judge.shape("MessageCreateRequest", body) or judge.message(body)
    assert {each for _, each, _ in found} == ({code} if code else set())


def test_the_judge_of_edits_forms_and_commands() -> None:
    plain = {"flags": 0, "content": "words", "embeds": [], "attachments": []}
    assert judge.message({"flags": V2, "components": [text(1)]}, kept=plain), "the words must be cleared"
    assert not judge.message({"flags": V2, "content": None, "components": [text(1)]}, kept=plain)
    assert judge.message({"content": "back"}, kept=plain | {"flags": V2}), "the flag stays"
    label = {"type": 18, "label": "l", "component": {"type": 4, "custom_id": "a", "style": 2}}
    form = {"custom_id": "f", "title": "t", "components": [label]}
    assert not judge.shape("ModalInteractionCallbackRequest", {"type": 9, "data": form}) + judge.modal(form)
    assert judge.shape("ModalInteractionCallbackRequest", {"type": 9, "data": form | {"title": "t" * 46}})
    assert judge.modal(form | {"components": [label, label]}), "two boxes of one id"
    assert len(judge.modal(form | {"components": [label] * 6})) > 5, "six boxes, five of them again the same"
    command: dict[str, Any] = {"name": "a", "description": "d", "type": 1}
    assert not judge.commands([command, command | {"type": 3, "name": "Star it"}])
    for wrong in (
        [command, command],
        [command | {"name": "Big"}],
        [command | {"description": ""}],
        [command | {"name": f"c{n}"} for n in range(101)],
        [
            command
            | {"options": [{"type": 3, "name": n, "description": "d", "required": n == "y"} for n in "xy"]}
        ],
    ):
        assert judge.commands(wrong)


def percentile(values: list[float], part: float) -> float:
    return (
        statistics.quantiles(values, n=100, method="inclusive")[round(part * 100) - 1]
        if values[1:]
        else values[0]
    )


async def test_the_yardstick(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    """Acknowledgement of a bot that does nothing else: what the adapter's times are measured against."""
    room.double.rest.ack_limit = (
        60.0  # a figure is wanted here, also on a machine that is busy with other tests
    )
    await say(room, "warm")
    lines = []
    for crowd, rounds in ((1, 50), (50, 4), (200, 2)):
        room.double.latencies.clear()
        room.double.judge_later()
        began = time.process_time()
        for _ in range(rounds):
            await asyncio.gather(*(say(room, "hello", patience=60.0) for _ in range(crowd)))
        cpu = (time.process_time() - began) * 1000 / (crowd * rounds)
        taken = [each * 1000 for _, each in room.double.latencies]
        assert len(taken) == crowd * rounds and room.double.judge_all() == []
        figures = f"p50 {percentile(taken, 0.5):.1f} ms, p99 {percentile(taken, 0.99):.1f} ms"
        lines.append(f"{crowd:>4} at once: {figures}; CPU {cpu:.1f} ms each, bot and double together")
    with capsys.disabled():
        print("\nDo-nothing discord.py bot, acknowledgement:", *lines, sep="\n")
