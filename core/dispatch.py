"""The one road: find -> allow -> validate -> handle -> explain.

Typed commands, button presses and submitted forms all come through ``Dispatcher.run``. Whatever goes wrong
on the way ends in a view with a plain sentence; nothing is raised to an adapter but cancellation.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping

import structlog

from core import unsent
from core.call import Call, Request, Where, Who
from core.commands import (
    CHOICE_LABEL_LIMIT,
    CHOICE_LIMIT,
    Allow,
    Begin,
    Command,
    Kind,
    Option,
    Registry,
    begin,
)
from core.errors import BadOption, MissingOption, NotAllowed, StarlingError, TooMany, UsageError
from core.explaining import explain as explain
from core.kinds import example, read_value
from core.limits import Limiter
from core.lists import SUGGESTED_VALUE, lists
from core.parse import Parsed, parse, parse_action, unknown
from core.plain import clean_line, clean_text, count, shown
from core.services import Services
from core.store import arrivals, asides, people, told
from core.views import Choice, FormErrors, Message, Page, Text, View, say

log = structlog.get_logger(__name__)


class Dispatcher:
    """Takes requests from any adapter, in any order, many at once."""

    def __init__(self, app: Services) -> None:
        self.app = app
        self._persons = Limiter(app.limits.commands_a_minute, 60)
        self._homes = Limiter(app.limits.home_commands_a_minute, 60)

    @property
    def registry(self) -> Registry:
        return self.app.registry

    # --- making requests ------------------------------------------------------------------------------

    async def line(self, line: str, who: Who, where: Where, *, can_ask: bool = True) -> View:
        """What somebody typed, without the platform's prefix."""
        try:
            parsed = parse(self.registry, line)
        except StarlingError as error:
            return explain(error)
        return await self.run(request_of(parsed, who, where, can_ask=can_ask))

    async def press(
        self,
        action: str,
        who: Who,
        where: Where,
        values: Mapping[str, object] | None = None,
        *,
        can_ask: bool = True,
        submitted: bool = False,
    ) -> View:
        """A button's, select's or form's ``action``; ``values`` are the form's fields."""
        try:
            parsed = parse_action(self.registry, action)
        except StarlingError as error:
            return unsent.handed_back(explain(error), values or {}) if submitted else explain(error)
        request = request_of(parsed, who, where, can_ask=can_ask)
        merged = {**request.values, **(values or {})}
        return await self.run(dataclasses.replace(request, values=merged, submitted=submitted))

    def begins(self, request: Request) -> Begin:
        """How ``request`` has to be acknowledged; unknown paths are replied to.

        FORM: a required value is missing and can be asked for, so the view will be a Form, or a Message when
        something is wrong before that. A form that came back is never answered by opening one.
        """
        command = self.registry.get(request.path)
        if command is None:
            return Begin.REPLY
        if request.submitted or not request.can_ask:
            return Begin.THINK if command.slow else Begin.REPLY
        return begin(command, _given(request))

    def wrong(self, request: Request) -> dict[str, str]:
        """What is wrong with a form's values as far as they say so themselves: option -> sentence. Looks nothing up.

        Where errors have to be told with the acknowledgement of a form there is no time for more. Files are not
        looked at: they are not here yet.
        """
        command = self.registry.get(request.path)
        found: dict[str, str] = {}
        for name, raw in request.values.items() if command is not None else ():
            assert command is not None
            option = command.option(name)
            if option is None or option.kind is Kind.FILE or raw is None:
                continue
            if not option.required and _blank(raw):
                continue
            try:
                read_value(command, option, raw, self.app.clock.now())
            except StarlingError as error:
                found[name] = error.message
        if command is not None and command.together is not None and not found:
            found.update(command.together(request.values))
        return found

    async def suggest(
        self, command: Command, option: Option, typed: str, who: Who, where: Where
    ) -> tuple[Choice, ...]:
        """Values for ``option`` that fit what is typed so far; none where there is nothing to suggest.

        At most 25; labels have at most 75 characters. Of a list the last item is completed, the value is the whole.
        """
        typed = clean_line(typed)[:SUGGESTED_VALUE]
        if option.kind is Kind.MANY:
            return lists(option, typed)
        if option.suggest is None:
            return ()
        try:
            call = await self._call(command, Request(command.path, who, where))
            found = await option.suggest(call, typed)
            return tuple(
                dataclasses.replace(c, label=shown(c.label, CHOICE_LABEL_LIMIT)) for c in found[:CHOICE_LIMIT]
            )
        except Exception:
            log.exception("suggesting failed", path=command.path, option=option.name)
            return ()

    # --- the road -------------------------------------------------------------------------------------

    async def run(self, request: Request) -> View:
        """The view that answers ``request``. Never raises but CancelledError."""
        try:
            return await self._run(request)
        except Exception as error:  # noqa: BLE001 - the last wall before an adapter: explained, or logged and numbered
            if isinstance(error, StarlingError):
                self._withhold_example(request, error)
                said = explain(error, operator=request.who.platform == "console")
            else:
                said = self._broken(request.path)
            return await self._returned(request, error, said) if request.submitted else said

    def _withhold_example(self, request: Request, error: StarlingError) -> None:
        """How to type what only buttons and forms call is no example: it could not be typed."""
        command = self.registry.get(request.path)
        if command is None or command.typed or not isinstance(error, UsageError):
            return
        if (error.example or "").startswith(command.path):
            error.example = None

    def _broken(self, path: str) -> Message:
        """Called while an exception is handled: it goes to the log, with a number that the member can name."""
        number = secrets.token_hex(3)
        log.exception("handler failed", path=path, incident=number)
        return Message(
            (
                Text(
                    (
                        f"Something broke on our side (incident {number}). What was stored stays stored. "
                        "Please try once more; if it happens again, tell whoever runs Starling here the number.",
                    )
                ),
            )
        )

    async def _run(self, request: Request) -> View:
        command = self.registry.get(request.path)
        if command is None:
            raise unknown(self.registry, request.path)
        self._check_rate(request)
        call = await self._call(command, request)
        self._check_allowed(call)
        await self._check_organises(call)
        view = await self._handle(call)
        if request.submitted and call.drafts and not isinstance(view, FormErrors):
            await self._forget_draft(call)
        return await self._with_asides(call, view) if call.asides and not request.unasked else view

    # --- forms ----------------------------------------------------------------------------------------

    async def _returned(self, request: Request, error: Exception, said: Message) -> View:
        """A submitted form that ended in ``error``: the form again with every word, kept for a day.

        What cannot be kept is handed back as a file. Nothing that somebody typed is thrown away.
        """
        command = self.registry.get(request.path)
        if command is None:
            return unsent.handed_back(said, request.values)
        try:
            call = await self._call(command, request)
            return await unsent.returned(call, error, said)
        except Exception as second:  # the words go back by hand, whatever the reason
            if not isinstance(second, StarlingError):
                log.exception("keeping a form failed", path=request.path)
            return unsent.handed_back(said, request.values)

    async def _forget_draft(self, call: Call) -> None:
        try:
            await unsent.forget(call)
        except Exception:  # what was asked for is done: a draft too many is no reason to say otherwise
            log.exception("forgetting a draft failed", path=call.command.path)

    # --- asides ---------------------------------------------------------------------------------------

    async def _with_asides(self, call: Call, view: View) -> View:
        """``view`` below what could not be told to the person by message; only where nobody else reads it."""
        message = view.message if isinstance(view, Page) else view
        if not isinstance(message, Message) or not message.private or not message.blocks:
            return view
        if not (call.command.private or call.request.where.direct):
            return view  # a public command's reply, whatever its view says
        try:
            async with self.app.store.write() as tx:
                notes = await asides.take(tx, call.person.id)
        except Exception:  # they are told with the next reply
            log.exception("asides failed", path=call.command.path)
            return view
        blocks = (*(Text((note,), style="note") for note in notes), *message.blocks)
        told = dataclasses.replace(message, blocks=blocks)
        return dataclasses.replace(view, message=told) if isinstance(view, Page) else told

    # --- the handler ----------------------------------------------------------------------------------

    async def _handle(self, call: Call) -> View:
        command, request = call.command, call.request
        values = {}
        for name, raw in request.values.items():
            option = command.option(name)
            if option is None:
                raise BadOption(
                    f"“{command.path}” has no option “{name}:”.", option=name, example=example(command)
                )
            if raw is None or (request.submitted and not option.required and _blank(raw)):
                continue
            if raw == "" and request.can_ask and not request.submitted:
                continue  # nothing at all: as missing as what was left out (``begins`` says so, too)
            values[name] = read_value(command, option, raw, call.now)
        call = dataclasses.replace(call, values=values)
        if begin(command, values) is Begin.FORM:
            missing = next(o for o in command.options if o.required and o.name not in values)
            if request.can_ask and not request.submitted:
                return await unsent.opened(call, _given(request))
            raise MissingOption(
                f"“{missing.name}:” is missing: {_lower_first(missing.help)}.",
                option=missing.name,
                example=example(command, missing),
            )
        return await (self._handle_once if command.once and request.once else command.handler)(call)

    async def _handle_once(self, call: Call) -> View:
        """Two processes may be told of one act, and one of them again after a start: it is done once.

        What was refused may be told again; where the process ended in the middle, nobody does it a second time.
        """
        act = act_of(call.request)
        async with self.app.store.write() as tx:
            new = await told.is_new(tx, act, call.now)
        if not new:
            return say("That came twice and is done once. If nothing came of it, please send it anew.")
        try:
            view = await call.command.handler(call)
        except StarlingError:
            await self._not_done(act)
            raise
        if isinstance(view, FormErrors):
            await self._not_done(act)
        return view

    async def _not_done(self, act: str) -> None:
        async with self.app.store.write() as tx:
            await told.forget(tx, act)

    # --- who and where --------------------------------------------------------------------------------

    async def _call(self, command: Command, request: Request) -> Call:
        now = self.app.clock.now()
        who, where = request.who, request.where
        async with self.app.store.read() as tx:
            known = await people.look_up(tx, who, where)
        if known is None or known.stale(who, where):
            async with self.app.store.write() as tx:
                known = await arrivals.arrive(tx, who, where, now)
        return Call(
            app=self.app,
            command=command,
            request=request,
            values={},
            person=known.person,
            group=known.group,
            home=known.home,
            member=known.member,
            now=now,
            asides=known.asides,
            drafts=known.drafts,
        )

    def _check_rate(self, request: Request) -> None:
        """The console is one's own machine: nobody is kept waiting there."""
        if request.who.platform == "console" or request.missed or request.unasked:
            return
        now = self.app.clock.now()
        wait = self._persons.wait(
            f"{request.who.platform}:{request.who.workspace}:{request.who.user_id}", now
        )
        if request.where.server_id and not wait:
            wait = self._homes.wait(f"{request.where.platform}:{request.where.server_id}", now)
        if wait:
            raise TooMany(
                f"That was a lot at once. Please try again in {count(max(1, round(wait)), 'second')}."
            )

    @staticmethod
    def _check_allowed(call: Call) -> None:
        allow = call.command.allow
        if allow is Allow.ANYONE:
            return
        if allow is Allow.ORGANISER and not call.request.who.organiser:
            raise NotAllowed(
                f"“{call.command.path}” is for the organisers of this group. Ask one of them to do it."
            )
        if call.group is None and not call.command.founds:
            raise NotAllowed(
                "There is no study group here yet. An organiser sets one up with “setup”, in the channel where the "
                "questions should appear."
                if not call.request.where.direct
                else "You are in no study group yet. Use a command in your group's channel first."
            )

    async def _check_organises(self, call: Call) -> None:
        """In a direct message the group is the one that the person chose, which may live in another place altogether.

        Who organises a workspace organises the groups in it, and none of which they are a mere member elsewhere.
        """
        who, group = call.request.who, call.group
        if call.command.allow is not Allow.ORGANISER or not call.request.where.direct or group is None:
            return
        if who.platform == "console":  # the machine's owner
            return
        async with self.app.store.read() as tx:
            homes = await people.homes_of(tx, group.id)
        if not any(h.platform == who.platform and who.workspace in ("", h.server_id) for h in homes):
            raise NotAllowed(
                f"“{call.command.path}” is for the organisers of {group.name}, which has no channel here. Type it in "
                "one of the group's channels."
            )


def request_of(parsed: Parsed, who: Who, where: Where, *, can_ask: bool = True) -> Request:
    return Request(path=parsed.command.path, who=who, where=where, values=parsed.values, can_ask=can_ask)


def act_of(request: Request) -> str:
    """Tells this very act from every other one."""
    who = request.who
    return f"{who.platform}:{who.workspace}:{request.path}:{request.once}"


def _given(request: Request) -> list[str]:
    return [name for name, value in request.values.items() if value is not None and value != ""]


def _blank(raw: object) -> bool:
    """A field that was left empty, or holds nothing that can be seen."""
    return isinstance(raw, str) and not clean_text(raw)


def _lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")
