"""The machine's reading of a kept answer with its writer's corrections in it. Pure.

Corrections decide what is shown. What is earned goes by the machine's own reading (docs/rules.md, 5), which a
corrected checklist therefore keeps: each of its items has the machine's state beside the one that is shown.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from core.feedback import LABELS, TITLES, Check, Label, Reading, State, Tagged, read
from core.feedback.split import sentences as split
from core.feedback.tagger import guided
from core.store.answers import Answer
from core.store.corrections import Correction

SURE = 0.6  # below it a sentence's part is said as unsure; below a half the machine would bet against itself
PART_NAMES: Mapping[Label, str] = {
    "S": "Situation",
    "T": "Task",
    "A": "Action",
    "R": "Result",
    "O": "Other",
}
YOURS = "As you said."


@dataclass(frozen=True, slots=True)
class Decided:
    """What a writer decided about one answer: labels by number of the sentence from 0, and checklist items.

    ``places``: for each of those sentences the place at which its correction is kept.
    """

    labels: Mapping[int, Label]
    places: Mapping[int, str]
    checks: Mapping[str, Check]


def place_of(number: int) -> str:
    """Where the correction of a sentence is kept; ``number`` from 0."""
    return f"s{number}"


def mark_of(sentence: str) -> str:
    """Four letters by which a button knows again the sentence that it was made for."""
    return f"{zlib.crc32(sentence.encode('utf-8', 'replace')) & 0xFFFF:04x}"


def decided(corrections: Iterable[Correction], sentences: Sequence[str]) -> Decided:
    """``corrections`` as they apply to ``sentences``.

    A sentence is known by its words: where the text is cut into sentences otherwise than it was, the correction goes
    to the nearest sentence of the same words, and where there is none it waits.
    """
    labels: dict[int, Label] = {}
    places: dict[int, str] = {}
    checks: dict[str, Check] = {}
    for one in corrections:
        if one.place in TITLES and one.now in ("met", "missing"):
            checks[one.place] = Check(cast(State, one.now), one.sentence or None)
        elif one.place[:1] == "s" and one.place[1:].isdecimal() and one.now in LABELS:
            number = int(one.place[1:])
            same = [at for at, text in enumerate(sentences) if text == one.sentence and at not in labels]
            if same:
                nearest = min(same, key=lambda at: abs(at - number))
                labels[nearest], places[nearest] = one.now, one.place
    return Decided(labels, places, checks)


def sentences_of(answer: Answer) -> list[str]:
    """The sentences as ``read`` numbers them."""
    if answer.parts:
        return [each.text for each in guided(_parts(answer.parts))]
    return split(answer.text)


def _parts(parts: Mapping[str, str]) -> dict[Label, str]:
    return {label: parts[label] for label in LABELS if label in parts}


def read_answer(
    answer: Answer, question: str, level: str, corrections: Collection[Correction] = ()
) -> Reading:
    """The reading of ``answer`` with its writer's ``corrections``; without them the machine's own."""
    mine = decided(corrections, sentences_of(answer)) if corrections else Decided({}, {}, {})
    if answer.parts:
        return read(
            question=question,
            level=level,
            track=answer.track,
            parts=_parts(answer.parts),
            corrections=mine.labels,
            decided=mine.checks,
        )
    return read(
        answer.text,
        question=question,
        level=level,
        track=answer.track,
        corrections=mine.labels,
        decided=mine.checks,
    )


def is_sure(sentence: Tagged) -> bool:
    return sentence.confidence >= SURE


# --- checklists as they are kept ----------------------------------------------------------------------------------


def checklist_items(reading: Reading) -> list[dict[str, Any]]:
    """A reading's checks as kept: [{"key", "state", "quote"}], in the order in which they are shown."""
    return [
        {"key": key, "state": check.state, "quote": check.quote or ""}
        for key, check in reading.checks.items()
    ]


def corrected_items(
    reading: Reading, corrections: Collection[Correction], before: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The same of a reading with corrections, beside the machine's own states as they were ``before`` any of them."""
    machine = {item["key"]: machine_state(item) for item in before}
    decided_here = {one.place for one in corrections}
    return [
        item
        | {"machine": machine.get(item["key"], item["state"])}
        | ({"hint": YOURS} if item["key"] in decided_here else {})
        for item in checklist_items(reading)
    ]


def machine_state(item: Mapping[str, Any]) -> str:
    """What the machine said of a kept checklist item, whatever its writer says."""
    state: str = item.get("machine", item["state"])
    return state


def is_corrected(items: Iterable[Mapping[str, Any]]) -> bool:
    """Whether its writer had a say in a kept checklist, and it made a difference or was about an item."""
    return any(machine_state(item) != item["state"] or item.get("hint") == YOURS for item in items)


def met(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """The keys of the items that are met as shown."""
    return [item["key"] for item in items if item["state"] == "met"]


def machine_met(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """The keys of the items that the machine found met: all that points and boards go by."""
    return [item["key"] for item in items if machine_state(item) == "met"]


def as_read(items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A kept checklist as the machine had it, for others than its writer: without a sentence where they had a say."""
    return [{"key": item["key"], "state": machine_state(item), "quote": _own_quote(item)} for item in items]


def _own_quote(item: Mapping[str, Any]) -> str:
    theirs = machine_state(item) != item["state"] or item.get("hint") == YOURS
    return "" if theirs else item.get("quote") or ""
