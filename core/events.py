"""What platforms tell Starling besides requests: direct messages, and servers that come and go."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from core.call import Attachment, Request, Where, Who
from core.dispatch import Dispatcher
from core.plain import clean_line
from core.services import Services
from core.store import drafts, heard, servers
from core.views import Message, View


@dataclass(frozen=True, slots=True)
class Heard:
    """A direct message of a member.

    ``about`` is the handle ("d12", "p34") of the prompt whose message was replied to, "" for a loose message.
    ``file`` is a text file that came with it; ``unreadable`` says why another attachment is none ("“cv.pdf” is
    no text file"), in words that can stand at the beginning of a sentence. ``missed``: it was said in a gap.
    """

    who: Who
    channel_id: str
    message_id: str
    text: str
    about: str = ""
    file: Attachment | None = None
    unreadable: str = ""
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """Whose direct channel to read after a gap, and after which message."""

    user_id: str
    name: str
    channel_id: str
    after: str
    workspace: str = ""


class Events:
    """Takes what platforms tell, in any order, from any number of processes."""

    def __init__(self, app: Services, dispatcher: Dispatcher) -> None:
        self._app = app
        self._dispatcher = dispatcher

    async def heard(self, message: Heard) -> View | None:
        """What to reply to a direct message; None when it was dealt with before, or there is nothing to say.

        A reply to a prompt and a text file count at once; other words are asked about. The same message may be
        told any number of times: it becomes one answer, and is replied to once. Never raises.
        """
        given: dict[str, object] = {
            "about": clean_line(message.about),
            "unreadable": clean_line(message.unreadable),
            "text": message.text,
            "file": message.file,
        }
        request = Request(
            "heard",
            message.who,
            Where(message.who.platform, channel_id=message.channel_id),
            {"message": message.message_id, **{name: value for name, value in given.items() if value}},
            can_ask=False,
            missed=message.missed,
        )
        view = await self._dispatcher.run(request)
        return None if isinstance(view, Message) and not view.blocks else view

    async def unread(self, platform: str) -> list[Unread]:
        """The people with an open prompt whose direct channel is known: what to read after a gap.

        A prompt counts that was delivered in the last 48 hours and can still be answered, or was asked for in the
        last 24. Raises StoreError.
        """
        async with self._app.store.read() as tx:
            found = await heard.unheard(tx, platform, self._app.clock.now())
        return [Unread(u.user_id, u.name, u.channel_id, u.after, u.workspace) for u in found]

    async def asked_by(
        self, platform: str, workspace: str, channel_id: str, message_id: str, key: str = ""
    ) -> str:
        """The handle ("d12") of the prompt that Starling put in that message of its own; "" for any other message.

        For messages that show it no more, because their buttons are gone. ``key``: the delivery's, where the message
        still has it: it is known before Starling knows the message's id. Raises StoreError.
        """
        async with self._app.store.read() as tx:
            found = await heard.occurrence_in(tx, platform, workspace, channel_id, message_id, key)
        return f"d{found}" if found is not None else ""

    async def unsent(self, platform: str) -> list[tuple[str, str]]:
        """(user id, a form's action) of everybody whose words wait in that form. Raises StoreError."""
        async with self._app.store.read() as tx:
            since = self._app.clock.now() - self._app.limits.draft_life
            return await drafts.holders(tx, platform, since)

    async def removed_from(self, platform: str, server_id: str) -> None:
        """Starling was removed from a server: its homes go off, and what waits to be sent there has failed.

        Its schedules pause with its homes, and on Slack the reminders of the workspace's people with it. Nobody is
        messaged. Raises StoreError.
        """
        async with self._app.store.write() as tx:
            await servers.leave(tx, platform, lambda other: other == server_id, self._app.clock.now())

    async def present_on(
        self, platform: str, server_ids: Collection[str], ours: Callable[[str], bool] = lambda server_id: True
    ) -> None:
        """The platform has told all servers: what belongs to others goes off, as in ``removed_from``; homes and
        reminders come back whose server is there again and that were off for nothing else.

        ``ours`` says of which servers this process is told at all (those of its shards). Raises StoreError.
        """
        there = frozenset(server_ids)
        async with self._app.store.write() as tx:
            now = self._app.clock.now()
            await servers.leave(tx, platform, lambda other: ours(other) and other not in there, now)
            back = await servers.come_back(tx, platform, there.__contains__)
        if back:
            self._app.wake()
