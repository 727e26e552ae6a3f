"""A message in somebody's direct messages, as Slack tells it and as Starling reads it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.slack.reading import words_of
from core.plain import shown

TEXT_BYTES = 100_000  # of a text file that may be an answer
TEXT_KINDS = (".txt", ".md", ".markdown", ".text")
TEXT_TYPES = ("text", "markdown")
TALK = ("", "file_share", "thread_broadcast", "me_message")
"""Subtypes of what people say. All others are Slack's own notes, or tell of a change."""
SLACKBOT = "USLACKBOT"


@dataclass(frozen=True, slots=True)
class Given:
    """A file that came with a message; its bytes are still at ``url``."""

    name: str
    url: str
    size: int
    text: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of a person. ``thread_ts`` is the first message of the thread it stands in, "" for none."""

    ts: str
    channel_id: str
    user_id: str
    text: str
    thread_ts: str = ""
    files: tuple[Given, ...] = ()

    @property
    def answer_in(self) -> str:
        """The thread that an answer to it belongs in: its own where it stands in none."""
        return self.thread_ts or self.ts


def letter_of(message: Mapping[str, Any], channel_id: str) -> Letter | None:
    """An event, or a message out of a history; None for what is no word of a person."""
    user_id, ts = str(message.get("user") or ""), str(message.get("ts") or "")
    spoken = message.get("type", "message") == "message" and str(message.get("subtype") or "") in TALK
    if not (spoken and user_id and ts) or message.get("bot_id") or message.get("hidden"):
        return None
    if user_id == SLACKBOT:
        return None
    thread_ts = str(message.get("thread_ts") or "")
    return Letter(
        ts,
        channel_id,
        user_id,
        words_of(str(message.get("text") or "")),
        thread_ts if thread_ts != ts else "",
        tuple(_given(f) for f in message.get("files") or () if isinstance(f, Mapping)),
    )


def instant(ts: str) -> Decimal:
    """Sorts messages of one conversation as they were said; 0 for what is no ``ts``."""
    return Decimal(ts) if ts.replace(".", "", 1).isdecimal() else Decimal(0)


def readable(letter: Letter) -> tuple[Given | None, str]:
    """The first text file of a message that can be read; or why there is none ("“cv.pdf” is no text file")."""
    if not letter.files:
        return None, ""
    texts = [f for f in letter.files if f.text]
    if not texts:
        return None, f"“{shown(letter.files[0].name, 60)}” is no text file"
    if not texts[0].url:
        return None, f"“{shown(texts[0].name, 60)}” is not kept by Slack any more"
    if texts[0].size > TEXT_BYTES:
        return None, f"“{shown(texts[0].name, 60)}” is over {TEXT_BYTES // 1000} kB"
    return texts[0], ""


def _given(file: Mapping[str, Any]) -> Given:
    """Snippets are text whatever they are called: that is where Slack puts words that are too long for a message."""
    name = str(file.get("name") or file.get("title") or "file")
    text = (
        name.lower().endswith(TEXT_KINDS)
        or file.get("mode") == "snippet"
        or (file.get("filetype") in TEXT_TYPES)
    )
    url = str(file.get("url_private_download") or file.get("url_private") or "")
    size = file.get("size")
    return Given(name, url, size if isinstance(size, int) else 0, text)
