"""How soon Discord has the first answer: Starling against a discord.py bot that does nothing at all.

    .venv/bin/python tests/bench_discord.py [--rounds N] [--json]

Three processes: this one is Discord (the double) and the people; ``starling run`` and the do-nothing bot stand in
processes of their own, each connected to a Discord of its own here. Both get the same interactions (commands,
presses that open a form, forms that are sent, pictures), in turns, so that the machine's noise falls on both.
Latency is what Discord sees: from the event to the callback. Exit status 1 when the p99 at 200 is over 1.5 times
the do-nothing bot's.
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from discord_double import DiscordDouble, Interaction, buttons
from discord_double_world import EVERYTHING, Channel, Guild, Json, User

ROOT = Path(__file__).parents[1]
LIMIT = 1.5  # p99 of Starling / p99 of the do-nothing bot
PEOPLE = int(os.environ.get("PEOPLE", "200"))
STORY = (
    "At my last job our nightly load failed every other day. I had to find out why before the audit. I read the "
    "logs of a month, saw that two jobs fought for one table, and moved one of them. Since then it failed once in "
    "a quarter, and the team got back four hours a week. "
) * 3


class Side:
    """One bot, its Discord, and the people who use it."""

    def __init__(self, name: str, double: DiscordDouble) -> None:
        self.name, self.double = name, double
        self.guild: Guild
        self.channel: Channel
        self.people: list[User] = []
        self.card: Json = {}
        self.opened: dict[int, Interaction] = {}

    async def furnish(self) -> None:
        self.double.rest.ack_limit = 60.0  # slow answers are measured, not refused
        self.guild = await self.double.add_guild("Interview club")
        self.channel = await self.double.add_channel(self.guild, "practice")
        self.people = [
            self.double.add_member(self.guild, f"Member {n}", permissions=EVERYTHING) for n in range(PEOPLE)
        ]

    def acts(self) -> list[Callable[[User], Awaitable[Interaction]]]:
        """The mix: half of it only reads, a quarter opens a form, the rest sends answers and draws pictures."""
        double, here = self.double, self.channel

        def slash(line: str, **options: Any) -> Callable[[User], Awaitable[Interaction]]:
            return lambda who: double.slash(who, line, options, here, patience=60, settle=False)

        def press(who: User) -> Awaitable[Interaction]:
            return double.press(who, self.card, self.answer, patience=60, settle=False)

        def send(who: User) -> Awaitable[Interaction]:
            return double.submit_modal(who, self.opened[who.id], {"text": STORY}, patience=60, settle=False)

        picture = slash("history", prompt=self.handle)
        return [
            slash("today"),
            press,
            slash("streak"),
            send,
            slash("leaderboard"),
            press,
            picture,
            slash("today"),
        ]

    @property
    def answer(self) -> str:
        return next(i for i, label in buttons(self.card).items() if label == "Answer")

    @property
    def handle(self) -> str:
        return self.answer.partition("prompt=")[2].partition("§")[0]

    async def burst(self, many: int) -> list[float]:
        """``many`` people act at the same moment; seconds until Discord had each first answer."""
        acts = self.acts()
        seen = await asyncio.gather(*(acts[n % len(acts)](self.people[n]) for n in range(many)))
        for one in seen:  # let everything end before the next burst
            if one.loading:
                await one.until(lambda it: not it.loading, 60)
        return [one.latency for one in seen]


async def spawn(*command: str, **extra: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, env=os.environ | extra, stderr=None if "-v" in sys.argv else -3
    )


async def start_starling(side: Side, folder: Path, started: list[asyncio.subprocess.Process]) -> None:
    double = side.double
    process = await spawn(
        "-m",
        "bot",
        "run",
        STARLING_DATABASE__URL=str(folder / "starling.db"),
        STARLING_DISCORD__TOKEN=double.token,
        STARLING_DISCORD__API_BASE_URL=double.api,
        STARLING_DISCORD__GATEWAY_URL=double.gateway_url,
        STARLING_DISCORD__CDN_BASE_URL=double.base,
        STARLING_LIMITS__COMMANDS_PER_MINUTE="10000",
        STARLING_LIMITS__HOME_COMMANDS_PER_MINUTE="100000",
    )
    started.append(process)
    await double.gateway.until("identify", patience=60)
    while 0 not in double.world.commands:
        await asyncio.sleep(0.05)
    await asyncio.sleep(3)
    olga = double.add_member(side.guild, "Olga", permissions=EVERYTHING)
    await double.slash(olga, "setup", {"time": "03:00", "tracks": "behavioural"}, side.channel, patience=60)
    asked = await double.slash(olga, "practice", {"track": "behavioural"}, side.channel, patience=60)
    # Everybody presses on one card, so it stands in the channel like a drop's.
    card = {"flags": 1 << 15, "components": (asked.message or {})["components"]}
    side.card = double.world.message(side.channel, double.world.bot, card, {})

    async def practise(who: User) -> None:
        """Two attempts, so that there is a picture to draw; and a form left open."""
        opened = side.opened[who.id] = await double.press(who, side.card, side.answer, patience=60)
        for _ in range(2):
            await double.submit_modal(who, opened, {"text": STORY}, patience=60)

    for first in range(0, len(side.people), 20):
        await asyncio.gather(*(practise(who) for who in side.people[first : first + 20]))


async def start_nothing(side: Side, like: Side, started: list[asyncio.subprocess.Process]) -> None:
    """The other bot gets the same commands, the same card, the same open forms."""
    double = side.double
    double.world.commands = copy.deepcopy(like.double.world.commands)
    started.append(await spawn("tests/discord_nothing.py", double.token, double.api, double.gateway_url))
    await double.gateway.until("identify", patience=60)
    await asyncio.sleep(3)
    side.card = double.world.message(
        side.channel, double.world.bot, {"flags": 1 << 15, "components": like.card["components"]}, {}
    )
    for mine, theirs in zip(side.people, like.people, strict=True):
        opened = copy.copy(like.opened[theirs.id])
        opened.user, opened.channel, opened.source = mine, side.channel, side.card
        side.opened[mine.id] = opened


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, round(share * (len(values) - 1)))] * 1000


async def measure(rounds: int, folder: Path) -> list[dict[str, Any]]:
    doubles = [await DiscordDouble.start(), await DiscordDouble.start()]
    sides = [Side("starling", doubles[0]), Side("nothing", doubles[1])]
    processes: list[asyncio.subprocess.Process] = []
    try:
        for side in sides:
            side.double.judge_later()
            await side.furnish()
        await start_starling(sides[0], folder, processes)
        await start_nothing(sides[1], sides[0], processes)
        results = []
        for many in (1, 50, 200):
            taken: dict[str, list[float]] = {side.name: [] for side in sides}
            worst: dict[str, list[float]] = {side.name: [] for side in sides}
            for number in range(max(3, rounds * (100 if many == 1 else 1))):
                for side in sides if number % 2 else sides[::-1]:
                    got = await side.burst(many)
                    taken[side.name] += got
                    worst[side.name].append(percentile(got, 0.99))
            row: dict[str, Any] = {"at_once": many}
            for side in sides:
                row[f"{side.name}_p50_ms"] = round(percentile(taken[side.name], 0.5), 1)
                row[f"{side.name}_p99_ms"] = round(percentile(taken[side.name], 0.99), 1)
            row["p99_ratio"] = round(row["starling_p99_ms"] / row["nothing_p99_ms"], 2)
            row["p99_ratio_of_medians"] = round(
                statistics.median(worst["starling"]) / statistics.median(worst["nothing"]), 2
            )
            results.append(row)
        return results
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            await process.wait()
        for double in doubles:
            await double.close()


def main() -> None:
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument("--rounds", type=int, default=10)
    reader.add_argument("--json", action="store_true")
    reader.add_argument("-v", action="store_true", help="show the bots' logs")
    given = reader.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(measure(given.rounds, Path(folder)))
    for row in rows:
        if given.json:
            print(json.dumps(row))
            continue
        print(
            f"{row['at_once']:>4} at once: Starling p50 {row['starling_p50_ms']:>7} p99 "
            f"{row['starling_p99_ms']:>7} ms; "
            f"do-nothing p50 {row['nothing_p50_ms']:>7} p99 {row['nothing_p99_ms']:>7} ms; "
            f"p99 ratio {row['p99_ratio']} (of the rounds' medians {row['p99_ratio_of_medians']})"
        )
    sys.exit(0 if rows[-1]["p99_ratio_of_medians"] <= LIMIT else 1)


if __name__ == "__main__":
    main()
