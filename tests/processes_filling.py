"""Much that is due soon, on Discord and in Slack workspaces, for several processes to share; and a log of who did what.

The log is kept by the database itself, by triggers: nothing of Starling writes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text, update

from core.packs.load import starter_packs
from core.store import prompts
from core.store.bulk import load, settle
from core.store.engine import Store
from core.store.tables import account, home, person, schedule, schedule_home, schedule_span, study_group

LOG = """
CREATE TABLE claim_log (schedule_id int, local_date date, at timestamptz DEFAULT clock_timestamp());
CREATE TABLE send_log (
    n serial, key text, scope text, state text, worker text, holds boolean,
    at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION log_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO claim_log (schedule_id, local_date) VALUES (OLD.id, OLD.next_date); RETURN NEW; END $$;
CREATE TRIGGER log_claim AFTER UPDATE OF next_date ON schedule FOR EACH ROW EXECUTE FUNCTION log_claim();
CREATE FUNCTION log_send() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO send_log (key, scope, state, worker, holds) VALUES (NEW.key, NEW.scope, NEW.state, NEW.worker, EXISTS
        (SELECT FROM lease WHERE scope = NEW.scope AND holder = NEW.worker AND until > clock_timestamp()));
    RETURN NEW; END $$;
CREATE TRIGGER log_send AFTER UPDATE OF state ON delivery FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION log_send();
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a home is, or a person's account: (platform, server or workspace, channel or user)."""

    platform: str
    server: str
    id: str


async def keep_log(store: Store) -> None:
    async with store.write() as tx:
        for statement in _statements(LOG):
            await tx.execute(text(statement))


def _statements(script: str) -> list[str]:
    """The driver takes one at a time; those in a function's body end with END $$."""
    found, held = [], ""
    for line in script.strip().splitlines():
        held += line + "\n"
        if line.rstrip().endswith(";") and held.count("$$") % 2 == 0:
            found.append(held)
            held = ""
    return found


async def fill(
    store: Store,
    groups: Sequence[tuple[Place, Place]],
    drops: int,
    people: Sequence[Place],
    begin: datetime,
    over: timedelta,
) -> None:
    """``drops`` schedules, each posting to both homes of a group, and a reminder for each of ``people``.

    They fall due evenly, from ``begin`` on, within ``over``. Each table is there as it is loaded, and the processes
    look meanwhile: so the schedules rest until their places are there. One claimed before would post nowhere.
    """
    before = begin - timedelta(days=3)
    async with store.write() as tx:
        for pack in starter_packs():
            if pack.id == "starter-behavioural":
                await prompts.install(tx, pack, None, before)
    made: dict[Any, list[dict[str, Any]]] = {
        study_group: [], home: [], person: [], account: [], schedule: [], schedule_home: [], schedule_span: []
    }  # fmt: skip
    for n, places in enumerate(groups, 1):
        made[study_group].append(
            {"id": n, "name": f"Group {n}", "zone": "UTC", "cutoff": 180, "points": {}, "created_at": before}
        )
        for m, place in enumerate(places):
            made[home].append(
                {"id": 2 * n + m, "group_id": n, "platform": place.platform, "server_id": place.server,
                 "channel_id": place.id, "name": f"#{place.id}", "state": "active", "reason": "",
                 "created_at": before}
            )  # fmt: skip
    for n, place in enumerate(people, 1):
        made[person].append(
            {"id": n, "name": f"Person {n}", "zone": "UTC", "cutoff": 180, "rest_days": 0, "level": "mid",
             "zone_set": True, "active_group_id": None, "created_at": before}
        )  # fmt: skip
        made[account].append(
            {"platform": place.platform, "workspace": place.server, "user_id": place.id, "person_id": n,
             "name": f"Person {n}", "dm_channel_id": "", "created_at": before}
        )  # fmt: skip
    every = drops + len(people)
    for n in range(every):
        # Drops and reminders come in turn.
        reminder = len(people) * (n + 1) // every > (before_ := len(people) * n // every)
        at = begin + over * n / every
        rule = {"local_time": at.hour * 60 + at.minute, "zone": "UTC", "weekdays": 127}
        mine = {"person_id": before_ + 1, "group_id": None} if reminder else {"person_id": None}
        if not reminder:
            mine["group_id"] = (n - before_) % len(groups) + 1
            homes = (2 * mine["group_id"], 2 * mine["group_id"] + 1)
            made[schedule_home] += [
                {"schedule_id": n + 1, "home_id": each, "channel_id": ""} for each in homes
            ]
        made[schedule].append(
            {"id": n + 1, **mine, "platform": people[before_].platform if reminder else "", **rule,
             "tracks": ["behavioural"], "packs": [], "role_id": "", "state": "paused", "reason": "",
             "next_date": at.date(), "next_due_at": at, "created_at": before}
        )  # fmt: skip
        made[schedule_span].append({"schedule_id": n + 1, **rule, "since": before, "until": None})
    for table, rows in made.items():
        async with store.write() as tx:
            await load(tx, table, rows)
    async with store.write() as tx:
        await tx.execute(update(schedule).values(state="active"))
    await settle(store, (person, study_group, home, schedule))
