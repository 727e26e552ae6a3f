"""Pictures and files on their way into a workspace. What cannot be uploaded is left out and logged, never raised.

A picture belongs to nobody's conversation until a message shows it: it is uploaded without a channel and named in
the message's blocks. Slack looks through an upload before a block may name it, and says so by its ``mimetype``.
"""

from __future__ import annotations

import asyncio

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.calls import code_of
from adapters.slack.uploads import Upload
from adapters.slack.views import Payload

log = structlog.get_logger(__name__)

PATIENCE = 10.0  # seconds for all pictures of a message together, and for all its files
LOOKS = (0.2, 0.4, 0.8, 1.0, 1.5, 2.0)  # seconds before each look whether Slack is through with a picture
BLIND_WAIT = 2.0  # seconds instead, where Slack does not let us look


async def uploaded(client: AsyncWebClient, payload: Payload) -> dict[int, str]:
    """Upload the pictures of ``payload``, for its ``placed``: number in ``files`` -> Slack's file id.

    A failure, or a picture that Slack is not through with in time, leaves the number out. Needs files:write, and
    files:read to see when a picture may be shown.
    """
    pictures = [(number, file) for number, file in enumerate(payload.files) if file.alt]
    found = await asyncio.gather(*(_picture(client, file) for _, file in pictures))
    return {number: file_id for (number, _), file_id in zip(pictures, found, strict=True) if file_id}


async def share_files(client: AsyncWebClient, payload: Payload, channel_id: str, thread_ts: str = "") -> bool:
    """Share what is no picture in the channel, or in a thread there. False when that failed or is not known."""
    files = [
        {"filename": file.name, "file": file.data, "title": file.title}
        for file in payload.files
        if not file.alt
    ]
    if not files:
        return True
    try:
        async with asyncio.timeout(PATIENCE):
            await client.files_upload_v2(file_uploads=files, channel=channel_id, thread_ts=thread_ts or None)
    except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("files could not be shared", files=len(files), error=_said(error))
        return False
    return True


async def _picture(client: AsyncWebClient, file: Upload) -> str:
    """Its id, or "" when it cannot be shown."""
    try:
        async with asyncio.timeout(PATIENCE):
            done = await client.files_upload_v2(
                filename=file.name, file=file.data, title=file.title, alt_txt=file.alt
            )
            (made,) = done["files"]
            file_id = str(made["id"])
            if made.get("mimetype") or await _looked_through(client, file_id):
                return file_id
            why = "Slack is still looking through it"
    except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
        why = _said(error)
    log.warning("a picture is left out", error=why, bytes=len(file.data))
    return ""


async def _looked_through(client: AsyncWebClient, file_id: str) -> bool:
    """Wait until Slack is through with it; whether it is."""
    for seconds in LOOKS:
        await asyncio.sleep(seconds)
        try:
            said = await client.files_info(file=file_id)
        except SlackApiError as error:
            if code_of(error)[0] != "missing_scope":
                raise
            await asyncio.sleep(BLIND_WAIT)
            return True
        if said["file"].get("mimetype"):
            return True
    return False


def _said(error: Exception) -> str:
    return code_of(error)[0] if isinstance(error, SlackApiError) else type(error).__name__
