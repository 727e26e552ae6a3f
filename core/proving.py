"""Proving that a home takes posts: the test post, and what is said about it or about what stands in its way."""

from __future__ import annotations

from secrets import token_hex

from core.call import Call
from core.parse import action_id
from core.places import blocked, missing, noted
from core.ports import Access
from core.store import deliveries
from core.store.engine import Tx
from core.store.people import Home
from core.views import Block, Button, Buttons, Text, Typed, words


def ending(access: Access | None, home_id: int, name: str) -> tuple[Block, ...]:
    """What is missing and how to go on from there; or what comes next."""
    again = Button("Check again and post", action_id("testpost", home=home_id), "primary")
    if access is not None and blocked(access):
        return (*missing(access, name), *noted(access, name), Buttons((again, Button("Doctor", "doctor"))))
    following = words(
        "What next: if the test post does not appear, ",
        Typed("doctor"),
        " says why. ",
        Typed("drops add"),
        " plans more, ",
        Typed("drops preview"),
        " shows the next question.",
    )
    ways = Buttons((Button("Doctor", "doctor"), Button("Preview", "drops preview")))
    return (*noted(access, name), Text(following, style="note"), ways)


async def put_test_post(call: Call, tx: Tx, home: Home) -> None:
    """Into the outbox, due now. Each one is a new post: a test can be repeated."""
    await deliveries.put(
        tx,
        [
            deliveries.row(
                f"t{home.id}-{token_hex(6)}",
                "test",
                home_id=home.id,
                platform=home.platform,
                scope=deliveries.scope_of(home.platform, home.server_id),
                channel_id=home.channel_id,
                body={
                    "text": [
                        "This is Starling's test post. The group's question will appear here.",
                        "Everybody can begin now:",
                    ],
                    "buttons": [["Today's question", "today"], ["Practise", "practice"]],
                },
                due_at=call.now,
                not_before=call.now,
                expires_at=call.now + call.app.limits.draft_life,
            )
        ],
    )
