"""Conversations on two platforms around one Starling: "ana" speaks on the first, "ana@far" on the second.

    two = await Two.begin(store, clock)          # "Night owls" has its home on the first platform
    code = code_in(await two("ana", "/me link"))
    await two("ana@far", f"/me link code: {code}", where=FAR)

The second platform has a channel (``FAR``) that is nobody's home to begin with.
"""

from __future__ import annotations

import re
from dataclasses import replace

from moved_clock import MovedClock
from talk import HOME, PLATFORM, Talk

from core.call import Where, Who
from core.delivery.outbox import Outbox
from core.dispatch import Dispatcher
from core.store import people
from core.store.engine import Store

FAR_PLATFORM = "far"
FAR = Where(FAR_PLATFORM, "workspace", "far-channel", "#interviews")
FAR_DIRECT = Where(FAR_PLATFORM)

_CODE = re.compile(r"[2-9BCDFGHJKLMNPQRSTVWXZ]{4}-[2-9BCDFGHJKLMNPQRSTVWXZ]{4}")


def code_in(reply: str) -> str:
    """The code that somebody was given."""
    found = _CODE.search(reply)
    assert found is not None, reply
    return found.group()


class Two(Talk):
    """Both platforms take posts: ``deliver`` says what went out, wherever to."""

    def __init__(self, store: Store, clock: MovedClock, group_id: int, home_id: int) -> None:
        super().__init__(store, clock, group_id, home_id)
        self.app = replace(
            self.app,
            platforms=(PLATFORM, FAR_PLATFORM),
            editing=frozenset((PLATFORM, FAR_PLATFORM)),
        )
        self.dispatcher = Dispatcher(self.app)
        self.outbox = Outbox(self.app, {PLATFORM: self.letterbox, FAR_PLATFORM: self.letterbox})

    def who(self, name: str, organiser: bool = False) -> Who:
        """ "ana", "ana@far", or "ana@far:T2" in another workspace there."""
        user, _, far = name.partition("@")
        platform, _, workspace = far.partition(":")
        shown = self.names.get(name, user.capitalize())
        return Who(platform or PLATFORM, user, shown, workspace=workspace, organiser=organiser)

    async def far(self, name: str, line: str, *, organiser: bool = False, direct: bool = False) -> str:
        """What ``name`` reads after typing ``line`` on the second platform, in its channel."""
        place = FAR_DIRECT if direct else FAR
        return await self(f"{name}@far", line, where=place, organiser=organiser)

    async def press_far(self, name: str, button: str, *, organiser: bool = False) -> str:
        return await self.press(f"{name}@far", button, where=FAR, organiser=organiser)

    async def link_accounts(self, maker: str = "ana", typer: str = "ana@far") -> str:
        """``maker`` makes a code on the first platform, ``typer`` types it in a direct message and says yes."""
        code = code_in(await self(maker, "/me link"))
        line = f"/me link code: {code} confirm: yes"
        return await self(typer, line, where=Where(self.who(typer).platform))

    async def link_groups(self, *, ask: bool = False) -> str:
        """An organiser makes the group's code in its home, and another types it in the far channel."""
        code = code_in(await self("boss", "/group link", organiser=True))
        confirm = "" if ask else " confirm: yes"
        return await self.far("chief", f"/group link code: {code}{confirm}", organiser=True)

    async def exists(self, person_id: int) -> bool:
        async with self.store.read() as tx:
            return await people.get_person(tx, person_id) is not None


__all__ = ["FAR", "FAR_DIRECT", "FAR_PLATFORM", "HOME", "Two", "code_in"]
