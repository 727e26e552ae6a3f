"""What an outbox row says. A drop's content is read from its occurrence each time; a notice carries its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.cards import drop_card, prompt_blocks, prompt_buttons
from core.prompting import prompt_of_drop
from core.recaps import recap_for
from core.services import Services
from core.store import answers, occurrences, shares
from core.store.deliveries import Delivery
from core.views import Block, Button, Buttons, Message, Span, Text, Typed, View, words
from core.weekly import weekly_view

GONE = {
    "forbidden": "Starling may not post there: give it the right to see the channel and to send messages",
    "not_found": "the channel is gone",
    "archived": "the channel is archived",
    "not_invited": "Starling is not in the channel: invite it",
    "dm_closed": "direct messages from this server are closed",
    "revoked": "Starling was removed, or its token was revoked",
    "invalid": "the platform refused the message as it is",
}


def gone_words(reason: str, detail: str) -> str:
    sentence = GONE.get(reason, reason)
    return f"{sentence} ({detail})" if detail else sentence


async def content_of(app: Services, row: Delivery, shown_at: datetime | None = None) -> View:
    """The view that ``row`` carries. ``shown_at``: when the card was, for one that is written anew."""
    if row.kind == "weekly" and row.home_id is not None:
        return await weekly_view(app, row.home_id, (row.body or {})["week"])
    if row.occurrence_id is None:
        return _notice(row)
    async with app.store.read() as tx:
        drop = await occurrences.get_drop(tx, row.occurrence_id)
        assert drop is not None  # deleting an occurrence deletes its rows
        answered = await occurrences.answered_count(tx, drop.id)
        shared = await shares.shared_count(tx, drop.id)
        now = app.clock.now()
        closed = row.kind == "recap" or now >= drop.closes_at
        recap = await recap_for(tx, drop) if closed and drop.recap else None
    prompt = await prompt_of_drop(app, drop)
    if row.kind == "remind":
        assert drop.person_id is not None
        if row.attempt <= 1:  # a second try puts nothing new to anybody
            async with app.store.write() as tx:
                await answers.add_ask(tx, drop.person_id, prompt.id, None, now, drop.id)
        blocks: list[Block] = [
            Text(words("Your question of the day. Just a few sentences are fine."), style="note"),
            *prompt_blocks(prompt),
            prompt_buttons(prompt, f"d{drop.id}", extra=(Button("Switch reminders off", "remind off"),)),
        ]
        return Message(tuple(blocks), track=prompt.track)
    return drop_card(
        drop,
        prompt,
        answered=answered,
        now=shown_at or now,
        platform=row.platform,
        shared=shared,
        thread=drop.thread,
        recap=recap,
        closed=closed,
    )


def _notice(row: Delivery) -> Message:
    """``body``: {"text": paragraphs, "buttons": [[label, action], ...]}. A paragraph is a text, or a list of
    texts and {"typed": command to type}."""
    body = row.body or {}
    blocks: list[Block] = [Text(_spans(paragraph)) for paragraph in body.get("text", ())]
    if buttons := body.get("buttons"):
        blocks.append(Buttons(tuple(Button(label, action) for label, action in buttons)))
    return Message(tuple(blocks), private=row.person_id is not None)


def _spans(paragraph: str | Sequence[str | dict[str, str]]) -> tuple[Span, ...]:
    parts = [paragraph] if isinstance(paragraph, str) else paragraph
    return tuple(p if isinstance(p, str) else Typed(p["typed"]) for p in parts)


def plain_notice(body: dict[str, Any] | None) -> str:
    """What a notice says, as one line."""
    found = []
    for paragraph in (body or {}).get("text", ()):
        spans = _spans(paragraph)
        found.append(
            "".join(s if isinstance(s, str) else f"“{s.words}”" for s in spans if isinstance(s, str | Typed))
        )
    return " ".join(found)
