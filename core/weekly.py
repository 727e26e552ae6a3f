"""The weekly recap: a group's week as its members read it on Monday. Hidden members are counted, never named."""

from __future__ import annotations

from datetime import date

from core.plain import count, shown
from core.rules.days import MONTHS
from core.rules.periods import span
from core.services import Services
from core.standings import LABELS
from core.store import boards, weekly
from core.views import Block, Bold, Button, Buttons, Message, Table, Text, words

TOP = 5


async def weekly_view(app: Services, home_id: int, week: str) -> Message:
    """The recap of ``week`` ("2026-W47") for the group that lives in that home, as it is known now."""
    async with app.store.read() as tx:
        group = await weekly.group_at(tx, home_id)
        rows = await boards.top(tx, group.id, "points", "week", week, "", limit=TOP, offset=0)
        steps = await boards.top(tx, group.id, "improvement", "week", week, "", limit=1, offset=0)
        reviewer = await weekly.reviewer(tx, group.id, week)
        tally = await weekly.tally(tx, group.id, week)
    blocks: list[Block] = [
        Text(words("The week of ", Bold(group.name)), style="title"),
        Text((days_words(*span("week", week)),), style="note"),
    ]
    if not tally.answers:  # what there was is gone
        blocks.append(Text(("It was a quiet one. A new week has begun, and one answer is enough.",)))
        return Message(tuple(blocks))
    practised = f"{count(tally.members, 'member')} practised, with {count(tally.answers, 'answer')}."
    blocks.append(Text((practised,)))
    if rows:
        cells = tuple((str(r.rank), shown(r.name, 24), str(r.value)) for r in rows)
        blocks.append(Table(("", "Name", LABELS["points"]), cells, "rlr"))
    for step in steps:
        met = f"{count(step.value, 'item')} newly met"
        blocks.append(Text(words("Biggest step: ", Bold(shown(step.name, 40)), f", {met}.")))
    if reviewer is not None:
        done = count(reviewer.reviews, "review")
        if reviewer.helpful:
            done = f"{count(reviewer.helpful, 'review')} marked helpful"
        blocks.append(
            Text(words("Most helpful reviewer: ", Bold(shown(reviewer.name, 40)), f", {done}. Thank you!"))
        )
    late = "Further west Sunday may not be over: what comes in there is on the leaderboard."
    blocks += [Text((late,), style="note"), Buttons((Button("This week so far", "leaderboard"),))]
    return Message(tuple(blocks))


def days_words(first: date, last: date) -> str:
    """ "Monday 23 February to Sunday 1 March 2026"."""
    begin = f"Monday {first.day} {MONTHS[first.month - 1]}"
    if first.year != last.year:
        begin += f" {first.year}"
    return f"{begin} to Sunday {last.day} {MONTHS[last.month - 1]} {last.year}"
