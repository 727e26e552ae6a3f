"""A small real bolt app: what proves the local double of Slack, and the yardstick for acknowledgement times.

It does nothing but answer. ``connect`` runs it in Socket Mode, ``serve`` over HTTP; both end without a task left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_double import SlackDouble, Team
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(action_id: str, label: str = "Go", value: str = "1") -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(label), "value": value}


def options(*values: str) -> list[Json]:
    return [{"text": plain(each.title()), "value": each} for each in values]


def card(text: str) -> list[Json]:
    pick = {"type": "static_select", "action_id": "level", "options": options("easy", "hard")}
    buttons = [button("answer", "Answer"), button("clarify", "Clarify"), pick]
    return [section(text), {"type": "actions", "block_id": "card", "elements": buttons}]


def form(title: str = "Your answer") -> Json:
    words = {"type": "plain_text_input", "action_id": "words", "multiline": True, "max_length": 3000}
    prompt = {"type": "external_select", "action_id": "prompt", "min_query_length": 0}
    blocks: list[Json] = [
        {"type": "input", "block_id": "answer", "label": plain("Answer"), "element": words},
        {"type": "input", "block_id": "about", "label": plain("To"), "element": prompt, "optional": True},
        {"type": "actions", "block_id": "more", "elements": [button("deeper"), button("swap")]},
    ]
    made: Json = {"type": "modal", "callback_id": "form", "title": plain(title), "blocks": blocks}
    return made | {"submit": plain("Send"), "private_metadata": "42", "notify_on_close": True}


class Bot:
    """Heard events stand in ``heard``; what a listener raised, in ``errors``."""

    def __init__(self, double: SlackDouble, team: Team | None = None) -> None:
        self.double, self.team = double, team or double.team
        logger = logging.getLogger("slack_double_bot")
        logger.setLevel(logging.CRITICAL)
        self.client = AsyncWebClient(
            token=self.team.bot_token,
            base_url=double.base_url,
            timeout=5,
            logger=logger,
            retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=1)],
        )
        # Else bolt takes every thread in a DM for an assistant's, asks for its replies and sends its own metadata.
        self.app = AsyncApp(
            client=self.client,
            signing_secret=self.team.signing_secret,
            logger=logger,
            attaching_conversation_kwargs_enabled=False,
        )
        self.heard: list[Json] = []
        self.headers: list[Any] = []
        self.errors: list[Exception] = []
        self.pressed: list[Json] = []
        self.slow = 0.0
        self._listen()

    def _listen(self) -> None:
        app = self.app

        @app.error
        async def failed(error: Exception) -> None:
            self.errors.append(error)

        app.command("/starling")(self.command)
        app.action("answer")(self.answer)
        app.action("clarify")(self.press)
        app.action("level")(self.press)
        app.action("deeper")(self.deeper)
        app.action("swap")(self.swap)
        app.options("prompt")(self.prompts)
        app.view("form")(self.submitted)
        app.view_closed("form")(self.closed)
        app.shortcut("star")(self.star)
        app.event("message")(self.message)
        for each in (
            "app_mention",
            "app_home_opened",
            "app_uninstalled",
            "tokens_revoked",
            "channel_archive",
        ):
            app.event(each)(self.hear)

    async def safely(self, work: Awaitable[Any]) -> None:
        """An exception that reaches bolt within ten milliseconds of the ack takes the ack with it."""
        try:
            await work
        except SlackApiError as error:
            self.errors.append(error)

    async def command(self, ack: Any, command: Json, client: Any, respond: Any) -> None:
        await asyncio.sleep(self.slow)
        match command["text"]:
            case "form":
                await ack()
                await client.views_open(trigger_id=command["trigger_id"], view=form())
            case "twice":
                await ack()
                for _ in range(2):
                    await self.safely(client.views_open(trigger_id=command["trigger_id"], view=form()))
            case "late":
                await ack()
                await asyncio.sleep(0.1)
                await self.safely(client.views_open(trigger_id=command["trigger_id"], view=form()))
            case "trap":
                await ack()
                raise ValueError("bolt loses the ack")
            case "chatty":
                await ack()
                for n in range(6):
                    self.pressed.append({"status": (await respond(f"{n}")).status_code})
            case "card":
                await ack(text="A card", blocks=card("One for you"), response_type="in_channel")
            case words:
                await ack(f"got {words}")

    async def answer(self, ack: Any, body: Json, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form())

    async def press(self, ack: Any, body: Json, action: Json, respond: Any) -> None:
        await ack()
        self.pressed.append(body)
        await respond(text=f"pressed {action['action_id']}", replace_original=True)

    async def deeper(self, ack: Any, body: Json, client: Any) -> None:
        await ack()
        await self.safely(client.views_push(trigger_id=body["trigger_id"], view=form("Deeper")))

    async def swap(self, ack: Any, body: Json, client: Any) -> None:
        await ack()
        view = body["view"]
        await client.views_update(view_id=view["id"], hash=view["hash"], view=form("Swapped"))

    async def prompts(self, ack: Any, payload: Json) -> None:
        await ack(options=options(*(f"{payload['value']}-{n}" for n in range(3))))

    async def submitted(self, ack: Any, view: Json, body: Json, client: Any) -> None:
        values = view["state"]["values"]
        words = values["answer"]["words"]["value"]
        match words:
            case "short":
                await ack(response_action="errors", errors={"answer": "Say a little more."})
            case "bad":
                await ack(response_action="errors", errors={"nowhere": "x"})
            case "update":
                await ack(response_action="update", view=form("Again"))
            case "clear":
                await ack(response_action="clear")
            case _:
                await ack()
                await client.chat_postMessage(channel=body["user"]["id"], text=f"kept: {words}")

    async def closed(self, ack: Any, body: Json) -> None:
        await ack()
        self.heard.append(body)

    async def star(self, ack: Any, shortcut: Json, respond: Any) -> None:
        await ack()
        await respond(f"read: {shortcut['message']['text']}")

    async def message(self, event: Json, say: Any, body: Json, request: Any) -> None:
        self.heard.append(body)
        self.headers.append(request.headers)
        if event.get("channel_type") == "im" and "subtype" not in event:
            await say(text=f"heard {event['text']}", thread_ts=event.get("thread_ts"))

    async def hear(self, event: Json, client: Any, body: Json) -> None:
        self.heard.append(body)
        if event["type"] == "app_mention":
            words = event["text"].split(" ", 1)[1]
            place = {"channel": event["channel"], "thread_ts": event.get("thread_ts")}
            await client.chat_postEphemeral(
                **place, user=event["user"], text=words, blocks=card(f"You said {words}")
            )
        elif event["type"] == "app_home_opened":
            view = {"type": "home", "blocks": card("Streak: 3 days")}
            await client.views_publish(user_id=event["user"], view=view)

    @asynccontextmanager
    async def connect(self, ping_interval: float = 0.2) -> AsyncIterator[AsyncSocketModeHandler]:
        handler = AsyncSocketModeHandler(
            self.app, self.team.app_token, web_client=self.client, ping_interval=ping_interval
        )
        before = [each for each, _ in self.double.sockets.log].count("hello")
        await handler.connect_async()  # type: ignore[no-untyped-call]
        try:
            await self.double.sockets.until("hello", before + 1)
            yield handler
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        server = self.app.server(port=0, path="/slack/events")
        runner = web.AppRunner(server.web_app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        self.team.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        try:
            yield self.team.url
        finally:
            await runner.cleanup()
            self.team.url = ""
