"""What every handler may use, built once by bot/build.py and carried by each Call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from core.ports import Clock, Places
from core.rules.scoring import PointRules

if TYPE_CHECKING:
    from core.coaching import Coaching
    from core.commands import Registry
    from core.packs.model import Rubric
    from core.store.engine import Store


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps that the operator may set. Characters, and commands a minute."""

    answer_characters: int = 20_000
    commands_a_minute: int = 30
    home_commands_a_minute: int = 600
    draft_life: timedelta = timedelta(hours=24)
    # Reminders that can go out in one minute, by platform: to the whole of Discord, to one Slack workspace.
    reminders_a_minute: Mapping[str, int] = field(default_factory=lambda: {"discord": 2_700, "slack": 300})


@dataclass(frozen=True, slots=True)
class Services:
    store: Store
    clock: Clock
    registry: Registry
    rubrics: Mapping[str, Rubric]
    points: PointRules = field(default_factory=PointRules)
    limits: Limits = field(default_factory=Limits)
    wake: Callable[[], None] = lambda: None  # tells the sender that something new stands in the outbox
    # Notes the accounts of somebody who is forgotten outside the database, before the deletion commits.
    erased: Callable[[Sequence[str]], None] = lambda account_keys: None
    platforms: tuple[str, ...] = ()  # those that run in this process: doctor names them
    editing: frozenset[str] = frozenset()  # of these, those whose messages can be rewritten
    places: Mapping[str, Places] = field(
        default_factory=dict
    )  # by platform: what may be done in which channel
    notes: Callable[[], Mapping[str, str]] = (
        dict  # facts of the process for doctor: version, data folder, tick
    )
    coach: Coaching | None = None  # the operator's language model, where one is connected
