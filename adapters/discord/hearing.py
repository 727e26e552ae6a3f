"""What members write to Starling directly: replies to a prompt, text files, loose messages; also those of a gap."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord
import structlog
from discord.http import Route

from adapters.discord.insist import TooLate, insist
from adapters.discord.interactions import read
from adapters.discord.modals import Uploaded
from adapters.discord.responder import multipart
from adapters.discord.views import Payload, about, payload
from core.call import Attachment, Who
from core.errors import StarlingError
from core.events import Events, Heard, Unread

log = structlog.get_logger(__name__)

ANSWER_WITHIN = 60.0  # seconds spent on answering one message
READ_WITHIN = 30.0  # seconds spent on reading one history
PAGE = 100  # messages that Discord hands out at once
TEXT_BYTES = 100_000  # of a text file that may be an answer
TEXT_KINDS = (".txt", ".md", ".markdown", ".text")
TALK = (0, 19)  # message types: said, and said in reply; the others are Discord's own notes
WAIT_FOR_GAP = 60.0  # seconds that a new message waits at most until the missed ones are read


@dataclass(frozen=True, slots=True)
class Letter:
    """One message in somebody's DM, in the shape both roads (gateway and history) bring it to."""

    id: str
    channel_id: str
    user_id: str
    name: str
    text: str
    files: tuple[Uploaded, ...] = ()
    about: str = ""


class Hearing:
    """Hands direct messages to core, in order for each person, each once."""

    def __init__(
        self, client: discord.Client, events: Events, fetch: Callable[[str], Awaitable[bytes]]
    ) -> None:
        self._client = client
        self._events = events
        self._fetch = fetch
        self._lines: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._caught_up = asyncio.Event()
        self._caught_up.set()

    def gap(self) -> None:
        """A new session has begun: what was said before it comes first. ``catch_up`` ends the wait."""
        self._caught_up.clear()

    async def message(self, message: discord.Message) -> None:
        """A message came. Everything but people's words in their own DM is passed over."""
        if message.guild is not None or message.author.bot or message.type.value not in TALK:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAIT_FOR_GAP):
                await self._caught_up.wait()
        await self._take(_letter(message))

    async def catch_up(self) -> None:
        """Read what people with an open prompt wrote while nobody listened."""
        try:
            for waiting in await self._events.unread("discord"):
                try:
                    async for letter in self._missed(waiting):
                        await self._take(letter, missed=True)
                except (discord.HTTPException, TooLate) as error:
                    # The next session's gap begins where this one does: nothing is passed over for good.
                    log.warning("missed messages could not be read", error=type(error).__name__)
        except Exception:
            log.exception("reading missed messages failed")
        finally:
            self._caught_up.set()

    async def _missed(self, waiting: Unread) -> AsyncIterator[Letter]:
        after = waiting.after
        while True:
            route = Route("GET", "/channels/{channel_id}/messages", channel_id=waiting.channel_id)
            page: Sequence[Mapping[str, Any]] | None = await insist(
                lambda route=route, after=after: self._client.http.request(  # type: ignore[misc]
                    route, params={"limit": PAGE, "after": after}
                ),
                READ_WITHIN,
            )
            for raw in sorted(page or (), key=lambda m: int(m["id"])):
                after = str(raw["id"])
                if str(raw["author"]["id"]) == waiting.user_id and raw.get("type", 0) in TALK:
                    yield _letter_of(raw)
            if len(page or ()) < PAGE:
                return

    async def _take(self, letter: Letter, *, missed: bool = False) -> None:
        async with self._lines[letter.user_id]:
            try:
                file, unreadable = await self._file(letter)
                who = Who("discord", letter.user_id, letter.name)
                heard = Heard(
                    who, letter.channel_id, letter.id, letter.text, letter.about, file, unreadable, missed
                )
                view = await self._events.heard(heard)
                if view is not None:
                    await self._reply(letter, payload(view, ephemeral=False))
            except (discord.HTTPException, TooLate) as error:
                log.warning("a direct message could not be answered", error=type(error).__name__)
            except Exception:
                log.exception("hearing failed")
        if not self._lines[letter.user_id].locked():
            self._lines.pop(letter.user_id, None)

    async def _file(self, letter: Letter) -> tuple[Attachment | None, str]:
        """The first text file of a message; or why there is none that can be read."""
        if not letter.files:
            return None, ""
        texts = [f for f in letter.files if f.name.lower().endswith(TEXT_KINDS)]
        if not texts:
            return None, f"“{letter.files[0].name[:60]}” is no text file"
        if texts[0].size > TEXT_BYTES:
            return None, f"“{texts[0].name[:60]}” is over {TEXT_BYTES // 1000} kB"
        try:
            return await read(texts[0], self._fetch), ""
        except StarlingError as error:
            return None, error.message

    async def _reply(self, letter: Letter, drawn: Payload) -> None:
        """Under the member's message; the nonce lets a repetition after a lost answer show nothing twice."""
        body = drawn.json | {
            "nonce": f"m{letter.id}",
            "enforce_nonce": True,
            "message_reference": {"message_id": letter.id, "fail_if_not_exists": False},
        }
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=letter.channel_id)
        whole = Payload(body, drawn.files)
        await insist(
            lambda: (
                self._client.http.request(route, form=multipart(whole))
                if whole.files
                else self._client.http.request(route, json=body)
            ),
            ANSWER_WITHIN,
        )


def _letter(message: discord.Message) -> Letter:
    replied = message.reference.resolved if message.reference is not None else None
    ours = isinstance(replied, discord.Message) and replied.author.bot
    return Letter(
        str(message.id),
        str(message.channel.id),
        str(message.author.id),
        message.author.display_name,
        message.content,
        tuple(Uploaded(a.filename, a.url, a.size) for a in message.attachments),
        about(_components(replied)) if ours else "",
    )


def _components(message: object) -> list[dict[str, Any]]:
    return [dict(c.to_dict()) for c in getattr(message, "components", ())]


def _letter_of(raw: Mapping[str, Any]) -> Letter:
    author = raw["author"]
    replied = raw.get("referenced_message") or {}
    ours = bool((replied.get("author") or {}).get("bot"))
    return Letter(
        str(raw["id"]),
        str(raw["channel_id"]),
        str(author["id"]),
        str(author.get("global_name") or author.get("username") or ""),
        str(raw.get("content") or ""),
        tuple(
            Uploaded(str(a["filename"]), str(a["url"]), int(a["size"])) for a in raw.get("attachments") or ()
        ),
        about(replied.get("components") or ()) if ours else "",
    )
