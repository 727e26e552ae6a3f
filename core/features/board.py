"""``leaderboard``: practice, improvement and helping, never volume alone."""

from __future__ import annotations

from core.call import Call
from core.commands import Command, Kind, Option
from core.packs.vocabulary import TRACK_TITLES, TRACKS
from core.parse import action_id
from core.rules.days import day_of
from core.rules.periods import PERIODS, keys_for, title
from core.standings import TITLES, board_blocks
from core.store import boards, streak_boards
from core.store.boards import By
from core.views import Block, Button, Buttons, Choice, Message, Page, Text, View

PAGE = 10


async def leaderboard(call: Call) -> View:
    """One page of the group's board, and the reader's own place when it is elsewhere."""
    assert call.group is not None  # allow=MEMBER
    period = call.get("period", "week")
    by: By = call.get("by", "points")
    track = call.get("track", "")
    day = day_of(call.now, call.group.zone, call.group.cutoff)
    bucket = keys_for(day)[period]
    group = call.group.id
    async with call.app.store.read() as tx:
        if by == "streak":
            total = await streak_boards.streak_size(tx, group, call.now)
            pages = max(1, -(-total // PAGE))
            page = min(call.get("page", 1), pages)
            rows = await streak_boards.streak_top(tx, group, call.now, limit=PAGE, offset=(page - 1) * PAGE)
            mine = await streak_boards.streak_own(tx, group, call.person.id, call.now)
            head = f"{TITLES[by]} in {call.group.name}"
        else:
            total = await boards.size(tx, group, by, period, bucket, track)
            pages = max(1, -(-total // PAGE))
            page = min(call.get("page", 1), pages)
            rows = await boards.top(
                tx, group, by, period, bucket, track, limit=PAGE, offset=(page - 1) * PAGE
            )
            mine = next((r for r in rows if r.person_id == call.person.id), None) or await boards.own(
                tx, group, call.person.id, by, period, bucket, track
            )
            where = f" in {TRACK_TITLES[track].lower()}" if track else ""
            head = f"{TITLES[by]}{where}: {title(period, bucket)}"
    blocks: list[Block] = [Text((head,), style="title"), *board_blocks(by, rows, mine, call.person.id)]
    blocks.append(_switches(period, by, track))
    # The place of somebody who is hidden is for nobody else to read.
    message = Message(tuple(blocks), private=mine is not None and mine.hidden)
    keep = {"period": period, "by": by, **({"track": track} if track else {})}
    return Page(
        message,
        page,
        pages,
        action_id("leaderboard", **keep, page=page - 1) if page > 1 else None,
        action_id("leaderboard", **keep, page=page + 1) if page < pages else None,
    )


def _switches(period: str, by: str, track: str) -> Buttons:
    """The other periods of this board, and the other boards of this period. A streak has neither period nor track."""
    keep = {"track": track} if track else {}
    buttons = [
        Button(
            p.capitalize() if p != "all" else "All time",
            action_id("leaderboard", period=p, by="points" if by == "streak" else by, **keep),
        )
        for p in PERIODS
        if p != period
    ]
    buttons += [
        Button(title_, action_id("leaderboard", period=period, by=b, **({} if b == "streak" else keep)))
        for b, title_ in TITLES.items()
        if b != by
    ]
    return Buttons(tuple(buttons))


COMMANDS = (
    Command(
        "leaderboard",
        "The group's board: of the week, month, season or all time; by points, streak or improvement.",
        leaderboard,
        (
            Option(
                "period",
                "Which stretch of time; this week when left out",
                Kind.CHOICE,
                choices=tuple(Choice(p.capitalize(), p) for p in PERIODS),
            ),
            Option(
                "by",
                "What is counted; points when left out",
                Kind.CHOICE,
                choices=tuple(Choice(TITLES[b], b) for b in ("points", "streak", "improvement")),
            ),
            Option(
                "track",
                "Only this kind of question",
                Kind.CHOICE,
                choices=tuple(Choice(TRACK_TITLES[t], t) for t in TRACKS),
            ),
            Option("page", "Which page", Kind.NUMBER, named=True, least=1, most=100_000),
        ),
        private=False,
        area="group",
    ),
)
