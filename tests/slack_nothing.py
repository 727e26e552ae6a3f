"""The yardstick of bench_slack.py: a bolt app that acknowledges whatever it hears and does nothing else.

    slack_nothing.py <base url> <bot token> <app token> <signing secret> <port>

Port 0 is Socket Mode, any other HTTP mode on it.
"""

from __future__ import annotations

import asyncio
import re
import sys
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

ANYTHING = re.compile(r".*", re.DOTALL)


async def nothing(ack: Any) -> None:
    await ack()


def app_of(base_url: str, bot_token: str, signing_secret: str) -> AsyncApp:
    """The same listeners as Starling's."""
    app = AsyncApp(
        client=AsyncWebClient(token=bot_token, base_url=base_url),
        signing_secret=signing_secret,
        attaching_conversation_kwargs_enabled=False,
    )
    for kind in (
        app.command,
        app.action,
        app.shortcut,
        app.options,
        app.view,
        app.view_closed,
        app.event,
    ):
        kind(ANYTHING)(nothing)
    return app


async def listen(app: AsyncApp, app_token: str) -> None:
    await AsyncSocketModeHandler(app, app_token).start_async()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    base, bot, app_token, secret, port = sys.argv[1:]
    made = app_of(base, bot, secret)
    if int(port):
        made.server(port=int(port), path="/slack/events", host="127.0.0.1").start()
    else:
        asyncio.run(listen(made, app_token))
