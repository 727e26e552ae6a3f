"""Forms that are the same for everybody, kept at hand: a form has to be shown within three seconds of the press.

Two hundred members who press Answer at once would otherwise wait for two hundred look-ups before they see a box
to write in. What a form shows stands on the card they pressed; who may send it is checked when it is sent.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from core.views import Form, FormErrors, View

KEPT = 512  # forms, the longest unused go first
KEPT_FOR = 600.0  # seconds: a corrected prompt is shown corrected after that
REFUSED_FOR = 24 * 3600.0  # seconds that a refused form's words are kept by core
Key = tuple[str, str]
"""A form's action and the server it was opened in."""
Opened = tuple[View, dict[str, Any] | None]
"""A view, and what it is as the platform's modal; None for what is no form to fill in."""
Draw = Callable[[Form | FormErrors], dict[str, Any]]


class Shelf:
    """``open`` gives a form at once when it is at hand, else the view that ``make`` made, drawn by ``draw``."""

    def __init__(self, draw: Draw, clock: Callable[[], float] = time.monotonic) -> None:
        self._draw = draw
        self._clock = clock
        self._forms: OrderedDict[Key, tuple[float, Opened]] = OrderedDict()
        self._making: dict[Key, asyncio.Future[None]] = {}
        self._refused: OrderedDict[tuple[str, str], float] = OrderedDict()

    def refuse(self, user_id: str, action: str) -> None:
        """``user_id`` has words waiting in this form: theirs is not like everybody's for a day."""
        self._refused[user_id, action] = self._clock()
        while len(self._refused) > 20 * KEPT:
            self._refused.popitem(last=False)

    def takes(self, user_id: str, action: str) -> bool:
        """Whether ``user_id`` may have the common form."""
        refused = self._refused.get((user_id, action))
        return refused is None or self._clock() - refused > REFUSED_FOR

    async def open(self, key: Key, make: Callable[[], Awaitable[View]]) -> Opened:
        """The form for ``key``, or what is said instead of it. Many at once make it once."""
        found = self._forms.get(key)
        if found is not None and self._clock() - found[0] < KEPT_FOR:
            self._forms.move_to_end(key)
            return found[1]
        making = self._making.get(key)
        if making is not None:
            await asyncio.wait({making})
            if (found := self._forms.get(key)) is not None:
                return found[1]
            return self.opened(await make())  # what the first one got was theirs alone
        made = self._making[key] = asyncio.get_running_loop().create_future()
        try:
            view = await make()
            form = self.opened(view)
            if isinstance(view, Form) and _empty(view):
                self._forms[key] = (self._clock(), form)
                while len(self._forms) > KEPT:
                    self._forms.popitem(last=False)
        finally:
            del self._making[key]
            made.set_result(None)
        return form

    def opened(self, view: View) -> Opened:
        return view, self._draw(view) if isinstance(view, Form | FormErrors) else None


def _empty(form: Form) -> bool:
    """Nothing in it is anybody's: words that one member had typed before must never reach another."""
    return not any(f.value for f in form.fields)
