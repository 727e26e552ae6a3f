"""An interaction of Discord -> a request, acknowledged in time, and its view -> an answer.

The first answer comes before any work: Discord waits three seconds for it, whatever the database, a picture or
two hundred others do meanwhile (docs/decisions/0007-acknowledge-first.md). Only a form is made before it is
answered, since a form has to be the first answer.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import discord
import structlog

from adapters.discord import ids
from adapters.discord.commands import Tree
from adapters.discord.insist import TooLate
from adapters.discord.modals import Uploaded, modal, values_of
from adapters.discord.responder import Responder
from adapters.rush import Rush
from adapters.shelf import Opened, Shelf
from core.call import Attachment, Request, Where, Who
from core.commands import Begin
from core.dispatch import Dispatcher, explain, request_of
from core.errors import StarlingError
from core.parse import parse_action
from core.plain import clean_name
from core.unsent import handed_back
from core.views import Choice, FormErrors, Message, Page, View

log = structlog.get_logger(__name__)

FILE_BYTES = 1024 * 1024  # of a file that a command takes: packs, the largest, are held to it as well
FORM_WITHIN = 2.0  # seconds: a form that takes longer is offered by a button instead
SEEN = 2048  # newest interactions that are known to have been handled: a resumed session repeats events
CHOICE_TEXT = 100  # of an autocomplete choice: name and value

Watch = Callable[[str, float], None]
"""Told the outcome of an interaction ("shown", "late", "failed") and the seconds to its acknowledgement."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an interaction asks for, and how its answer has to look."""

    request: Request
    private: bool
    replaces: bool = False
    common: str = ""  # the action of a button that opens the same form for everybody


class Interactions:
    """Handles every interaction of one client. ``fetch`` reads a file that somebody handed in."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        tree: Tree,
        fetch: Callable[[str], Awaitable[bytes]],
        watch: Watch = lambda outcome, seconds: None,
    ) -> None:
        self._dispatcher = dispatcher
        self._tree = tree
        self._fetch = fetch
        self._watch = watch
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._rush = Rush()
        self._shelf = Shelf(modal)

    def recall(self, unsent: Iterable[tuple[str, str]]) -> None:
        """(user id, a form's action) of those with words waiting since before this process."""
        for user_id, action in unsent:
            self._shelf.refuse(user_id, action)

    async def handle(self, it: discord.Interaction[Any]) -> None:
        """Answer ``it``, once however often it is delivered. Never raises but CancelledError."""
        if it.id in self._seen or it.type is discord.InteractionType.ping:
            return
        self._seen[it.id] = None
        while len(self._seen) > SEEN:
            self._seen.popitem(last=False)
        responder = Responder(it)
        outcome = "failed"
        try:
            if it.type is discord.InteractionType.autocomplete:
                await self._suggest(it, responder)
            else:
                await self._answer(it, responder)
            outcome = "shown"
        except TooLate:
            outcome = "late"
            log.warning("Discord did not take an answer in time", kind=it.type.name, path=_named(it))
        except discord.HTTPException as error:
            log.warning(
                "Discord refused an answer",
                kind=it.type.name,
                path=_named(it),
                status=error.status,
                code=error.code,
            )
        except Exception:
            log.exception("answering failed", kind=it.type.name, path=_named(it))
        finally:
            self._watch(outcome, responder.acknowledged_after or 0.0)

    async def _suggest(self, it: discord.Interaction[Any], responder: Responder) -> None:
        invoked = self._tree.invoked(_data(it))
        command = self._dispatcher.registry.get(invoked.path) if invoked is not None else None
        option = command.option(invoked.focused) if command and invoked and invoked.focused else None
        choices: tuple[Choice, ...] = ()
        if command is not None and option is not None and invoked is not None:
            typed = str(invoked.values.get(option.name, ""))
            choices = await self._dispatcher.suggest(command, option, typed, who_of(it), where_of(it))
        offered = [
            {"name": c.label[:CHOICE_TEXT], "value": c.value[:CHOICE_TEXT]} for c in choices[:25] if c.label
        ]
        await responder.offer(offered)

    async def _answer(self, it: discord.Interaction[Any], responder: Responder) -> None:
        try:
            asked = self._asked(it)
        except StarlingError as error:  # a button of another version, a command that is no longer there
            await self._turn_down(it, responder, error)
            return
        if self._dispatcher.begins(asked.request) is Begin.FORM:
            with self._rush.first():
                running = await self._open(asked, responder)
            if running is not None:
                view, _ = await running
                await responder.show(view)
            return
        late = await self._acknowledge(asked, responder)
        view = await self._work(asked, it)
        if late is not None:
            # It was done all the same: an answer somebody wrote is worth more than its receipt.
            raise late
        if for_one(view) and not (asked.private or asked.replaces or in_bot_dm(it)):
            await responder.whisper(view)
        else:
            await responder.show(view)

    async def _acknowledge(
        self, asked: Asked, responder: Responder
    ) -> TooLate | discord.HTTPException | None:
        """None when Discord knows; else why not."""
        with self._rush.first():
            try:
                if asked.replaces:
                    await responder.hold()
                else:
                    await responder.think(private=asked.private)
            except (TooLate, discord.HTTPException) as error:
                return error
        return None

    async def _work(self, asked: Asked, it: discord.Interaction[Any]) -> View:
        """Run the request, after the acknowledgements that are under way and those that come right behind."""
        async with self._rush.work():
            try:
                values = await self._with_files(asked.request.values)
            except StarlingError as error:
                # Not even begun: the words beside the file go back to whoever typed them.
                return handed_back(explain(error), asked.request.values)
            return await self._run(asked, values)

    async def _turn_down(
        self, it: discord.Interaction[Any], responder: Responder, error: StarlingError
    ) -> None:
        """Say that there is no such thing any more; what was typed into its form goes back as a file."""
        if it.type is not discord.InteractionType.modal_submit:
            await responder.say(explain(error), private=True)
            return
        await responder.think(private=True)
        await responder.show(handed_back(explain(error), values_of(_data(it))))

    async def _run(self, asked: Asked, values: Mapping[str, object]) -> View:
        view = await self._dispatcher.run(dataclasses.replace(asked.request, values=values))
        if isinstance(view, FormErrors):
            self._shelf.refuse(asked.request.who.user_id, view.form.action)
        return view

    async def _open(self, asked: Asked, responder: Responder) -> asyncio.Future[Opened] | None:
        """Answer with the form. One that is not ready in time is returned, to be offered by a button."""
        running = asyncio.ensure_future(self._form(asked))
        try:
            view, form = await asyncio.wait_for(asyncio.shield(running), FORM_WITHIN)
        except TimeoutError:
            try:
                await responder.think(private=True)
            except BaseException:  # nobody waits for it any more
                running.cancel()
                raise
            return running
        except asyncio.CancelledError:
            running.cancel()
            raise
        if form is not None:
            await responder.open(form)
        else:
            await responder.say(view, private=asked.private)
        return None

    async def _form(self, asked: Asked) -> Opened:
        request = asked.request
        if not asked.common or not self._shelf.takes(request.who.user_id, asked.common):
            return self._shelf.opened(await self._run(asked, request.values))
        key = (asked.common, request.where.server_id)
        return await self._shelf.open(key, lambda: self._run(asked, request.values))

    # --- reading an interaction ----------------------------------------------------------------------

    def _asked(self, it: discord.Interaction[Any]) -> Asked:
        data, who, where = _data(it), who_of(it), where_of(it)
        alone = in_bot_dm(it)
        if it.type is discord.InteractionType.application_command:
            invoked = self._tree.invoked(data)
            command = self._dispatcher.registry.get(invoked.path) if invoked is not None else None
            if invoked is None or command is None:
                raise StarlingError("This command is not there any more. /help shows what there is.")
            values = dict(invoked.values)
            if invoked.target is not None:
                values |= _of_message(invoked.target, {o.name for o in command.options})
            request = Request(command.path, who, where, values, locale=it.locale.value)
            # Where Starling is only somebody's own app, it does not speak to everybody.
            return Asked(request, not alone and (command.private or where.direct))
        if it.type is discord.InteractionType.component:
            action, values = ids.action_of(data), {}
        else:
            action, values = ids.original(str(data.get("custom_id", ""))), values_of(data)
        parsed = parse_action(self._dispatcher.registry, action)
        request = request_of(parsed, who, where)
        request = dataclasses.replace(
            request,
            values={**request.values, **values},
            submitted=it.type is discord.InteractionType.modal_submit,
            locale=it.locale.value,
        )
        mine = alone or (it.message is not None and it.message.flags.ephemeral)
        marked = ids.replaces(str(data.get("custom_id", "")))
        common = parsed.command.common_form and "=" in action and not marked
        return Asked(request, not alone, mine and marked, action if common else "")

    async def _with_files(self, values: Mapping[str, object]) -> dict[str, object]:
        """``values`` with the bytes of the files in them. Raises StarlingError for one that cannot be had."""
        found = dict(values)
        for name, value in values.items():
            if isinstance(value, Uploaded):
                found[name] = await read(value, self._fetch)
        return found


async def read(file: Uploaded, fetch: Callable[[str], Awaitable[bytes]]) -> Attachment:
    """The file's bytes. Raises StarlingError when it is too large or cannot be had."""
    if file.size > FILE_BYTES:
        raise StarlingError(f"That file is over {FILE_BYTES // 1024 // 1024} MiB. Please send a smaller one.")
    try:
        data = await fetch(file.url)
    except (discord.DiscordException, OSError) as error:
        log.warning("a file could not be fetched", error=type(error).__name__)
        raise StarlingError(
            "That file could not be fetched from Discord. Please send it once more."
        ) from error
    return Attachment(clean_name(file.name, 100), data[: FILE_BYTES + 1])


def who_of(it: discord.Interaction[Any]) -> Who:
    """The account that acts. Manage Server makes an organiser, administrators have it by Discord's own rule."""
    rights = it.permissions
    organiser = it.is_guild_integration() and (rights.manage_guild or rights.administrator)
    return Who("discord", str(it.user.id), it.user.display_name, organiser=organiser)


def where_of(it: discord.Interaction[Any]) -> Where:
    """A channel of a server that has Starling; a thread counts as its channel. Anywhere else: a direct place."""
    if it.guild_id is None or not it.is_guild_integration():
        return Where("discord", name="direct message")
    channel: Any = it.channel
    number = getattr(channel, "parent_id", None) if isinstance(channel, discord.Thread) else None
    name = getattr(getattr(channel, "parent", None) if number else channel, "name", None) or "channel"
    guild = it.guild
    return Where(
        "discord",
        server_id=str(it.guild_id),
        channel_id=str(number or it.channel_id or ""),
        name=f"#{name}",
        server_name=getattr(guild, "name", None) or "",
    )


def in_bot_dm(it: discord.Interaction[Any]) -> bool:
    """In the conversation with Starling alone nothing needs hiding, and what is not hidden can be replied to."""
    return it.guild_id is None and it.context.dm_channel is True


def for_one(view: View) -> bool:
    """Whether ``view`` is meant for one reader, whatever its command usually shows to all."""
    message = view.message if isinstance(view, Page) else view
    return isinstance(message, Message) and message.private


def _of_message(target: Mapping[str, Any], options: set[str]) -> dict[str, object]:
    """The values that a message action gets: its text, its id, and whose it is, as far as it has such options."""
    author = target.get("author") or {}
    found = {
        "text": str(target.get("content") or ""),
        "message": str(target.get("id") or ""),
        "author": str(author.get("id") or ""),
    }
    return {name: value for name, value in found.items() if name in options}


def _data(it: discord.Interaction[Any]) -> Mapping[str, Any]:
    return it.data or {}


def _named(it: discord.Interaction[Any]) -> str:
    """What was asked for, without what was typed: for the log."""
    data = _data(it)
    return str(data.get("name") or data.get("custom_id") or "").partition(":")[0][:60]
