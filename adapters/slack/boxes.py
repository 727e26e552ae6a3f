"""One text in several boxes, and the boxes as one text again. Pure.

Slack's boxes take 3,000 characters each. A further box's id says how it is joined to the one before: "text¶2n" is
the second box of the field "text", behind a line's end; "b" is a blank, nothing is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from adapters.fit import boundary, size
from adapters.slack import limits

BOXES = 20  # of one field: far more than any answer that is kept
_PART = re.compile(r"¶(\d+)([nb]?)\Z")
_JOINTS = {"n": "\n", "b": " ", "": ""}
LINE_END = "n"


def part_id(block_id: str, number: int, joint: str) -> str:
    """The id of box ``number`` (from 1) of the field whose first box is ``block_id``."""
    return block_id if number == 1 else f"{block_id}¶{number}{joint}"


def part_of(block_id: str) -> tuple[str, int, str]:
    """(the first box's id, number, joint) of a box."""
    found = _PART.search(block_id)
    return (block_id[: found.start()], int(found[1]), found[2]) if found else (block_id, 1, "")


def whole(parts: Iterable[tuple[int, str, str]]) -> str:
    """(number, joint, words) of a field's boxes as one text; an emptied box joins nothing."""
    text = ""
    for _, joint, piece in sorted(parts):
        text += (_JOINTS[joint] if text and piece else "") + piece
    return text


def pieces_of(text: str) -> tuple[list[tuple[str, str]], int]:
    """``text`` as boxes: (words, how they are joined to the box before); and how much found no box.

    Joined again, the boxes are ``text``.
    """
    found: list[tuple[str, str]] = []
    joint = ""
    while size(text) > limits.INPUT and len(found) < BOXES - 1:
        at, joint_after = _cut_at(text)
        found.append((text[:at], joint))
        text, joint = text[at + len(_JOINTS[joint_after]) :], joint_after
    kept = text
    while size(kept) > limits.INPUT:
        kept = kept[: boundary(kept, min(len(kept) - 1, limits.INPUT - (size(kept) - len(kept))))]
    return [*found, (kept, joint)], len(text) - len(kept)


def _cut_at(text: str) -> tuple[int, str]:
    """Where the first box ends, and the joint that stands there in ``text``."""
    at = min(len(text), limits.INPUT)
    while size(text[:at]) > limits.INPUT:
        at -= 1
    for joint in ("n", "b"):
        # not where more white space follows: a box that begins with it may lose it
        place = text.rfind(_JOINTS[joint], at // 2, at)
        while place > 0 and (text[place + 1].isspace() or text[place - 1].isspace()):
            place = text.rfind(_JOINTS[joint], at // 2, place)
        if place > 0:
            return place, joint
    return boundary(text, at) or at, ""
