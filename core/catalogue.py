"""Every command there is, in the order in which help shows them."""

from __future__ import annotations

from functools import cache

from core.commands import Registry
from core.features import (
    answer,
    board,
    coach,
    correct,
    drops_ahead,
    group,
    group_link,
    guide,
    hear,
    history,
    home,
    me,
    me_data,
    me_link,
    me_settings,
    menu,
    packs,
    practice,
    read,
    remind,
    repost,
    review,
    review_write,
    reviews,
    revise,
    schedule,
    setup,
    share,
    state,
    streak,
)

FEATURES = (
    guide,
    menu,
    home,
    practice,
    answer,
    hear,
    read,
    revise,
    share,
    review,
    review_write,
    reviews,
    correct,
    coach,
    history,
    streak,
    board,
    remind,
    me,
    me_settings,
    me_link,
    me_data,
    setup,
    schedule,
    drops_ahead,
    group,
    group_link,
    packs,
    state,
    repost,
)


@cache
def registry() -> Registry:
    """All commands, declared and checked. Raises DeclarationError when one could not be shown somewhere."""
    return Registry(command for feature in FEATURES for command in feature.COMMANDS)
