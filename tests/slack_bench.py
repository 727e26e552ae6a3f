"""Slack's sender on the real AsyncWebClient, against the local double."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from slack_double import Channel, SlackDouble, Team, User
from slack_double_world import Json

from adapters.slack.sender import SlackSender
from adapters.slack.workspace import Token, Workspaces
from core.ports import Clock, Target
from core.views import Button, Buttons, Message, Text

KEY = "d12h3"
CARD = Message(
    (
        Text(("Tell me about a conflict.",), style="title"),
        Text(("Behavioural, about 5 minutes",), style="note"),
        Buttons((Button("Answer", "answer:prompt=d12", "primary"), Button("Clarify", "clarify:prompt=d12"))),
    ),
    private=False,
    track="behavioural",
)


class SkippingClock:
    """The machine's clock, but waiting takes no time: whoever sleeps finds it moved on."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.skipped)

    async def sleep(self, seconds: float) -> None:
        self.skipped += max(seconds, 0)
        await asyncio.sleep(0)


@dataclass
class Bench:
    double: SlackDouble
    workspaces: Workspaces
    sender: SlackSender
    channel: Channel
    ada: User
    told: list[Target]
    """What ``sender.sent`` was called with."""

    @property
    def team(self) -> Team:
        return self.double.team

    @property
    def there(self) -> Target:
        return self.at(self.channel)

    def at(self, channel: Channel) -> Target:
        team = channel.team.id
        return Target("slack", f"slack:{team}", server_id=team, channel_id=channel.id)

    @property
    def to_ada(self) -> Target:
        return Target("slack", f"slack:{self.team.id}", server_id=self.team.id, user_id=self.ada.id)

    @property
    def shown(self) -> list[Json]:
        """What stands in the channel."""
        return self.double.messages(self.channel)


@asynccontextmanager
async def benched(
    *,
    clock: Clock | None = None,
    patience: float = 20.0,
    per_minute: int = 60_000,
    teams: int = 1,
    judged: bool = True,
) -> AsyncIterator[Bench]:
    """Workspaces with the app, a channel and a member in the first. What Slack would refuse must not have been
    sent at the end, unless not ``judged``."""
    async with await SlackDouble.start() as double:
        for _ in range(teams - 1):
            double.add_team("Another group")
        ada = double.add_user("Ada")
        channel = double.add_channel("practice", ada)
        tokens = [Token(team.name, team.bot_token) for team in double.world.teams]
        workspaces = Workspaces(tokens, double.base_url)
        workspaces.open()
        sender = SlackSender(workspaces, clock or SkippingClock(), per_minute=per_minute, patience=patience)
        told: list[Target] = []
        sender.sent = told.append
        try:
            for workspace in workspaces:
                await workspace.look()
            yield Bench(double, workspaces, sender, channel, ada, told)
        finally:
            await workspaces.close()
        assert not judged or double.violations == []
