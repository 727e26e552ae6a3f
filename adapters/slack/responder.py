"""Showing a view where somebody is: in a channel to them alone or to all, in their direct messages, in a modal."""

from __future__ import annotations

import dataclasses
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from adapters.drawing import message_of
from adapters.slack import limits
from adapters.slack.blocks import plain_text
from adapters.slack.calls import CANNOT_DRAW, Lost, Refused, Said, insist
from adapters.slack.replying import key_of, reply
from adapters.slack.uploading import uploaded
from adapters.slack.views import Payload, home, payload, plain
from adapters.slack.words import Json
from adapters.slack.workspace import Workspace
from core.views import File, Text, View, say

log = structlog.get_logger(__name__)

TRIGGER = 2.8  # seconds after a press in which it can open a modal; Slack says 3
SHOW_WITHIN = 60.0  # seconds that are spent on showing a result
WHISPER_WITHIN = 15.0  # seconds of them for each road that has another one beside it
CLOCKS_APART = 300.0  # seconds, as for the outbox (sender.py)
DMS = 4096  # people whose direct channel is remembered
IN_MODAL = "starling_shown"
"""callback_id of a modal that shows something and asks for nothing."""
NOT_SURE = "Slack has not said whether the answer to that was posted here. If it does not appear, please ask once more."


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is when they ask for something, and the roads there. Empty: there is no such road.

    ``direct``: their conversation with Starling alone. ``alone``: the message that was pressed is theirs alone
    (ephemeral). ``home``: the Home tab, or a modal that was opened there. ``view_id``: the modal they pressed in.
    ``opened_by``: the response_url of the press that opened the form, good for half an hour. Private replies take it:
    Slack counts ephemeral messages, a hundred a minute, and does not count these.
    """

    user_id: str
    channel_id: str = ""
    thread_ts: str = ""
    message_ts: str = ""
    response_url: str = ""
    trigger_id: str = ""
    view_id: str = ""
    opened_by: str = ""
    direct: bool = False
    alone: bool = False
    home: bool = False
    asked: float = field(default_factory=time.monotonic)

    @property
    def in_time(self) -> float:
        """Seconds in which a modal can still be opened."""
        return self.asked + TRIGGER - time.monotonic() if self.trigger_id else 0.0

    def travelling(self) -> dict[str, str]:
        """What a form has to know of where it was opened, to come back there."""
        answer = self.response_url or self.opened_by
        kept = {"channel": self.channel_id, "thread": self.thread_ts, "answer": answer}
        marks = {"direct": self.direct, "home": self.home}
        return {k: v for k, v in kept.items() if v} | {k: "1" for k, v in marks.items() if v}

    @classmethod
    def returned(cls, user_id: str, about: Mapping[str, str], trigger_id: str) -> Place:
        """The place of a form that came back: what ``travelling`` said."""
        return cls(
            user_id,
            about.get("channel", ""),
            about.get("thread", ""),
            trigger_id=trigger_id,
            opened_by=about.get("answer", ""),
            direct="direct" in about,
            home="home" in about or not about.get("channel"),
        )


class Responder:
    """Of one workspace. Raises ``calls.Refused`` and ``calls.Lost`` when nothing could be shown anywhere."""

    def __init__(self, workspace: Workspace) -> None:
        self._of = workspace
        self._dms: OrderedDict[str, str] = OrderedDict()  # user id -> their direct channel

    # --- forms ----------------------------------------

    async def open(self, place: Place, modal: Json) -> bool:
        """Open ``modal``; False when it is too late for that, or Slack will not."""
        client = self._of.plain
        if place.view_id:
            view_id = place.view_id
            call: Callable[[], Any] = lambda: client.views_update(view_id=view_id, view=modal)  # noqa: E731
            seconds = SHOW_WITHIN
        else:
            seconds = place.in_time
            call = lambda: client.views_open(trigger_id=place.trigger_id, view=modal)  # noqa: E731
        if seconds <= 0:
            return False
        tried = 0

        async def once() -> Any:
            nonlocal tried
            tried += 1
            return await call()

        try:
            await insist(once, seconds)
        except Refused as error:
            if error.code == "exchanged_trigger_id" and tried > 1:
                return True  # the answer to the first try was lost
            log.warning("a modal was not opened", why=error.code, detail=error.detail)
            return False
        except Lost as error:
            log.warning("a modal was not opened", why=str(error))
            return False
        return True

    # --- messages ----------------------------------------

    async def show(self, place: Place, view: View, *, private: bool, replaces: bool = False) -> None:
        """Show ``view`` where the person is. ``replaces``: in the place of the message that was pressed.

        ``private`` is for them alone; in their direct messages everything is. What cannot be shown there (a channel
        without Starling, an answer that came too late) goes into their direct messages.
        """
        if place.home or place.view_id:
            if not await self._in_modal(place, view):
                await self._direct(place, view)
        elif place.direct:
            if replaces and place.message_ts:
                try:
                    await self._rewrite(place.channel_id, place.message_ts, view)
                except Refused as error:  # the message is gone, or is too old to be rewritten
                    log.info("a reply took another road", why=error.code)
                    await self._direct(place, view)
            else:
                await self._direct(place, view)
        elif private or (replaces and place.alone):
            await self._whisper(place, view, replaces=replaces and place.alone)
        else:
            await self._publish(place, view)

    async def _in_modal(self, place: Place, view: View) -> bool:
        if payload(view).files:  # a modal takes no files of ours
            return False
        return await self.open(place, shown_in_modal(view, place.travelling()))

    async def _rewrite(self, channel_id: str, ts: str, view: View) -> None:
        async def write(drawn: Payload) -> None:
            blocks = drawn.placed(await uploaded(self._of.client, drawn))
            said = {**drawn.arguments, "blocks": blocks}
            # what chat.update does not know: it never unfolds anything
            said = {k: v for k, v in said.items() if not k.startswith("unfurl")}
            await insist(lambda: self._of.plain.chat_update(channel=channel_id, ts=ts, **said), SHOW_WITHIN)

        await self._drawn(write, view)

    async def _direct(self, place: Place, view: View) -> None:
        """As a message of their own: they find it again, and it can hold pictures and files."""
        if not place.direct:
            await self._post(await self.dm(place.user_id), "", view)
            return
        try:
            await self._post(place.channel_id, place.thread_ts, view)
        except Refused as error:
            if error.code != "channel_not_found":
                raise
            # Somebody else's conversation, where Starling is not: commands and shortcuts are there all the same.
            await self._whisper(dataclasses.replace(place, direct=False), view)

    async def _post(self, channel_id: str, thread_ts: str, view: View) -> None:
        # Slack's clock makes the ids of messages and may be behind ours.
        key = key_of(f"{time.time() - CLOCKS_APART:.6f}")
        await reply(self._of, channel_id, thread_ts, view, key)

    async def _publish(self, place: Place, view: View) -> None:
        """For everybody in the channel, once; else for whoever asked."""
        try:
            await self._openly(place, view)
        except Lost as error:  # it may be there: sent again it could be there twice
            log.warning("it is not known whether a reply was posted", why=str(error))
            await self._whisper(place, say(NOT_SURE))
        except Refused as error:
            log.info("a reply took another road", why=error.code)
            await self._whisper(place, view)

    async def _openly(self, place: Place, view: View) -> None:
        """Where Starling is no member, only the answer to the command can be public."""
        drawn = payload(view)
        if place.response_url and not (drawn.files or place.thread_ts):
            try:
                await self._respond(place, view, response_type="in_channel")
            except Refused as error:
                log.info("a reply took another road", why=error.code)
            else:
                return
        try:
            await self._post(place.channel_id, place.thread_ts, view)
        except Refused as error:
            if not place.response_url:
                raise
            log.info("a reply took another road", why=error.code)
            await self._respond(place, view, response_type="in_channel")

    async def _whisper(self, place: Place, view: View, *, replaces: bool = False) -> None:
        """To one person in a channel. What hangs on it goes into their direct messages: nothing can hang there."""
        place = dataclasses.replace(place, response_url=place.response_url or place.opened_by)
        if payload(view).files:
            view = await self._with_files_elsewhere(place, view)
        how = {"replace_original": True} if replaces else {}
        roads: list[Callable[[], Awaitable[None]]] = [lambda: self._ephemeral(place, view)]
        if place.response_url:
            roads.insert(0, lambda: self._respond(place, view, **how))
        for road in roads:
            try:
                await road()
            except (
                Refused,
                Lost,
            ) as error:  # should it be there after all, it is there twice and harms nobody
                log.info("a private reply took another road", why=str(error))
            else:
                return
        try:
            await self._direct(place, view)
        except (Refused, Lost):
            if not await self._in_modal(place, view):
                raise

    async def _with_files_elsewhere(self, place: Place, view: View) -> View:
        """``view`` with a note about where the reader finds what hangs on it."""
        message = message_of(view)
        only_pictures = not any(isinstance(b, File) for b in message.blocks)
        what = "The picture" if only_pictures else "What belongs to it"
        try:
            await self._direct(dataclasses.replace(place, direct=False), view)
        except (Refused, Lost) as error:
            log.warning("a file could not be handed over", why=str(error))
            note = f"{what} could not be sent to you: Starling cannot write to your direct messages."
        else:
            note = f"{what} is in your direct messages with Starling."
        return dataclasses.replace(message, blocks=(*message.blocks, Text((note,), style="note")))

    async def _respond(self, place: Place, view: View, **how: Any) -> None:
        hook = self._of.webhook(place.response_url)
        how = {"response_type": "ephemeral", "replace_original": False, **how}
        if place.thread_ts and not how["replace_original"]:
            how["thread_ts"] = place.thread_ts

        async def send(drawn: Payload) -> None:
            async def once() -> None:
                said = await hook.send_dict({**drawn.arguments, **how})
                word = word_of(said.body)
                if said.status_code != 200 or word not in ("", "ok"):
                    raise Said("" if word == "ok" else word, said)

            # A private note that is there twice harms nobody; one that is missing does.
            await insist(once, WHISPER_WITHIN, again=how["response_type"] == "ephemeral")

        await self._drawn(send, view, files=False)

    async def _ephemeral(self, place: Place, view: View) -> None:
        more: dict[str, Any] = {"thread_ts": place.thread_ts} if place.thread_ts else {}

        async def send(drawn: Payload) -> None:
            said = {k: v for k, v in drawn.arguments.items() if not k.startswith("unfurl")}
            await insist(
                lambda: self._of.plain.chat_postEphemeral(
                    channel=place.channel_id, user=place.user_id, **said, **more
                ),
                WHISPER_WITHIN,
            )

        await self._drawn(send, view, files=False)

    @staticmethod
    async def _drawn(send: Callable[[Payload], Any], view: View, *, files: bool = True) -> None:
        """``send`` the view; where Slack refuses how it looks, its words."""
        try:
            await send(payload(view, files=files))
        except Refused as error:
            if error.code not in CANNOT_DRAW:
                raise
            log.warning("Slack refused a message; its text goes instead", why=error.code, detail=error.detail)
            await send(payload(plain(view), files=False))

    async def dm(self, user_id: str) -> str:
        """The direct channel of somebody. Raises Refused where there can be none."""
        known = self._dms.get(user_id)
        if known is None:
            said = await insist(lambda: self._of.plain.conversations_open(users=[user_id]), SHOW_WITHIN)
            known = self._dms[user_id] = str(said["channel"]["id"])
            while len(self._dms) > DMS:
                self._dms.popitem(last=False)
        self._dms.move_to_end(user_id)
        return known


def shown_in_modal(view: View, about: Mapping[str, str]) -> Json:
    """``view`` as a modal that only shows it. ``about`` travels along for what is pressed in it."""
    title = "Starling"
    return {
        "type": "modal",
        "callback_id": IN_MODAL,
        "title": plain_text(title, limits.MODAL_TITLE),
        "close": plain_text("Close", limits.MODAL_TITLE),
        "private_metadata": json.dumps(dict(about))[: limits.METADATA],
        "blocks": home(view)["blocks"],
    }


def word_of(body: str) -> str:
    """What a response_url says was wrong: a word, or an object with one."""
    try:
        found = json.loads(body)
    except ValueError:
        return body.strip()[:60] if body.strip().replace("_", "").isalpha() else ""
    return str(found.get("error") or "") if isinstance(found, dict) else ""
