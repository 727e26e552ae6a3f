"""Keeping what a writer corrects: the correction and the checklist that follows from it, in one transaction."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.corrections import corrected_items, decided, machine_state, met, place_of, read_answer, sentences_of
from core.errors import NotFound
from core.feedback import Label, Reading
from core.store import answers, corrections, personal, prompts
from core.store.answers import Answer
from core.store.corrections import Correction
from core.store.engine import Tx
from core.store.prompts import StoredPrompt


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer laid open for its writer: the machine's own reading, and the one with their corrections.

    ``labels``: the sentences, by number from 0, that the corrections decide; ``places``: where each of these is kept.
    ``checks``: the checklist as it is kept.
    """

    answer: Answer
    prompt: StoredPrompt
    corrections: tuple[Correction, ...]
    machine: Reading
    reading: Reading
    labels: Mapping[int, Label]
    places: Mapping[int, str]
    checks: Sequence[Mapping[str, Any]]

    def correction_of(self, place: str) -> Correction | None:
        return next((one for one in self.corrections if one.place == place), None)

    def machine_state(self, key: str) -> str:
        """What the machine said of that item when it read the answer first."""
        return next(machine_state(item) for item in self.checks if item["key"] == key)

    def place_of(self, number: int) -> str:
        """Where the correction of that sentence (from 0) is kept, or would be."""
        return self.places.get(number) or self._free(number)

    def _free(self, number: int) -> str:
        """The sentence's own number, unless a correction stands there that belongs to another by now."""
        taken = {one.place for one in self.corrections}
        return next(place_of(n) for n in itertools.count(number) if place_of(n) not in taken)


async def open_answer(tx: Tx, found: Answer, level: str) -> Opened:
    """``found`` laid open. Raises NotFound when no STAR checklist of it is kept."""
    prompt = await prompts.get_prompt(tx, found.prompt_id)
    kept = await answers.get_checklist(tx, found.id)
    if prompt is None or kept is None or not kept.checks:
        raise NotFound(
            "There is no STAR checklist of that answer to correct. Where a reading could not be made, it is made at "
            "the next start.",
            example="history",
        )
    mine = tuple(await corrections.of(tx, found.id))
    # In a thread: a text of 20,000 characters takes a moment, and others are to be answered meanwhile.
    machine = await asyncio.to_thread(read_answer, found, prompt.text, level)
    reading = await asyncio.to_thread(read_answer, found, prompt.text, level, mine) if mine else machine
    by_hand = decided(mine, sentences_of(found))
    return Opened(found, prompt, mine, machine, reading, by_hand.labels, by_hand.places, kept.checks)


async def hold_writer(tx: Tx, person_id: int) -> None:
    """Nobody else corrects anything of theirs until the transaction ends."""
    await personal.hold(tx, person_id)


async def put(tx: Tx, opened: Opened, one: Correction, level: str, now: datetime) -> Opened:
    """Keep ``one``, and the checklist that follows from it; the answer as it is laid open now."""
    await corrections.put(tx, opened.answer.id, one, now)
    return await _settled(tx, opened, level)


async def undo(tx: Tx, opened: Opened, place: str | None, level: str) -> Opened:
    """Undo the correction of ``place``, or all of them (None), with what followed from it."""
    await corrections.remove(tx, opened.answer.id, place)
    return await _settled(tx, opened, level)


async def _settled(tx: Tx, before: Opened, level: str) -> Opened:
    """The kept checklist as the corrections have it now. No points move: they went by the machine's reading."""
    answer = before.answer
    after = await open_answer(tx, answer, level)
    items = corrected_items(after.reading, after.corrections, before.checks)
    now_met = met(items)
    earlier = await answers.earlier_checklists(tx, answer.person_id, answer.prompt_id, answer.attempt)
    ever = {key for row in earlier for key in row.met}
    newly = sum(key not in ever for key in now_met) if earlier else 0
    await corrections.set_checklist(tx, answer.id, items, now_met, newly)
    return dataclasses.replace(after, checks=items)
