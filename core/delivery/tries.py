"""One row and its tries: where it goes, how long it is worth trying, what is remembered from one to the next."""

from __future__ import annotations

from core.ports import Target
from core.store.deliveries import QUESTIONS, Delivery
from core.store.rewrites import Card

RESENT = "sent again, since nothing showed whether it was there"


def target_of(row: Delivery, card: Card | None = None) -> Target:
    """``card``: what the row rewrites, which stands where it was posted."""
    channel_id = row.channel_id if row.person_id is None else row.dm_channel_id
    return Target(
        platform=row.platform,
        scope=row.scope,
        server_id=row.server_id,
        channel_id=card.channel_id or channel_id if card is not None else channel_id,
        user_id=row.user_id,
    )


def lasts(row: Delivery) -> bool:
    """A question comes late rather than not at all: an outage of some minutes must not cost a group its day."""
    return row.kind in (*QUESTIONS, "weekly")


def was_resent(row: Delivery) -> bool:
    """Whether it was sent once more although the first try may be there."""
    return row.reason.startswith(RESENT)


def noted(row: Delivery, reason: str) -> str:
    """``reason`` for a row that is to be tried again; that it was sent twice already is not forgotten over it."""
    return f"{RESENT}: {reason}" if was_resent(row) else reason
