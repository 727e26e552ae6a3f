"""Conversations with the real thing: lines in through the real Dispatcher, plain words out, a real store beneath.

    talk = await Talk.begin(store, clock)                 # a group "Night owls" with a home on platform "test"
    assert "Set" in await talk("ana", "/remind set time: 21:00")
    await talk.press("ana", "Switch off")                 # a button of what ana saw last, by its label
    await talk("ana", "/me show", direct=True)            # in a direct message
    assert await talk.deliver() == ["to ana: ..."]        # what the outbox sends by now

Names are whatever a test likes: each is one account, which joins the group with its first line there. Nobody
is asked for what is missing, as on a pipe, unless ``can_ask=True``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from moved_clock import MovedClock

from core.call import Request, Where, Who
from core.catalogue import registry
from core.delivery.outbox import Outbox
from core.dispatch import Dispatcher
from core.packs.load import starter_packs, starter_rubrics
from core.packs.model import Pack
from core.ports import Gone, Outcome, Sent, Target, WithoutMemory
from core.services import Services
from core.store import arrivals, people, prompts
from core.store.engine import Store
from core.text import as_text
from core.views import Buttons, Form, FormErrors, View, blocks_of

PLATFORM = "test"
HOME = Where(PLATFORM, "server", "channel", "#practice")
DIRECT = Where(PLATFORM)
# Twenty words and more, so that it counts.
ANSWER = (
    "I found the slow query, rewrote it with the team, and it became twice as fast for every customer we had."
)


class Letterbox(WithoutMemory):
    """A Sender that keeps what it is given. ``closed``: user and channel ids that take nothing."""

    def __init__(self) -> None:
        self.sent: list[tuple[Target, View]] = []
        self.closed: set[str] = set()

    async def send(self, target: Target, view: View, key: str) -> Outcome:
        if {target.user_id, target.channel_id} & self.closed:
            return Gone("dm_closed" if target.user_id else "forbidden")
        self.sent.append((target, view))
        return Sent(f"m{len(self.sent)}")


class Talk:
    """One group, as many people as are named. ``views`` holds what each of them saw last."""

    def __init__(self, store: Store, clock: MovedClock, group_id: int, home_id: int) -> None:
        self.store, self.clock = store, clock
        self.group_id, self.home_id = group_id, home_id
        self.wakes = 0
        self.erased: list[str] = []  # account keys of those who were forgotten
        self.letterbox = Letterbox()
        self.views: dict[str, View] = {}
        self.names: dict[str, str] = {}  # display names other than the capitalised name
        self.app = Services(
            store=store,
            clock=clock,
            registry=registry(),
            rubrics=starter_rubrics(),
            wake=self._wake,
            erased=self.erased.extend,
            platforms=(PLATFORM,),
        )
        self.dispatcher = Dispatcher(self.app)
        self.outbox = Outbox(self.app, {PLATFORM: self.letterbox})

    @classmethod
    async def begin(
        cls,
        store: Store,
        clock: MovedClock,
        *,
        group: str = "Night owls",
        zone: str = "Europe/Berlin",
        packs: bool = False,
    ) -> Talk:
        """Found the group; with ``packs`` the questions that Starling ships are there, too (a third of a second)."""
        async with store.write() as tx:
            group_id = await arrivals.create_group(tx, group, zone, clock.now())
            home_id = await arrivals.create_home(tx, group_id, HOME, clock.now())
            for pack in sorted(starter_packs(), key=_order) if packs else ():
                await prompts.install(tx, pack, None, clock.now())
        return cls(store, clock, group_id, home_id)

    def reconfigure(self, **changes: object) -> None:
        """Other Services from now on: ``reconfigure(limits=Limits(answer_characters=100))``."""
        self.app = replace(self.app, **changes)  # type: ignore[arg-type]
        self.dispatcher = Dispatcher(self.app)
        self.outbox = Outbox(self.app, {PLATFORM: self.letterbox})

    def _wake(self) -> None:
        self.wakes += 1

    # --- talking ------------------------------------------------------------------------------------------------

    async def __call__(
        self,
        name: str,
        line: str,
        *,
        direct: bool = False,
        where: Where | None = None,
        can_ask: bool = False,
        organiser: bool = False,
    ) -> str:
        """What ``name`` reads after typing ``line``, in the group's channel unless it says otherwise."""
        place = where or (DIRECT if direct else HOME)
        who = self.who(name, organiser)
        view = await self.dispatcher.line(line.removeprefix("/"), who, place, can_ask=can_ask)
        return self._shown(name, view)

    async def press(
        self,
        name: str,
        button: str,
        *,
        direct: bool = False,
        where: Where | None = None,
        can_ask: bool = True,
        organiser: bool = False,
    ) -> str:
        """Press a button of the last view ``name`` saw, by label; or any action id ("me leave now:group=1")."""
        action = self.buttons(name).get(button, button)
        place = where or (DIRECT if direct else HOME)
        view = await self.dispatcher.press(action, self.who(name, organiser), place, can_ask=can_ask)
        return self._shown(name, view)

    async def submit(
        self,
        name: str,
        values: Mapping[str, object],
        *,
        direct: bool = False,
        where: Where | None = None,
        organiser: bool = False,
    ) -> str:
        """Send the form ``name`` sees, as it is filled in, with ``values`` in place of what stood there."""
        form = self.form(name)
        filled: dict[str, object] = {f.name: f.value for f in form.fields}
        place = where or (DIRECT if direct else HOME)
        view = await self.dispatcher.press(
            form.action, self.who(name, organiser), place, {**filled, **values}, submitted=True
        )
        return self._shown(name, view)

    async def deliver(self) -> list[str]:
        """Let the outbox do its work now; what went out, as "to ana: ..." or "to channel: ..."."""
        before = len(self.letterbox.sent)
        await self.outbox.tick()
        new = self.letterbox.sent[before:]
        return [f"to {target.user_id or target.channel_id}: {as_text(view)}" for target, view in new]

    async def suggest(self, name: str, path: str, option: str, typed: str) -> list[tuple[str, str]]:
        """(label, value) of what is offered while ``name`` types a value of ``path``'s ``option``."""
        command = self.app.registry[path]
        found = command.option(option)
        assert found is not None and found.suggest is not None
        call = await self.dispatcher._call(command, Request(path, self.who(name), HOME))
        return [(choice.label, choice.value) for choice in await found.suggest(call, typed)]

    async def practise(self, name: str, text: str = ANSWER) -> str:
        """``name`` asks for a behavioural question and answers it; needs ``packs=True``."""
        await self(name, "practice track: behavioural")
        return await self(name, f"answer text: {text}")

    async def found(self, group: str, where: Where, zone: str = "Europe/Lisbon") -> int:
        """Another group with a home of its own; its number."""
        async with self.store.write() as tx:
            group_id = await arrivals.create_group(tx, group, zone, self.clock.now())
            await arrivals.create_home(tx, group_id, where, self.clock.now())
        return group_id

    def until(self, instant: str) -> None:
        """Let time pass until ``instant``, UTC: "2026-03-02 20:00"."""
        at = datetime.fromisoformat(instant).replace(tzinfo=UTC)
        self.clock.advance((at - self.clock.now()).total_seconds())

    # --- looking ------------------------------------------------------------------------------------------------

    def buttons(self, name: str) -> dict[str, str]:
        """Label -> action of the buttons ``name`` saw last."""
        found = (
            [b for b in blocks_of(self.views[name]) if isinstance(b, Buttons)] if name in self.views else []
        )
        return {button.label: button.action for block in found for button in block.items}

    def form(self, name: str) -> Form:
        """The form ``name`` has open."""
        match self.views[name]:
            case Form() as form:
                return form
            case FormErrors(form=form):
                return form
            case view:
                raise AssertionError(f"{name} sees no form but: {as_text(view)}")

    async def person(self, name: str) -> people.Person:
        """``name`` as the store knows them."""
        async with self.store.read() as tx:
            known = await people.look_up(tx, self.who(name), DIRECT)
        assert known is not None
        return known.person

    def who(self, name: str, organiser: bool = False) -> Who:
        """The account of ``name``: its user id is the name itself."""
        return Who(PLATFORM, name, self.names.get(name, name.capitalize()), organiser=organiser)

    def _shown(self, name: str, view: View) -> str:
        self.views[name] = view
        return as_text(view)


def _order(pack: Pack) -> tuple[bool, str]:
    """Behavioural first, as core.starters installs them: a group's first question is its pack's first prompt."""
    return pack.prompts[0].track != "behavioural", pack.id
