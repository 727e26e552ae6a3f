"""How soon Slack has the acknowledgement: Starling against a bolt app that does nothing at all.

    .venv/bin/python tests/bench_slack.py [--mode socket | http] [--rounds N] [--json]

Three processes: this one is Slack (the double) and the people; ``starling run`` and the do-nothing app stand in
processes of their own, each in a workspace of its own. Both get the same commands, presses that open a form, forms
that are sent, pictures, in turns, so that the machine's noise falls on both. Latency is what Slack sees: from the
envelope or request to its acknowledgement. Exit status 1 when at 200 the p99 is over 1.5 times the do-nothing
app's, or when any acknowledgement took 3 seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from slack_double import Act, Channel, SlackDouble, Team, User, View, buttons
from slack_room import PATH, Json, Mode, free_port

from adapters.slack.manifest import manifest
from core import catalogue

ROOT = Path(__file__).parents[1]
RATIO = 1.5  # p99 of Starling / p99 of the do-nothing app
MOST = 3000.0  # ms that an acknowledgement may take
WISH = 300.0  # ms that the p99 at 200 should not be over
QUIET = 0.3  # seconds without a call by which everything of a burst has ended
PEOPLE = int(os.environ.get("PEOPLE", "200"))
STORY = (
    "At my last job our nightly load failed every other day. I had to find out why before the audit. I read the "
    "logs of a month, saw that two jobs fought for one table, and moved one of them. Since then it failed once in "
    "a quarter, and the team got back four hours a week. "
) * 3
SHOWS = ("views.open", "response_url", "chat.postEphemeral", "chat.postMessage")
Deed = Callable[[User], Awaitable[Act]]


class Side:
    """One app, its workspace, and the people who use it."""

    def __init__(self, name: str, double: SlackDouble, team: Team) -> None:
        self.name, self.double, self.team = name, double, team
        self.channel: Channel = double.add_channel("practice", team=team)
        self.people = [double.add_user(f"Member {n}", team) for n in range(PEOPLE)]
        self.channel.members += self.people
        self.card: Json = {}
        self.opened: dict[str, View] = {}

    def deeds(self) -> list[Deed]:
        """The mix: half of it only reads, a quarter opens a form, the rest sends answers and draws pictures."""

        def slash(line: str) -> Deed:
            return lambda who: self.double.slash(who, line, self.channel)

        def press(who: User) -> Awaitable[Act]:
            return self.double.press(who, self.card, self.answer)

        def send(who: User) -> Awaitable[Act]:
            self.opened[who.id].open = True
            return self.double.submit_view(who, self.opened[who.id], {"text": STORY})

        picture = slash(f"history prompt: {self.handle}")
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

    async def burst(self, many: int, first: int) -> list[float]:
        """``many`` people from ``first`` on act at the same moment; seconds to each acknowledgement."""
        deeds = self.deeds()
        turns = [(first + n) % len(self.people) for n in range(many)]
        before = len(self.double.requests)
        seen = await asyncio.gather(*(deeds[n % len(deeds)](self.people[n]) for n in turns))
        assert not (lost := [f"{act.kind}: {act.failed}" for act in seen if not act.acked]), lost[:3]
        if self.name == "starling":
            await self.double.until(lambda: self.shown(before) >= many, 60)
        await self.quiet()
        return [act.latency for act in seen]

    def shown(self, since: int) -> int:
        """How many things people have been shown since that call."""
        calls = self.double.requests[since:]
        return sum(each.team is self.team and each.method in SHOWS and not each.error for each in calls)

    async def quiet(self) -> None:
        """Everything has ended before the next burst."""
        calls, since = -1, time.monotonic()
        while time.monotonic() - since < QUIET:
            now = sum(asked.team is self.team for asked in self.double.requests)
            if now != calls:
                calls, since = now, time.monotonic()
            await asyncio.sleep(0.02)


async def spawn(*command: str, **extra: str) -> asyncio.subprocess.Process:
    logs = None if "-v" in sys.argv else asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, env=os.environ | extra, stdout=logs, stderr=logs
    )


async def connected(side: Side, mode: Mode, port: int, app: Callable[[], Awaitable[Any]]) -> None:
    """Start ``app``, and wait until it takes what Slack sends."""
    double, team = side.double, side.team
    if mode == "http":
        team.url = f"http://127.0.0.1:{port}{PATH}"
    await app()
    if mode == "socket":
        await double.until(lambda: ("hello", team.id) in double.sockets.log, 60)
    else:
        end = time.monotonic() + 60
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                assert time.monotonic() < end, f"{side.name} does not listen"
                await asyncio.sleep(0.1)
                continue
            writer.close()
            break
    await asyncio.sleep(3)  # what a start does besides


async def start_starling(
    side: Side, mode: Mode, folder: Path, started: list[asyncio.subprocess.Process]
) -> None:
    double, team, port = side.double, side.team, free_port()
    where = {
        "STARLING_DATABASE__URL": str(folder / f"{mode}.db"),
        "STARLING_SLACK__MODE": mode,
        "STARLING_SLACK__BOT_TOKEN": team.bot_token,
        "STARLING_SLACK__APP_TOKEN": team.app_token,
        "STARLING_SLACK__SIGNING_SECRET": team.signing_secret,
        "STARLING_SLACK__API_BASE_URL": double.base_url.rstrip("/"),
        "STARLING_SLACK__HTTP_PORT": str(port),
        "STARLING_SLACK__HTTP_PATH": PATH,
        "STARLING_LIMITS__COMMANDS_PER_MINUTE": "10000",
        "STARLING_LIMITS__HOME_COMMANDS_PER_MINUTE": "100000",
    }

    async def run() -> None:
        started.append(await spawn("-m", "bot", "run", **where))

    await connected(side, mode, port, run)
    olga = double.add_user("Olga", team, admin=True)
    side.channel.members.append(olga)
    await double.slash(olga, "setup time: 03:00 zone: UTC tracks: behavioural", side.channel)
    await side.quiet()
    await double.slash(olga, "practice track: behavioural", side.channel)
    shown = await double.until(lambda: [m for m in double.ephemerals(olga) if "Answer" in _labels(m)], 60)
    # Everybody presses on one card, so it stands in the channel like a drop's.
    stand(side, shown[-1])

    async def practise(who: User) -> None:
        """Two attempts, so that there is a picture to draw; and a form left open."""
        await double.press(who, side.card, side.answer)
        form = await double.until(lambda: double.modal(who), 60)
        side.opened[who.id] = form
        for _ in range(2):
            form.open = True
            await double.submit_view(who, form, {"text": STORY})

    for first in range(0, len(side.people), 20):
        await asyncio.gather(*(practise(who) for who in side.people[first : first + 20]))
        await side.quiet()


def _labels(message: Json) -> list[str]:
    return list(buttons(message).values())


def stand(side: Side, card: Json) -> None:
    """``card`` in the channel, for everybody to press on."""
    side.card = side.double.world.message(
        side.channel, side.team.bot, {"text": card["text"], "blocks": card["blocks"]}
    )
    side.double.world.keep(side.channel, side.card)


async def start_nothing(
    side: Side, mode: Mode, like: Side, started: list[asyncio.subprocess.Process]
) -> None:
    """The other app gets the same card and the same open forms."""
    double, team = side.double, side.team
    port = free_port() if mode == "http" else 0
    given = double.base_url, team.bot_token, team.app_token, team.signing_secret, str(port)

    async def run() -> None:
        started.append(await spawn("tests/slack_nothing.py", *given))

    await connected(side, mode, port, run)
    stand(side, like.card)
    for mine, theirs in zip(side.people, like.people, strict=True):
        side.opened[mine.id] = double.api.opened(team, mine, like.opened[theirs.id].body, None)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, round(share * (len(values) - 1)))] * 1000


async def measure(mode: Mode, rounds: int, folder: Path) -> list[dict[str, Any]]:
    url = "" if mode == "socket" else f"https://starling.example{PATH}"
    made = manifest(catalogue.registry(), socket_mode=mode == "socket", url=url)
    processes: list[asyncio.subprocess.Process] = []
    async with await SlackDouble.start(made) as double:
        double.judge_later()
        double.sockets.ack_limit = 60.0  # slow acknowledgements are measured, not given up
        starling = Side("starling", double, double.team)
        nothing = Side("nothing", double, double.add_team("Nothing", made))
        sides = [starling, nothing]
        try:
            await start_starling(starling, mode, folder, processes)
            await start_nothing(nothing, mode, starling, processes)
            return [row async for row in _rows(mode, rounds, sides)]
        finally:
            for process in processes:
                if process.returncode is None:
                    process.terminate()
                await process.wait()


async def _rows(mode: Mode, rounds: int, sides: list[Side]) -> AsyncIterator[dict[str, Any]]:
    for many in (each for each in (1, 50, 200) if each <= PEOPLE):
        taken: dict[str, list[float]] = {side.name: [] for side in sides}
        worst: dict[str, list[float]] = {side.name: [] for side in sides}
        for number in range(max(3, rounds * (30 if many == 1 else 1))):
            for side in sides if number % 2 else sides[::-1]:
                got = await side.burst(many, number * many % PEOPLE)
                taken[side.name] += got
                worst[side.name].append(percentile(got, 0.99))
        row: dict[str, Any] = {"mode": mode, "at_once": many}
        for side in sides:
            row[f"{side.name}_p50_ms"] = round(percentile(taken[side.name], 0.5), 1)
            row[f"{side.name}_p99_ms"] = round(percentile(taken[side.name], 0.99), 1)
            row[f"{side.name}_most_ms"] = round(max(taken[side.name]) * 1000, 1)
        row["p99_ratio"] = round(row["starling_p99_ms"] / row["nothing_p99_ms"], 2)
        row["p99_ratio_of_medians"] = round(
            statistics.median(worst["starling"]) / statistics.median(worst["nothing"]), 2
        )
        yield row


def broken(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Every limit that does not hold."""
    for row in rows:
        if row["starling_most_ms"] >= MOST:
            yield f"{row['mode']}, {row['at_once']} at once: {row['starling_most_ms']} ms; Slack waits {MOST:.0f}"
        if row["at_once"] == 200 and row["p99_ratio_of_medians"] > RATIO:
            yield f"{row['mode']}, 200 at once: {row['p99_ratio_of_medians']} times the do-nothing app, not {RATIO}"


def main() -> None:
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument("--mode", choices=["socket", "http"], action="append")
    reader.add_argument("--rounds", type=int, default=10)
    reader.add_argument("--json", action="store_true")
    reader.add_argument("-v", action="store_true", help="show the apps' logs")
    given = reader.parse_args()
    rows: list[dict[str, Any]] = []
    for mode in given.mode or ["socket", "http"]:
        with tempfile.TemporaryDirectory() as folder:
            rows += asyncio.run(measure(mode, given.rounds, Path(folder)))
    for row in rows:
        if given.json:
            print(json.dumps(row))
            continue
        wish = "" if row["starling_p99_ms"] <= WISH or row["at_once"] < 200 else f" (wished: {WISH:.0f})"
        print(
            f"{row['mode']:>6}, {row['at_once']:>3} at once: Starling p50 {row['starling_p50_ms']:>6} p99 "
            f"{row['starling_p99_ms']:>6} ms{wish}; "
            f"do-nothing p50 {row['nothing_p50_ms']:>6} p99 {row['nothing_p99_ms']:>6} ms; "
            f"p99 ratio {row['p99_ratio']} (of the rounds' medians {row['p99_ratio_of_medians']})"
        )
    for said in broken(rows):
        print(f"broken: {said}")
    sys.exit(1 if any(broken(rows)) else 0)


if __name__ == "__main__":
    main()
