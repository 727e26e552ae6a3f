"""What people do on Slack -> a request, acknowledged at once, and its view -> shown where they are.

Slack waits three seconds for the acknowledgement, and a press can open a form for as long; whatever the database or
two hundred others do meanwhile (docs/decisions/0007-acknowledge-first.md). What is wrong with a form belongs on its
fields, and can be said there with the acknowledgement alone: what can be told without looking anything up is, and
forms that do not come by the hundred are worked on first, for a moment (docs/decisions/0010-slack-forms.md).
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import Any, Protocol

import aiohttp
import structlog

from adapters.drawing import message_of
from adapters.rush import Rush
from adapters.shelf import Opened, Shelf
from adapters.slack import told
from adapters.slack.calls import Lost, Refused
from adapters.slack.modals import Uploaded, about_of, errors, modal, values_of
from adapters.slack.people import People
from adapters.slack.reading import words_of
from adapters.slack.responder import Place, Responder
from adapters.slack.suggesting import asked_of, options_for
from adapters.slack.told import Asked, Body, Here
from adapters.slack.workspace import Workspace
from core.call import Attachment, Request, Where
from core.commands import Allow, Begin
from core.dispatch import Dispatcher, explain
from core.errors import StarlingError
from core.parse import parse_action
from core.plain import clean_name
from core.unsent import handed_back
from core.views import FormErrors, Message, View

log = structlog.get_logger(__name__)

FILE_BYTES = 1024 * 1024  # of a file that a command takes: packs, the largest, are held to it as well
FORM_WITHIN = 2.0  # seconds: a form that takes longer is offered by a button instead
TAKE_WITHIN = 2.0  # seconds that a form which does not come by the hundred is worked on before it closes
SUGGEST_WITHIN = 2.0  # seconds
GUESSED = 100  # characters: a line that is no command and longer than this was work to type
SEEN = 4096  # newest acts that are known to have been handled: Slack repeats what it holds for lost

UNREADABLE = (LookupError, TypeError, AttributeError, ValueError)
"""What reading raises for what Slack does not send."""

Ack = Callable[..., Awaitable[Any]]
Watch = Callable[[str, float], None]
"""Told the outcome ("shown", "late", "failed") and the seconds to the acknowledgement."""


class Tasks(Protocol):
    """Whoever keeps work under way, and waits for it at a stop."""

    def begin(self, work: Coroutine[Any, Any, None], name: str) -> None: ...


class Seen:
    """Ids of what was handled. Slack repeats an event, an envelope, a request whose answer it has not seen."""

    def __init__(self, most: int = SEEN) -> None:
        self._most = most
        self._ids: OrderedDict[str, None] = OrderedDict()

    def again(self, one: str) -> bool:
        """Whether ``one`` was there before; it is from now on. "" never was."""
        if not one:
            return False
        if one in self._ids:
            return True
        self._ids[one] = None
        while len(self._ids) > self._most:
            self._ids.popitem(last=False)
        return False

    def forget(self, one: str) -> None:
        """``one`` was not taken: the same may come again."""
        self._ids.pop(one, None)


class Interactions:
    """Of one workspace: commands, presses, forms, shortcuts and suggestions. Methods never raise but CancelledError."""

    def __init__(
        self,
        workspace: Workspace,
        dispatcher: Dispatcher,
        people: People,
        responder: Responder,
        tasks: Tasks,
        rush: Rush,
        *,
        changed: Callable[[str], None] = lambda user_id: None,
        watch: Watch = lambda outcome, seconds: None,
    ) -> None:
        self._of = workspace
        self._dispatcher = dispatcher
        self._people = people
        self._responder = responder
        self._tasks = tasks
        self._rush = rush
        self._changed = changed
        self._watch = watch
        self._seen = Seen()
        self._shelf = Shelf(modal)

    @property
    def _here(self) -> Here:
        return Here(self._of.team_id, self._of.team_name)

    def recall(self, unsent: Iterable[tuple[str, str]]) -> None:
        """(user id, a form's action) of those with words waiting since before this process."""
        for user_id, action in unsent:
            self._shelf.refuse(user_id, action)

    # --- what bolt calls ----------------------------------------

    async def command(self, ack: Ack, body: Body) -> None:
        await self._answer(ack, body, told.slash, "command")

    async def action(self, ack: Ack, body: Body) -> None:
        await self._answer(ack, body, told.press, "press")

    async def shortcut(self, ack: Ack, body: Body) -> None:
        await self._answer(ack, body, told.shortcut, "shortcut")

    async def options(self, ack: Ack, body: Body) -> None:
        """What fits to what is typed into a field. No suggestions are better than none in time."""
        try:
            async with asyncio.timeout(SUGGEST_WITHIN):
                found = await self._suggested(body)
        except (StarlingError, TimeoutError, *UNREADABLE) as error:
            log.info("nothing was suggested", error=type(error).__name__)
            found = {"options": []}
        except Exception:
            log.exception("suggesting failed")
            found = {"options": []}
        await ack(**found)

    async def closed(self, ack: Ack, body: Body) -> None:
        await ack()

    async def view(self, ack: Ack, body: Body) -> None:
        """A form that was sent. Errors that are known without looking anything up stand on its fields at once."""
        began = time.monotonic()
        busy = self._rush.busy
        with self._rush.first():
            asked = await self._sent(ack, body, began)
            if asked is not None and (asked.command.common_form or busy):
                await ack()
                self._begin(self._whole(asked), "form", began)
                asked = None
        if asked is not None:
            await self._before_closing(ack, asked, body, began)

    async def _sent(self, ack: Ack, body: Body, began: float) -> Asked | None:
        """What a form asks for; None when that is dealt with, and acknowledged."""
        if told.asks_nothing(body["view"]) or self._seen.again(_once(body)):
            await ack()
            return None
        try:
            asked = told.form(self._dispatcher.registry, body, self._here)
        except StarlingError as error:  # a form of another version: its words go back as a file
            await ack()
            said = handed_back(explain(error), values_of(body["view"].get("state") or {}))
            place = Place.returned(str(body["user"]["id"]), {}, "")
            self._begin(self._shown(place, said), "old form", began)
            return None
        except UNREADABLE as error:
            await ack()
            _unreadable("form", error)
            return None
        wrong = told.on_fields(body["view"], self._dispatcher.wrong(asked.request))
        if wrong:
            self._seen.forget(_once(body))
            await ack(response_action="errors", errors=wrong)
            self._watch("shown", time.monotonic() - began)
            return None
        return asked

    async def _before_closing(self, ack: Ack, asked: Asked, body: Body, began: float) -> None:
        """Work on the form while it is open: what is wrong is said on it. It closes when that takes too long."""
        loop = asyncio.get_running_loop()
        made: asyncio.Future[View] = loop.create_future()
        closed: asyncio.Future[bool] = loop.create_future()

        async def work() -> None:
            try:
                view = await self._work(asked)
                made.set_result(view)
            finally:
                made.cancel()
            if await closed:
                await self._show(asked, view)

        self._begin(work(), "form", began)
        wrong: dict[str, str] = {}
        try:
            await asyncio.wait({made}, timeout=TAKE_WITHIN)
            view = made.result() if made.done() and not made.cancelled() else None
            if isinstance(view, FormErrors):
                wrong = errors(view) or told.on_fields(body["view"], view.errors)
            if wrong:
                self._seen.forget(_once(body))
                await ack(response_action="errors", errors=wrong)
            else:
                await ack()
        finally:
            closed.set_result(not wrong)

    # --- answering ----------------------------------------

    async def _answer(
        self, ack: Ack, body: Body, read: Callable[[Any, Body, Here], Asked], kind: str
    ) -> None:
        began = time.monotonic()
        with self._rush.first():
            again = self._seen.again(_once(body))
            await ack()
        if again:
            return
        try:
            asked = read(self._dispatcher.registry, body, self._here)
        except StarlingError as error:  # words that are no command, a button of another version
            said = explain(error)
            # Slack does not keep what was typed
            if len(line := words_of(str(body.get("text") or ""))) > GUESSED:
                said = handed_back(said, {"": line})
            self._begin(self._shown(_place_of(body), said), kind, began)
            return
        except UNREADABLE as error:
            _unreadable(kind, error)
            return
        self._begin(self._whole(asked), kind, began)

    def _begin(self, work: Coroutine[Any, Any, None], kind: str, began: float) -> None:
        self._tasks.begin(self._safely(work, kind, time.monotonic() - began), f"starling slack {kind}")

    async def _safely(self, work: Coroutine[Any, Any, None], kind: str, acknowledged: float) -> None:
        outcome = "failed"
        try:
            await work
            outcome = "shown"
        except Lost as error:
            outcome = "late"
            log.warning("Slack did not take an answer in time", kind=kind, why=str(error))
        except Refused as error:
            log.warning("Slack refused an answer", kind=kind, code=error.code, detail=error.detail)
        except Exception:
            log.exception("answering failed", kind=kind)
        finally:
            self._watch(outcome, acknowledged)

    async def _shown(self, place: Place, view: View) -> None:
        await self._responder.show(place, view, private=True)

    async def _whole(self, asked: Asked) -> None:
        if self._dispatcher.begins(asked.request) is Begin.FORM:
            with self._rush.first():
                view = await self._opened(asked)
            if view is None:
                return
        else:
            view = await self._work(asked)
        await self._show(asked, view)

    async def _show(self, asked: Asked, view: View) -> None:
        self._changed(asked.place.user_id)
        if isinstance(view, Message) and not view.blocks:
            return
        # A command for everybody may have an answer that is its reader's alone (a hidden member's board, a refusal).
        private = asked.private or message_of(view).private
        await self._responder.show(asked.place, view, private=private, replaces=asked.replaces)

    async def _opened(self, asked: Asked) -> View | None:
        """None once the form is open; else what is shown instead, with a button that opens it."""
        running = asyncio.ensure_future(self._form(asked))
        seconds = FORM_WITHIN if asked.place.view_id else min(FORM_WITHIN, asked.place.in_time)
        try:
            done, _ = await asyncio.wait({running}, timeout=max(0.0, seconds))
            view, form = await running
        finally:
            running.cancel()
        if form is None or not done:
            return view
        about = asked.place.travelling()
        if not asked.request.where.direct:
            about["name"] = asked.request.where.name.removeprefix("#")
        return None if await self._responder.open(asked.place, _travelling(form, about)) else view

    async def _form(self, asked: Asked) -> Opened:
        request = asked.request
        if not asked.common or not self._shelf.takes(request.who.user_id, asked.common):
            return self._shelf.opened(await self._run(await self._known(asked), request.values))
        key = (asked.common, request.where.server_id)

        async def make() -> View:
            return await self._run(await self._known(asked), request.values)

        return await self._shelf.open(key, make)

    async def _work(self, asked: Asked) -> View:
        """Run the request, after the acknowledgements that are under way and those that come right behind."""
        async with self._rush.work():
            known = await self._known(asked)
            try:
                values = await self._with_files(asked.request.values)
            except StarlingError as error:
                # Not even begun: the words beside the file go back to whoever typed them.
                return handed_back(explain(error), asked.request.values)
            return await self._run(known, values)

    async def _known(self, asked: Asked) -> Request:
        """The request by somebody with a name, and with the right to organise where the command asks for it."""
        stranger = asked.request.who
        organising = asked.command.allow is Allow.ORGANISER
        channel_id = "" if asked.request.where.direct else asked.request.where.channel_id
        who = await self._people.who(
            stranger.user_id, stranger.name, surely=organising, channel_id=channel_id
        )
        return dataclasses.replace(asked.request, who=who)

    async def _run(self, request: Request, values: Mapping[str, object]) -> View:
        view = await self._dispatcher.run(dataclasses.replace(request, values=values))
        if isinstance(view, FormErrors):
            self._shelf.refuse(request.who.user_id, view.form.action)
        return view

    async def _suggested(self, body: Body) -> dict[str, Any]:
        action, name, typed = asked_of(body)
        parsed = parse_action(self._dispatcher.registry, action)
        option = parsed.command.option(name)
        if option is None:
            return {"options": []}
        user = body["user"]
        who = await self._people.who(str(user["id"]), self._here.who(user).name)
        about = about_of(body["view"])
        channel_id = about.get("channel", "")
        where: Where = self._here.where(channel_id, direct="direct" in about or not channel_id)
        choices = await self._dispatcher.suggest(parsed.command, option, typed, who, where)
        return options_for(choices, typed)

    async def _with_files(self, values: Mapping[str, object]) -> dict[str, object]:
        """``values`` with the bytes of the files in them. Raises StarlingError for one that cannot be had."""
        found = dict(values)
        for name, value in values.items():
            if isinstance(value, Uploaded):
                found[name] = await self._read(value)
        return found

    async def _read(self, file: Uploaded) -> Attachment:
        if file.size > FILE_BYTES:
            raise StarlingError(
                f"That file is over {FILE_BYTES // 1024 // 1024} MiB. Please send a smaller one."
            )
        try:
            data = await self._of.fetch(file.url, FILE_BYTES)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            log.warning("a file could not be fetched", error=type(error).__name__)
            raise StarlingError(
                "That file could not be fetched from Slack. Please send it once more."
            ) from error
        return Attachment(clean_name(file.name, 100), data)


def _unreadable(kind: str, error: Exception) -> None:
    log.warning("an act on Slack could not be read", kind=kind, error=type(error).__name__)


def _once(body: Body) -> str:
    """Slack's id of this very act: the same when it is told again."""
    return str(body.get("trigger_id") or "")


def _place_of(body: Body) -> Place:
    """Where somebody is whose request could not be read."""
    container, channel = body.get("container") or {}, body.get("channel") or {}
    channel_id = str(body.get("channel_id") or channel.get("id") or container.get("channel_id") or "")
    alone = bool(container.get("is_ephemeral"))
    return Place(
        str(body.get("user_id") or body["user"]["id"]),
        channel_id,
        str(container.get("thread_ts") or ""),
        response_url=str(body.get("response_url") or ""),
        trigger_id=str(body.get("trigger_id") or ""),
        direct=channel_id.startswith("D") and not alone,
        alone=alone,
        home=not channel_id,
    )


def _travelling(form: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """``form``, which may be everybody's, on its way to one person at one place."""
    kept = json.loads(form["private_metadata"])
    return {**form, "private_metadata": json.dumps({**about, **kept})}
