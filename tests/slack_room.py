"""The whole of Starling on a local Slack: ``starling run`` with only a Slack section, and people around it.

What is the same on every platform stands in ``whole_room``. The app is what our own manifest says, and no more: a
scope, an event or a shortcut that it forgets is missing here as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from slack_double import Act, Channel, SlackDouble, Team, User, View, buttons, fields, text_of
from slack_drawn import drawn
from whole_room import WholeRoom, nothing_left

from adapters.slack.ids import key_in
from adapters.slack.manifest import manifest
from core import catalogue

Json = dict[str, Any]
Mode = Literal["socket", "http"]
PATH = "/slack/events"


@dataclass
class Sight:
    """What one person sees of one thing they did: a message, or a modal with what is wrong in it."""

    act: Act
    message: Json | None = None
    view: View | None = None
    private: bool = True
    errors: dict[str, str] = field(default_factory=dict)
    """block id -> what stands under the box. A field's first box has its name."""

    @property
    def text(self) -> str:
        """The words, line by line."""
        return text_of(self.shown)

    @property
    def drawn(self) -> str:
        """How it looks, and what can be pressed on it."""
        return drawn(self.shown)

    @property
    def shown(self) -> Json:
        """The message, or the modal's body."""
        found = self.view.body if self.view is not None else self.message
        assert found is not None, f"{self.act.kind} by {self.act.user.name} showed nothing: {self.act.failed}"
        return found

    @property
    def labels(self) -> list[str]:
        """What can be pressed."""
        return list(buttons(self.shown).values())


class SlackRoom(WholeRoom):
    """A double with a workspace, #practice with Starling in it, an admin (Olga) and members, and Starling beside it."""

    double: SlackDouble
    team: Team
    channel: Channel
    olga: User

    def __init__(self, folder: Path, mode: Mode) -> None:
        super().__init__(folder)
        self.mode: Mode = mode
        self.port = 0

    def named(self) -> dict[str, str]:
        said = {
            "STARLING_SLACK__MODE": self.mode,
            "STARLING_SLACK__BOT_TOKEN": self.team.bot_token,
            "STARLING_SLACK__API_BASE_URL": self.double.base_url.rstrip("/"),
        }
        if self.mode == "socket":
            return said | {"STARLING_SLACK__APP_TOKEN": self.team.app_token}
        return said | {
            "STARLING_SLACK__SIGNING_SECRET": self.team.signing_secret,
            "STARLING_SLACK__HTTP_PORT": str(self.port),
            "STARLING_SLACK__HTTP_PATH": PATH,
        }

    async def start(self) -> None:
        """``starling run``; returns when Slack and Starling have found each other."""
        if self.mode == "socket":
            hellos = [each for each, _ in self.double.sockets.log].count("hello")
            await self._run(self.double.sockets.until("hello", hellos + 1, 20))
            return
        self.port = self.port or free_port()
        self.team.url = f"http://127.0.0.1:{self.port}{PATH}"
        await self._run(self._listens(len(self.double.asked("auth.test"))))

    async def _listens(self, before: int) -> None:
        """Starling takes requests, and has been told whose they are."""
        await self.double.until(lambda: len(self.double.asked("auth.test")) > before, 20)
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.01)
                continue
            writer.close()
            await writer.wait_closed()
            await asyncio.sleep(0.05)  # what was told is taken in
            return

    def member(self, name: str, **more: Any) -> User:
        """Somebody in #practice. ``more``: tz, locale, dms, admin."""
        user = self.double.add_user(name, self.team, **more)
        self.channel.members.append(user)
        return user

    # --- what people do ----------------------------------------

    async def say(self, who: User, line: str = "", channel: Channel | None = None) -> Sight:
        """``/starling line`` in #practice, or in another conversation."""
        place = channel or self.channel
        return await self.sees(who, lambda: self.double.slash(who, line, place), place)

    async def say_directly(self, who: User, line: str = "") -> Sight:
        """``/starling line`` in the direct conversation with Starling."""
        return await self.say(who, line, self.double.world.dm_of(who, self.team))

    async def press(self, who: User, shown: Json | Sight | View, label: str) -> Sight:
        """Press what is labelled so, on a message, a modal or the Home tab."""
        on = self._thing(shown)
        return await self.sees(who, lambda: self.double.press(who, on, self.press_id(shown, label)))

    async def pick(self, who: User, shown: Json | Sight | View, label: str, option: str) -> Sight:
        """Choose an option, by its value, in the menu that is labelled so."""
        on = self._thing(shown)
        action_id = self.press_id(shown, label)
        return await self.sees(who, lambda: self.double.select(who, on, action_id, option))

    async def fill(self, who: User, form: Sight | View, **values: Any) -> Sight:
        """Write into the fields of a form, by their names, and send it."""
        view = form if isinstance(form, View) else form.view
        assert view is not None, "there is no form"
        return await self.sees(who, lambda: self.double.submit_view(who, view, values))

    async def answer(self, who: User, card: Json | Sight, words: str) -> Sight:
        """Press Answer, write, send."""
        opened = await self.press(who, card, "Answer")
        assert opened.view is not None, opened.text
        return await self.fill(who, opened, text=words)

    async def shortcut(self, who: User, message: Json, callback_id: str) -> Sight:
        """Choose a command in a message's menu."""
        return await self.sees(who, lambda: self.double.shortcut(who, message, callback_id))

    async def set_up(self, at: str = "08:01", **more: str) -> Sight:
        """``/starling setup`` with options, in this channel; its test post has come."""
        options = {"time": at, "zone": "UTC", "tracks": "behavioural"} | more
        seen = await self.say(self.olga, line_of("setup", options))
        await self.soon(lambda: self.double.messages(self.channel))
        return seen

    async def drop(self) -> Json:
        """Let the next question come; its card."""
        before = len(self.double.messages(self.channel))
        self.clock.skip(minutes=2)
        await self.soon(lambda: len(self.double.messages(self.channel)) > before)
        return self.double.messages(self.channel)[-1]

    def posts(self) -> list[Json]:
        """What Starling posted in #practice on its own account, oldest first: no answers to anybody."""
        return [m for m in self.double.messages(self.channel) if own_account(m)]

    def press_id(self, shown: Json | Sight | View, label: str) -> str:
        """The action_id of what is labelled so."""
        body = self._body(shown)
        found = [number for number, name in buttons(body).items() if name == label]
        assert found, f"no {label!r} among {list(buttons(body).values())} of: {text_of(body)[:400]}"
        return found[0]

    @staticmethod
    def _thing(shown: Json | Sight | View) -> Json | View:
        if not isinstance(shown, Sight):
            return shown
        return shown.view if shown.view is not None else shown.shown

    @staticmethod
    def _body(shown: Json | Sight | View) -> Json:
        if isinstance(shown, Sight):
            return shown.shown
        return shown.body if isinstance(shown, View) else shown

    # --- what they see of it ----------------------------------------

    async def sees(
        self,
        who: User,
        doing: Callable[[], Awaitable[Act]],
        channel: Channel | None = None,
        patience: float = 10,
    ) -> Sight:
        """Do it, and wait for what it shows: a modal, or a message to this person or in answer to all.

        What Starling posts on its own account (questions, cards that are rewritten) is no answer to anybody.
        """
        before = self._screen(who, channel)
        act = await doing()
        if act.failed:
            return Sight(act)
        await self.double.until(lambda: self._found(who, act, before) is not None, patience)
        found = self._found(who, act, before)
        assert found is not None
        if found.message is not None and self._strays(found.message, act):
            await asyncio.sleep(0.15)  # a file goes ahead; what it belongs to is said where they are
            found = self._found(who, act, before) or found
        return found

    def _screen(self, who: User, channel: Channel | None = None) -> dict[str, str]:
        """What this person can see of Starling's, as (id -> version)."""
        places = [self.double.ephemerals(who), self.double.dms(who, self.team)]
        places += [self.double.messages(channel or self.channel)]
        seen = {m["ts"]: str((m.get("edited") or {}).get("ts", "")) for some in places for m in some}
        if (modal := self.double.modal(who)) is not None:
            seen[modal.id] = modal.hash
        return seen

    def _found(self, who: User, act: Act, before: dict[str, str]) -> Sight | None:
        """What is new since ``before``, the likeliest first."""
        modal = self.double.modal(who)
        if act.errors and modal is not None:
            return Sight(act, view=modal, errors=act.errors)
        if modal is not None and before.get(modal.id) != modal.hash:
            return Sight(act, view=modal)

        def fresh(some: list[Json]) -> list[Json]:
            mine = [m for m in some if m["user"] == self.team.bot.id and not own_account(m)]
            return [m for m in mine if before.get(m["ts"]) != str((m.get("edited") or {}).get("ts", ""))]

        if found := fresh(self.double.ephemerals(who)):
            return Sight(act, found[-1])
        if act.answers:
            return Sight(act, act.answers[-1], private=False)
        if found := fresh(self.double.messages(act.channel)):
            return Sight(act, found[-1], private=act.channel.user is not None)
        if found := fresh(self.double.dms(who, self.team)):
            return Sight(act, found[-1])
        return None

    def _strays(self, message: Json, act: Act) -> bool:
        """Whether it stands in their direct messages, while they acted in a channel."""
        direct = any(each is message for each in self.double.dms(act.user, self.team))
        return direct and act.kind != "view_submission" and act.channel.user is None


def own_account(message: Json) -> bool:
    """Whether Starling said it by itself: not in reply to anybody ("m" and what it replies to)."""
    return bool(key_in(message)) and not key_in(message).startswith("m")


def line_of(command: str, options: dict[str, Any]) -> str:
    """A command as it is typed."""
    return " ".join([command, *(f"{name}: {value}" for name, value in options.items())])


def is_private(seen: Sight | Json) -> bool:
    """Whether one person alone sees it."""
    return seen.private if isinstance(seen, Sight) else bool(seen.get("is_ephemeral"))


def boxes(opened: Sight | View) -> dict[str, Json]:
    """The fields of a form that was opened: block id -> element. A field's first box has its name."""
    return fields(opened.view if isinstance(opened, Sight) else opened)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.asynccontextmanager
async def slack_room(
    folder: Path, mode: Mode = "socket", made: SlackRoom | None = None
) -> AsyncIterator[SlackRoom]:
    """A room before Starling starts; everything is judged and gone at the end. ``made``: one of the test's own."""
    room = made or SlackRoom(folder, mode)
    url = "" if mode == "socket" else f"https://starling.example{PATH}"
    app = manifest(catalogue.registry(), socket_mode=mode == "socket", url=url)
    async with await SlackDouble.start(app) as double:
        double.world.now = lambda: room.clock.now().timestamp()
        room.double, room.team = double, double.team
        room.olga = double.add_user("Olga", admin=True)
        room.channel = double.add_channel("practice", room.olga)
        room.team.name = "Interview club"
        try:
            yield room
        finally:
            await room.stop()
    assert double.violations == []
    await nothing_left()
