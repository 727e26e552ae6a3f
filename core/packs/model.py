"""What a pack is once it has been read: frozen dataclasses, safe to share and to keep.

An optional key that the file does not give is ``None`` (one value) or ``()`` (many). Text has no blanks at
its ends. Nothing here has been escaped for any platform.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from core.packs.vocabulary import LEVELS


@dataclass(frozen=True, slots=True)
class Reveal:
    """A detail that the candidate gets only by asking for it.

    ``ask`` is the topic (at most 75 characters: it stands on a button), ``words`` are what a question about
    it is likely to contain, and ``key`` marks the details without which the round goes astray.
    """

    id: str
    ask: str
    answer: str
    words: tuple[str, ...] = ()
    key: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One observable thing that this prompt alone asks for. ``label`` has at most 75 characters."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a prompt comes from. ``retrieved`` is a date as text."""

    title: str | None = None
    url: str | None = None
    license: str | None = None
    retrieved: str | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question. ``pack`` is the id of its pack, ``uid`` names it among all packs, for ever.

    ``levels`` is never empty (no level in the file means all five), in the order of ``LEVELS``; ``minutes``
    is the time set for an answer or a round.
    """

    pack: str
    id: str
    track: str
    text: str
    title: str | None = None
    url: str | None = None
    levels: tuple[str, ...] = LEVELS
    difficulty: str | None = None
    minutes: int | None = None
    competencies: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    audience: str | None = None
    follow_ups: tuple[str, ...] = ()
    reveal: tuple[Reveal, ...] = ()
    notes: str | None = None
    good: tuple[str, ...] = ()
    rubric: str | None = None
    checks: tuple[Check, ...] = ()
    source: Source | None = None
    was: tuple[str, ...] = ()
    retired: bool = False
    replaced_by: str | None = None

    @property
    def uid(self) -> str:
        """``pack/prompt``: what answers, reviews and the ledger of ids hang on."""
        return f"{self.pack}/{self.id}"


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as read from one file; ``sha256`` (hex) is of its bytes, ``updated`` is a date as text."""

    id: str
    version: str
    title: str
    license: str
    sha256: str
    prompts: tuple[Prompt, ...]
    language: str = "en"
    description: str | None = None
    authors: tuple[str, ...] = ()
    homepage: str | None = None
    updated: str | None = None

    @property
    def live(self) -> tuple[Prompt, ...]:
        """The prompts that may still be asked: all but the retired."""
        return tuple(prompt for prompt in self.prompts if not prompt.retired)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a rubric: observable, yes or no. ``label`` has at most 75 characters.

    ``step`` groups the items ("1" to "9", a letter of STAR, "+" for the whole round); ``seed`` names the rows
    of the coverage table that the item serves.
    """

    id: str
    label: str
    step: str = "+"
    seed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rubric:
    """What a reviewer ticks: at most ten items, in the order in which they are shown."""

    id: str
    title: str
    items: tuple[Item, ...] = field(default=())
