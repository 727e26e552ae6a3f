"""The four ways to answer an interaction, each of which may be repeated without showing anything twice."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import discord
from discord.utils import _to_json  # as discord.py itself writes bodies
from discord.webhook.async_ import async_context, interaction_response_params

from adapters.discord.insist import insist
from adapters.discord.limits import EPHEMERAL
from adapters.discord.views import Payload, payload
from core.text import as_text
from core.views import Message, Text, View

THINKING, UPDATING, CHOICES, MODAL, SAY = 5, 6, 8, 9, 4  # callback types
ACKNOWLEDGE_WITHIN = 2.9  # seconds from when it arrived here; Discord waits for 3
EDIT_WITHIN = 60.0  # seconds that are spent on showing a result; its token lives for 15 minutes


class Responder:
    """Answers one interaction. Raises ``discord.HTTPException`` and ``insist.TooLate``."""

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        self._it = interaction
        self._arrived = time.monotonic()
        self.acknowledged_after: float | None = None  # seconds

    async def _first(self, kind: int, data: dict[str, Any] | None) -> None:
        """The one first answer. A repetition is told 40060, which is as good as "done"."""
        it, http = self._it, self._it._state.http
        params = interaction_response_params(kind, data)
        await insist(
            lambda: async_context.get().create_interaction_response(
                it.id,
                it.token,
                session=it._session,
                proxy=http.proxy,
                proxy_auth=http.proxy_auth,
                params=params,
            ),
            self._arrived + ACKNOWLEDGE_WITHIN - time.monotonic(),
        )
        self.acknowledged_after = time.monotonic() - self._arrived

    async def think(self, *, private: bool) -> None:
        """ "Starling is thinking ...": ``show`` follows. Privacy is settled here."""
        await self._first(THINKING, {"flags": EPHEMERAL} if private else None)

    async def hold(self) -> None:
        """Acknowledge a press whose message ``show`` is going to rewrite."""
        await self._first(UPDATING, None)

    async def open(self, modal: dict[str, Any]) -> None:
        await self._first(MODAL, modal)

    async def offer(self, choices: list[dict[str, str]]) -> None:
        await self._first(CHOICES, {"choices": choices})

    async def say(self, view: View, *, private: bool) -> None:
        """Answer at once, without files."""
        await self._first(SAY, payload(view, files=False, ephemeral=private).json)

    async def show(self, view: View) -> None:
        """Put ``view`` where "thinking" stands, or in the place of the message that was pressed."""
        drawn = payload(view, ephemeral=False)
        try:
            await insist(lambda: self._edit(drawn), EDIT_WITHIN)
        except discord.HTTPException as error:
            if error.status != 400:
                raise
            # Discord refuses the card for a reason of its own: its words are better than nothing.
            plain = payload(Message((Text((as_text(view),)),)), files=False, ephemeral=False)
            await insist(lambda: self._edit(plain), EDIT_WITHIN)

    async def whisper(self, view: View) -> None:
        """Show ``view`` to the asker alone after all, where "thinking" stands for everybody.

        Discord fixed who sees that message when it was put there, and lets the first follow-up take its place: so it
        goes first.
        """
        it, http = self._it, self._it._state.http

        async def clear() -> None:
            with contextlib.suppress(discord.NotFound):  # the answer to an earlier try was lost
                await async_context.get().delete_original_interaction_response(
                    it.application_id,
                    it.token,
                    session=it._session,
                    proxy=http.proxy,
                    proxy_auth=http.proxy_auth,
                )

        drawn = payload(view, ephemeral=True)

        async def follow() -> None:
            await async_context.get().execute_webhook(
                it.application_id,
                it.token,
                session=it._session,
                proxy=http.proxy,
                proxy_auth=http.proxy_auth,
                payload=None if drawn.files else drawn.json,
                multipart=multipart(drawn) if drawn.files else None,
                wait=True,
                with_components=True,
            )

        await insist(clear, EDIT_WITHIN)
        await insist(follow, EDIT_WITHIN)  # twice at worst, to one reader

    async def _edit(self, drawn: Payload) -> None:
        it, http = self._it, self._it._state.http
        # Not edit_webhook_message: it would write "%40original", which is another address to whatever stands between.
        await async_context.get().edit_original_interaction_response(
            it.application_id,
            it.token,
            session=it._session,
            proxy=http.proxy,
            proxy_auth=http.proxy_auth,
            payload=None if drawn.files else drawn.json,
            multipart=multipart(drawn) if drawn.files else None,
        )


def multipart(drawn: Payload) -> list[dict[str, Any]]:
    """A payload with files as the fields of a form; made anew for each try."""
    form: list[dict[str, Any]] = [
        {"name": "payload_json", "value": _to_json(drawn.json), "content_type": "application/json"}
    ]
    for number, (name, data, _) in enumerate(drawn.files):
        form.append(
            {
                "name": f"files[{number}]",
                "value": data,
                "filename": name,
                "content_type": "application/octet-stream",
            }
        )
    return form
