"""What a new version of a pack changes, and whether it keeps the promise that ids are never reused.

Answers, reviews and streaks hang on ``pack/prompt`` for ever. So an id stands for one question: it may be
reworded, retired and brought back, but not given to another question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.packs.document import read, shown
from core.packs.likeness import same_question
from core.packs.model import Pack, Prompt
from core.packs.problems import Problem


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of a prompt that was there before, be it retired or gone from its file since.

    ``text`` is the last one that was asked: a file may shorten the text of what it retires.
    """

    track: str
    text: str
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """Prompt ids by what happens to them, in the order of the new file (``removed``: of the old one).

    ``changed`` are reworded. ``removed`` are gone from the file: they are kept as retired. ``returned`` were
    retired and are asked again. ``renamed`` are pairs (former id, id) after the key ``was``; the former id is
    in ``removed`` or ``retired`` too. With any ``problems`` the version must be refused as a whole.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def any(self) -> bool:
        """Whether the prompts differ at all from what is known."""
        return bool(self.added or self.changed or self.retired or self.removed or self.returned)


def compare(old: Mapping[str, Known], new: Pack, *, source: bytes = b"", name: str = "") -> Changes:
    """Hold ``new`` against ``old``: everything ever known of that pack, by prompt id. Never raises.

    ``source`` and ``name`` are the bytes of the new file and what messages call it; without them problems
    stand at line 1 of the pack's id.
    """
    sorted_in: dict[str, list[str]] = {
        kind: [] for kind in ("added", "changed", "retired", "returned", "kept")
    }
    problems: list[Problem] = []
    lines = _lines(source)
    for prompt in new.prompts:
        known = old.get(prompt.id)
        if known is not None and (said := _reused(known, prompt)):
            place = f"prompt {prompt.id!r}"
            problems.append(Problem(name or new.id, lines.get(prompt.id, 1), place, f"{place}: {said}"))
        else:
            sorted_in[_kind(known, prompt)].append(prompt.id)
    still_there = {prompt.id for prompt in new.prompts}
    return Changes(
        added=tuple(sorted_in["added"]),
        changed=tuple(sorted_in["changed"]),
        retired=tuple(sorted_in["retired"]),
        removed=tuple(name for name, known in old.items() if name not in still_there and not known.retired),
        returned=tuple(sorted_in["returned"]),
        renamed=tuple(
            (former, prompt.id) for prompt in new.prompts for former in prompt.was if former in old
        ),
        problems=tuple(problems),
    )


def _kind(known: Known | None, prompt: Prompt) -> str:
    if known is None:
        return "added"
    if prompt.retired != known.retired:
        return "retired" if prompt.retired else "returned"
    return "kept" if prompt.retired or prompt.text == known.text else "changed"


def _reused(known: Known, prompt: Prompt) -> str:
    if prompt.track != known.track:
        before = f"a prompt of the track {known.track}"
    elif not prompt.retired and not same_question(known.text, prompt.text):
        before = f"another question, {shown(known.text)}"
    else:
        return ""
    return f'this id belongs to {before}; choose a new id and write was = ["{prompt.id}"]'


def _lines(source: bytes) -> dict[str, int]:
    document, _ = read(source, "") if source else (None, [])
    if document is None:
        return {}
    prompts = document.data.get("prompt")
    return {
        table["id"]: document.places.line(("prompt", index, "id"))
        for index, table in enumerate(prompts if isinstance(prompts, list) else ())
        if isinstance(table, dict) and isinstance(table.get("id"), str)
    }
