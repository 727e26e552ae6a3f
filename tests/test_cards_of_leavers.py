"""Whoever hides, leaves or is forgotten is taken off the cards that stand in the channel already."""

from __future__ import annotations

import pytest
from moved_clock import MovedClock
from talk import ANSWER, PLATFORM, Letterbox, Talk

from core.delivery.outbox import Outbox
from core.ports import Outcome, Sent, Target
from core.store.engine import Store
from core.text import as_text
from core.views import View


class Wall(Letterbox):
    """Keeps what its cards say now, by message."""

    edits = True

    def __init__(self) -> None:
        super().__init__()
        self.cards: dict[str, str] = {}

    async def send(self, target: Target, view: View, key: str) -> Outcome:
        outcome = await super().send(target, view, key)
        if isinstance(outcome, Sent):
            self.cards[outcome.message_id] = as_text(view)
        return outcome

    async def edit(self, target: Target, message_id: str, view: View, key: str) -> Outcome:
        self.cards[message_id] = as_text(view)
        return Sent(message_id)


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    """A group with a question that opened at ten, and Ana's first answer to it."""
    talk = await Talk.begin(store, clock, packs=True)
    talk.reconfigure(editing=frozenset({PLATFORM}))
    talk.letterbox = Wall()
    talk.outbox = Outbox(talk.app, {PLATFORM: talk.letterbox})
    await talk("olga", "/drops add time: 10:00 zone: UTC recap: yes", organiser=True)
    talk.until("2026-03-03 10:00")
    await talk.deliver()
    await talk("ana", f"/answer text: {ANSWER}")
    return talk


async def card(talk: Talk) -> str:
    """What the first question's card says once its rewriting is due."""
    talk.clock.advance(seconds=20)
    await talk.deliver()
    assert isinstance(talk.letterbox, Wall)
    return talk.letterbox.cards["m1"]


async def test_an_open_card_counts_nobody_who_was_forgotten(talk: Talk) -> None:
    assert "1 member answered so far." in await card(talk)
    await talk("ana", "/me forget confirm: yes")
    assert "Nobody has answered yet." in await card(talk)


async def test_an_open_card_counts_no_shared_answer_of_somebody_who_left(talk: Talk) -> None:
    await talk.press("ana", "Share")
    await talk.press("ana", "With my name")
    assert "1 shared answer" in await card(talk)
    await talk("ana", "/me leave confirm: yes")
    assert "shared answer" not in await card(talk)


@pytest.mark.parametrize("way", ["/me hide hidden: yes", "/me leave confirm: yes", "/me forget confirm: yes"])
async def test_a_recap_that_stands_there_names_nobody_who_has_gone(talk: Talk, way: str) -> None:
    talk.until("2026-03-04 10:00")
    assert "Welcome to Ana, with a first answer." in await card(talk)
    await talk("ana", way)
    said = await card(talk)
    assert "Ana" not in said and "How the day went" in said


async def test_who_is_shown_again_is_named_again(talk: Talk) -> None:
    await talk("ana", "/me hide hidden: yes")
    talk.until("2026-03-04 10:00")
    assert "Ana" not in await card(talk)
    await talk("ana", "/me hide hidden: no")
    assert "Welcome to Ana" in await card(talk)
