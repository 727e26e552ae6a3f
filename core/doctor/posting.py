"""Channels, schedules, deliveries: why a question would not come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from core.doctor import rights
from core.doctor.finding import Facts, Finding, Part, part
from core.kinds import days_words
from core.packs.vocabulary import TRACK_TITLES
from core.parse import action_id
from core.places import blocked
from core.plain import count
from core.ports import Access
from core.services import Services
from core.store import health, reposts
from core.store.engine import Line, Tx
from core.store.health import Count
from core.store.people import Group, Home
from core.store.prompts import StoredPack
from core.store.schedules import Schedule
from core.views import Button, Span, Typed, When, Words, words

RECENT = timedelta(days=7)  # deliveries older than this are history
NEWEST = 5  # deliveries in trouble that are shown one by one
OVERDUE = timedelta(minutes=5)  # a schedule unclaimed for longer has nobody who looks after it

# --- where it posts ----------------------------------------


def channels(
    app: Services,
    homes: Sequence[Home],
    planned: Sequence[Schedule],
    places: Sequence[Line],
    allowed: Mapping[int, Sequence[Access]],
) -> Part:
    """``allowed``: what may be done at each home, by its number (``rights.gather``)."""
    facts: Facts = []
    findings = []
    for home in homes:
        off = home.state == "disabled"
        looked = allowed.get(home.id, ())
        facts.append(
            (
                home.name,
                words(
                    f"{home.platform.capitalize()}, channel {home.channel_id}: {'switched off' if off else 'on'}"
                ),
            )
        )
        remarks = dict.fromkeys(remark for access in looked for remark in access.remarks)
        facts += [(home.name, words(remark)) for remark in remarks]
        if off:
            free = bool(looked) and not any(map(blocked, looked))
            head = "Nothing stands in the way any more: " if free else "Put that right, then: "
            findings.append(
                Finding(
                    words(f"Nothing is posted in {home.name}: {_said(home.reason)}."),
                    words(head, _restart(home.id, planned, places)),
                )
            )
        findings += rights.findings(home, looked)
        # One process has the whole of a SQLite file; on PostgreSQL another process may serve the platform.
        if app.store.sqlite and app.platforms and home.platform not in app.platforms:
            findings.append(
                Finding(
                    words(
                        f"{home.name} is on {home.platform.capitalize()}, which Starling does not serve here."
                    ),
                    words(
                        "Whoever runs Starling puts it into the settings; “starling check” says what is missing."
                    ),
                )
            )
    if not homes:
        findings.append(
            Finding(
                words("The group has no channel."),
                words("In the channel it should have: ", Typed("setup time: 09:00")),
            )
        )
    return part("Channels", facts, findings)


def _said(reason: str) -> str:
    """A reason as the end of our own sentence."""
    return reason.rstrip(". ") or "no reason was kept"


def _restart(home_id: int | None, planned: Sequence[Schedule], places: Sequence[Line]) -> Span:
    """The command that switches a home on again: one of its schedules is resumed, or it is set up anew."""
    there = {p.schedule_id for p in places if p.home_id == home_id}
    number = next((s.id for s in planned if s.id in there), None)
    return Typed(f"drops resume number: {number}") if number is not None else Typed("setup time: 09:00")


# --- what is planned ----------------------------------------


def schedules(
    planned: Sequence[Schedule],
    places: Sequence[Line],
    packs: Sequence[StoredPack],
    live: Sequence[Count],
    now: datetime,
) -> Part:
    facts: Facts = []
    findings: list[Finding] = []
    for one in planned:
        name = f"Schedule {one.id}"
        facts.append((name, _planned(one)))
        if one.state == "disabled":
            findings.append(
                Finding(
                    words(f"{name} is switched off: {_said(one.reason)}."),
                    words("Put that right, then: ", Typed(f"drops resume number: {one.id}")),
                )
            )
        if one.state == "active":
            findings += _running(one, name, places, packs, live, now)
    if not any(s.state == "active" for s in planned):
        again = Typed(f"drops resume number: {planned[0].id}") if planned else Typed("drops add time: 09:00")
        findings.append(
            Finding(words("No schedule is running, so no question comes."), words("To change that: ", again))
        )
    return part("Schedules", facts, findings)


def _planned(one: Schedule) -> Words:
    tracks = ", ".join(TRACK_TITLES[t].lower() for t in one.tracks) or "all tracks"
    packs = f", packs {', '.join(one.packs)}" if one.packs else ""
    state = {"active": "running", "disabled": "switched off"}.get(one.state, one.state)
    head = f"{one.rule.local_time:%H:%M} {one.rule.zone}, {days_words(one.rule.weekdays)}, {tracks}{packs}: {state}"
    return words(head + ", next ", When(one.next_due_at, one.rule.zone)) if one.next_due_at else words(head)


def _running(
    one: Schedule,
    name: str,
    places: Sequence[Line],
    packs: Sequence[StoredPack],
    live: Sequence[Count],
    now: datetime,
) -> list[Finding]:
    findings = []
    anew = words(
        "Bring in a pack that has some: ",
        Typed("pack import"),
        "; or plan another schedule and remove this one: ",
        Typed(f"drops remove number: {one.id}"),
    )
    if one.next_due_at is not None and one.next_due_at < now - OVERDUE:
        findings.append(
            Finding(
                words(
                    f"{name} was due ", When(one.next_due_at, one.rule.zone), " and nobody has seen to it."
                ),
                words("Whoever runs Starling restarts it; its log says why its clock stands still."),
            )
        )
    if all(p.schedule_id != one.id for p in places):
        findings.append(
            Finding(
                words(f"{name} has no channel to post in."),
                words(
                    "In the channel it should have: ", Typed(f"drops add time: {one.rule.local_time:%H:%M}")
                ),
            )
        )
    if lost := [p for p in one.packs if all(p != k.slug for k in packs)]:
        findings.append(Finding(words(f"{name} names {_quoted(lost)}, and there is no such pack."), anew))
    held = {c.track for c in live if not one.packs or c.slug in one.packs}
    empty = [t for t in one.tracks if t not in held]
    if not held or (one.tracks and len(empty) == len(one.tracks)):
        findings.append(Finding(words(f"{name} has no prompt left to ask, so nothing will come."), anew))
    elif empty:
        titles = ", ".join(TRACK_TITLES[t].lower() for t in empty)
        findings.append(Finding(words(f"{name} has no prompt in {titles}; its other tracks go on."), anew))
    return findings


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"“{n}”" for n in names)


# --- what was sent ----------------------------------------


async def deliveries(
    tx: Tx,
    app: Services,
    group: Group,
    planned: Sequence[Schedule],
    places: Sequence[Line],
    now: datetime,
) -> Part:
    since = now - RECENT
    counts = await health.delivered(tx, group.id, since)
    said = ", ".join(f"{n:,} {state}" for state, n in sorted(counts.items())) or "nothing was due"
    facts: Facts = [("In the last 7 days", words(said))]
    findings = []
    for row in await health.troubled(tx, group.id, since, NEWEST):
        what = {"drop": "A question", "test": "A test post"}.get(row.kind, "A message")
        due = When(row.due_at, group.zone)
        happened = {"failed": "failed", "expired": "came too late to be sent"}.get(
            row.state, "may not have arrived"
        )
        sentence = words(f"{what} for {row.home_name}, due ", due, f", {happened}: {_said(row.reason)}.")
        again = _again(app, row, now)
        if row.after and not again:
            facts.append(("Put right since", sentence))
        else:
            findings.append(Finding(sentence, _way_out(row, planned, places), again))
    queue = await health.queued(tx, group.id, now)
    if queue.waiting:
        oldest, waiting = When(queue.since, group.zone), count(queue.waiting, "message")
        facts.append(("Waiting to be sent", words(f"{waiting}, the oldest since ", oldest)))
        if queue.since < now - OVERDUE:
            late = words(f"{waiting} for your channels could not go yet, since ", oldest, ".")
            wait = "They go as soon as they can; nobody's streak is touched. The log of whoever runs Starling says why."
            findings.append(Finding(late, words(wait)))
    if silent := await health.silent_reminders(tx, group.id):
        closed = f"{count(silent, 'member')} cannot be reached by direct message. To open the road again: "
        facts.append(("Reminders", words(closed, Typed("remind set time: 21:00"))))
    return part("Deliveries", facts, findings)


def _again(app: Services, row: Line, now: datetime) -> tuple[Button, ...]:
    """The button that sends a post once more which may not have arrived, while there is any use in it."""
    wanted = (
        row.state == "ambiguous" and row.home_state == "active" and not (row.kind == "test" and row.after)
    )
    if not wanted or reposts.open_until(row, now, app.limits.draft_life) is None:
        return ()
    return (Button("Repost", action_id("repost", key=row.key)),)


def _way_out(row: Line, planned: Sequence[Schedule], places: Sequence[Line]) -> Words:
    if row.state == "expired":
        return words("It is nobody's miss. Starling has to be running when a question is due.")
    if row.state == "ambiguous":
        return words(
            "Look in the channel. If it is not there, everybody still finds it with ",
            Typed("today"),
            ", and answers count.",
        )
    return words("Put that right, then: ", _restart(row.home_id, planned, places))
