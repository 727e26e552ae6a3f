"""What a look at one part of Starling brings: what is so, and what somebody should see to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.views import Button, Words

Facts = list[tuple[str, Words]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong and where, and the way out: a command where there is one, or ``buttons`` to press."""

    what: Words
    fix: Words
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    facts: tuple[tuple[str, Words], ...]
    findings: tuple[Finding, ...]


def part(title: str, facts: Facts, findings: Sequence[Finding]) -> Part:
    return Part(title, tuple(facts), tuple(findings))
