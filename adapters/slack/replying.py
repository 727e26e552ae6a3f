"""A reply in somebody's direct messages that is there once, also when Slack's word about it is lost."""

from __future__ import annotations

import asyncio
import time
from enum import StrEnum
from typing import Any

import structlog

from adapters.slack.calls import CANNOT_DRAW, Lost, Refused, insist
from adapters.slack.ids import EVENT_TYPE, key_in
from adapters.slack.uploading import share_files, uploaded
from adapters.slack.views import Payload, payload, plain
from adapters.slack.workspace import Workspace
from core.views import View

log = structlog.get_logger(__name__)

ANSWER_WITHIN = 60.0  # seconds spent on answering one message
LOOK_WITHIN = 15.0  # seconds of them spent on looking once
ARRIVING = 1.5  # seconds in which what was under way has arrived, so that looking for it tells
NO_THREAD = frozenset({"thread_not_found", "message_not_found", "cannot_reply_to_message"})
PAGE = 200  # messages of a thread that are looked through


class Seen(StrEnum):
    """What looking for a message of ours told."""

    THERE = "there"
    MISSING = "missing"
    HIDDEN = "hidden"  # Slack does not show what tells our messages apart


async def reply(workspace: Workspace, channel_id: str, thread_ts: str, view: View, key: str) -> None:
    """Show ``view`` in that thread. ``key`` (<= 25 characters) tells this reply from all others there.

    Where the thread is gone it stands by itself. Raises ``Refused``, and ``Lost`` when it cannot be
    known within a minute whether it is there.
    """
    ends = time.monotonic() + ANSWER_WITHIN
    drawn = payload(view, key=key)
    for _ in range(3):
        try:
            await _once(workspace, channel_id, thread_ts, drawn, key, ends)
        except Refused as error:
            if error.code in CANNOT_DRAW:
                log.warning(
                    "Slack refused a message; its text goes instead", why=error.code, detail=error.detail
                )
                drawn = payload(plain(view), key=key, files=False)
            elif error.code in NO_THREAD and thread_ts:
                thread_ts = ""  # its writer has deleted it
            else:
                raise
        else:
            return


async def _once(
    workspace: Workspace, channel_id: str, thread_ts: str, drawn: Payload, key: str, ends: float
) -> None:
    said = {**drawn.arguments, "blocks": drawn.placed(await uploaded(workspace.client, drawn))}
    if thread_ts:
        said["thread_ts"] = thread_ts
    while True:
        try:
            await insist(
                lambda: workspace.plain.chat_postMessage(channel=channel_id, **said),
                ends - time.monotonic(),
                again=False,
            )
            break
        except Lost:
            # Posting again at once could show it twice: it is looked for first.
            await asyncio.sleep(min(ARRIVING, max(0.0, ends - time.monotonic())))
            try:
                seen = await look_for(
                    workspace, channel_id, thread_ts, key, min(LOOK_WITHIN, ends - time.monotonic())
                )
            except Refused as error:  # it may not look there: whether the reply came is not known
                raise Lost(error.code) from None
            if seen is Seen.THERE:
                break
            if seen is Seen.HIDDEN or time.monotonic() >= ends:
                raise
    await share_files(workspace.client, drawn, channel_id, thread_ts)


async def look_for(workspace: Workspace, channel_id: str, thread_ts: str, key: str, seconds: float) -> Seen:
    """Whether the reply ``key`` stands in that thread, or ("") outside of any. Raises ``Refused`` and ``Lost``."""
    client = workspace.plain
    more: dict[str, Any] = {"limit": PAGE, "include_all_metadata": True}
    found = await insist(
        lambda: (
            # a thread begins with its oldest, a conversation with its newest
            client.conversations_replies(channel=channel_id, ts=thread_ts, oldest=oldest_of(key), **more)
            if thread_ts
            else client.conversations_history(channel=channel_id, **more)
        ),
        seconds,
    )
    ours = [m for m in found.get("messages") or () if m.get("user") == workspace.bot_user_id]
    if any(key_in(m) == key for m in ours):
        return Seen.THERE
    return Seen.HIDDEN if any(_hidden(m) for m in ours) else Seen.MISSING


def key_of(ts: str) -> str:
    """The key of the reply to the message ``ts``; no delivery has one like it."""
    return f"m{ts}"


def oldest_of(key: str) -> str:
    """The message that ``key`` answers: nothing before it is looked at."""
    return key[1:]


def _hidden(message: dict[str, Any]) -> bool:
    metadata = message.get("metadata") or {}
    return metadata.get("event_type") == EVENT_TYPE and not metadata.get("event_payload")
