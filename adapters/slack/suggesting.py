"""What is offered while somebody types into a box of a modal. Pure.

Slack's box takes only what stands in its list, so what was typed is offered as the list's last item: free text
stays possible. Whatever an option cannot carry whole is left out, never cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.slack import limits
from adapters.slack.boxes import part_of
from adapters.slack.controls import options_of
from adapters.slack.ids import original
from adapters.slack.modals import action_of
from adapters.slack.words import Json
from core.plain import clean_line
from core.views import Choice


def options_for(choices: Sequence[Choice], typed: str) -> Json:
    """What a ``block_suggestion`` is acknowledged with: ``choices``, and behind them the words themselves."""
    words = clean_line(typed)
    offered = [c for c in choices if options_of([c])][: limits.OPTIONS]
    if words and all(words not in (c.value, c.label) for c in offered) and options_of([Choice(words, words)]):
        offered = [*offered[: limits.OPTIONS - 1], Choice(words, words)]
    return {"options": list(options_of(offered))}


def asked_of(payload: Mapping[str, Any]) -> tuple[str, str, str]:
    """(the form's action, the field's name, what is typed so far) of a ``block_suggestion``."""
    name, _, _ = part_of(str(payload.get("block_id") or ""))
    return action_of(payload.get("view") or {}), original(name), str(payload.get("value") or "")
