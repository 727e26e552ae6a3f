"""The tables, in the words of docs/design.md: person, account, group, home, schedule, occurrence, delivery.

Member-typed text is kept as typed (cleaned by core.plain). Instants are UTC (types.Instant). Days are the
person's practice days (core.rules.days). Small closed sets (weekdays, tracks) are short strings or bit masks,
so that a row reads well in any database browser.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    desc,
    false,
    text,
)

from core.store.types import Id, Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def _ref(
    name: str, target: str, *, null: bool = False, primary: bool = False, gone: str = "CASCADE"
) -> Column[int]:
    return Column(
        name,
        Id,
        ForeignKey(f"{target}.id", ondelete=gone),
        nullable=null,
        primary_key=primary,
        autoincrement=False,
    )


def _where(condition: str) -> dict[str, Any]:
    """An index of these rows alone. Queries spell the condition as it stands here: a bound value is no proof."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


# --- people ----------------------------------------

person = Table(
    "person",
    metadata,
    _id(),
    Column("name", String(60), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("cutoff", Integer, nullable=False),  # minutes after midnight, 0-360
    Column("rest_days", Integer, nullable=False),  # bit n = weekday n, Monday = 0
    Column("level", String(12), nullable=False),
    Column("zone_set", Boolean, nullable=False),  # False: taken over from the home, never said by the person
    Column(
        "active_group_id", Id, nullable=True
    ),  # no foreign key: person and group would be made in a circle
    Column("created_at", Instant, nullable=False),
    # Whether the sentences they corrected may be used, without names, to train the reader anew.
    Column("gives_corrections", Boolean, nullable=False, server_default=false()),
    # Since when they agree that the operator's coach reads their answers; NULL: it does not.
    Column("coach_since", Instant, nullable=True),
    sqlite_autoincrement=True,
)

# One of a person's accounts. ``workspace`` is "" where the platform's user ids are unique everywhere.
account = Table(
    "account",
    metadata,
    Column("platform", String(12), primary_key=True),
    Column("workspace", String(40), primary_key=True),
    Column("user_id", String(64), primary_key=True),
    _ref("person_id", "person"),
    Column("name", String(60), nullable=False),
    Column("dm_channel_id", String(64), nullable=False, default=""),
    Column(
        "dm_seen", String(64), nullable=False, server_default=""
    ),  # the newest direct message that was read
    Column("created_at", Instant, nullable=False),
    Index("ix_account_person_id", "person_id"),
)

# Dated changes of zone, cut-off, rest days and vacation. None acts backwards (docs/rules.md).
person_change = Table(
    "person_change",
    metadata,
    _id(),
    _ref("person_id", "person"),
    Column("at", Instant, nullable=False),
    Column("kind", String(12), nullable=False),  # zone | cutoff | rest | vacation
    Column("value", JSON, nullable=False),
    Index("ix_person_change_person_id_at", "person_id", "at"),
    sqlite_autoincrement=True,
)

# --- groups ----------------------------------------

study_group = Table(
    "study_group",  # "group" is a word of SQL
    metadata,
    _id(),
    Column("name", String(60), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("cutoff", Integer, nullable=False),  # minutes after midnight
    Column("points", JSON, nullable=False),  # changed point rules; {} = the defaults
    Column("created_at", Instant, nullable=False),
    # Since when nothing is left of it but what its members' streaks are replayed from (core/store/retention.py).
    Column("gone_at", Instant, nullable=True),
    sqlite_autoincrement=True,
)

# Where a group lives: one per server (workspace); channel_id is where its posts go by default.
home = Table(
    "home",
    metadata,
    _id(),
    _ref("group_id", "study_group"),
    Column("platform", String(12), nullable=False),
    Column("server_id", String(64), nullable=False),
    Column("channel_id", String(64), nullable=False),
    Column("name", String(100), nullable=False),
    Column("state", String(10), nullable=False),  # active | disabled
    Column("reason", String(200), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("gone_at", Instant, nullable=True),  # since when Starling is removed from there
    # When the next weekly recap is due there; NULL: the group wants none.
    Column("weekly_at", Instant, nullable=True),
    UniqueConstraint("platform", "server_id", "channel_id"),
    Index("ix_home_weekly_at", "weekly_at"),
    Index("ix_home_group_id", "group_id"),
    sqlite_autoincrement=True,
)

member = Table(
    "member",
    metadata,
    _ref("group_id", "study_group", primary=True),
    _ref("person_id", "person", primary=True),
    Column("hidden", Boolean, nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("left_at", Instant, nullable=True),
    Index("ix_member_person_id", "person_id"),
)

# --- packs and prompts ----------------------------------------

# group_id NULL: shipped with Starling, for everybody. A removed pack keeps its row: its ids are never reused.
pack = Table(
    "pack",
    metadata,
    _id(),
    _ref("group_id", "study_group", null=True),
    Column("slug", String(60), nullable=False),
    Column("version", String(20), nullable=False),
    Column("title", String(100), nullable=False),
    Column("license", String(60), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("removed_at", Instant, nullable=True),
    Index("ix_pack_slug", "slug"),
    sqlite_autoincrement=True,
)

prompt = Table(
    "prompt",
    metadata,
    _id(),
    _ref("pack_id", "pack"),
    Column("slug", String(60), nullable=False),
    Column("position", Integer, nullable=False),  # place in its file, from 0
    Column("track", String(16), nullable=False),
    Column("levels", String(60), nullable=False),  # " graduate mid " (blanks at the ends: LIKE '% mid %')
    Column("title", String(100), nullable=False),
    Column("text", Text, nullable=False),
    Column("minutes", Integer, nullable=False),  # 0 = not said
    Column("rubric", String(60), nullable=False),
    Column(
        "body", JSON, nullable=False
    ),  # the rest: url, difficulty, reveal, good, notes, companies, tags ...
    Column("retired", Boolean, nullable=False),
    UniqueConstraint("pack_id", "slug"),
    Index("ix_prompt_track", "track"),
    sqlite_autoincrement=True,
)

# --- schedules, occurrences, deliveries ----------------------------------------

# A group's drops (group_id) or one person's reminder (person_id); exactly one of both is set.
schedule = Table(
    "schedule",
    metadata,
    _id(),
    _ref("group_id", "study_group", null=True),
    _ref("person_id", "person", null=True),
    Column("platform", String(12), nullable=False),  # reminders: by whose direct messages; drops: ""
    Column("local_time", Integer, nullable=False),  # minutes after midnight
    Column("zone", String(64), nullable=False),
    Column("weekdays", Integer, nullable=False),  # bit n = weekday n, Monday = 0
    Column("tracks", JSON, nullable=False),  # list of tracks; [] = all
    Column("packs", JSON, nullable=False),  # list of pack slugs; [] = all
    Column("role_id", String(64), nullable=False),  # a role to mention, or ""
    Column("thread", Boolean, nullable=False, server_default=false()),  # a thread under each drop, to discuss
    Column("recap", Boolean, nullable=False, server_default=false()),  # the card says how the day went
    Column("state", String(10), nullable=False),  # active | paused | removed | disabled
    Column("reason", String(200), nullable=False),  # why disabled
    Column("next_date", Date, nullable=True),  # local date of the next occurrence
    # NULL = never (paused, removed, disabled); kept, and nothing due, where Starling was removed from a workspace
    Column("next_due_at", Instant, nullable=True),
    Column("created_at", Instant, nullable=False),
    Index("ix_schedule_next_due_at", "next_due_at", **_where("state = 'active'")),
    Index("ix_schedule_group_id", "group_id"),
    Index("ix_schedule_person_id", "person_id"),
    sqlite_autoincrement=True,
)

schedule_home = Table(
    "schedule_home",
    metadata,
    _ref("schedule_id", "schedule", primary=True),
    _ref("home_id", "home", primary=True),
    Column("channel_id", String(64), nullable=False),  # "" = the home's own channel
)

# When a schedule posted, from when to when: what "nothing was scheduled" is answered from.
schedule_span = Table(
    "schedule_span",
    metadata,
    _id(),
    _ref("schedule_id", "schedule"),
    Column("local_time", Integer, nullable=False),  # minutes after midnight
    Column("zone", String(64), nullable=False),
    Column("weekdays", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=True),
    Index("ix_schedule_span_schedule_id", "schedule_id"),
    sqlite_autoincrement=True,
)

occurrence = Table(
    "occurrence",
    metadata,
    _id(),
    _ref("schedule_id", "schedule"),
    Column("local_date", Date, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("closes_at", Instant, nullable=False),  # answers to it count as the drop's until then
    Column("state", String(10), nullable=False),  # open | skipped | expired
    _ref("prompt_id", "prompt", null=True),  # chosen when first needed
    UniqueConstraint("schedule_id", "local_date"),  # the wall against a second drop on one date
    Index("ix_occurrence_closes_at", "closes_at"),
    sqlite_autoincrement=True,
)

# The outbox. ``key`` is the platform's idempotency key, too (Discord's nonce: 25 characters at most).
delivery = Table(
    "delivery",
    metadata,
    Column("key", String(25), primary_key=True),
    Column("kind", String(10), nullable=False),  # drop | remind | notice | test | edit | recap
    # For an edit: the row whose message it rewrites.
    Column("edits", String(25), nullable=True),
    _ref("occurrence_id", "occurrence", null=True),
    _ref("home_id", "home", null=True),
    _ref("person_id", "person", null=True),
    Column("platform", String(12), nullable=False),
    Column("scope", String(60), nullable=False),
    Column("state", String(10), nullable=False),  # pending sending sent failed expired ambiguous
    Column("body", JSON, nullable=True),  # what a notice says; a drop's content comes from its occurrence
    Column("due_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("worker", String(60), nullable=False),
    Column("lease_until", Instant, nullable=True),
    Column("sending_at", Instant, nullable=True),
    Column("settled_at", Instant, nullable=True),
    Column("message_id", String(64), nullable=False),
    Column("channel_id", String(64), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("rank", Integer, nullable=False, server_default="0"),  # 0 goes first: deliveries.RANKS
    # What is open is little beside what was ever sent: the queue is read out of indexes of its own.
    Index("ix_delivery_queue", "scope", "rank", "not_before", "key", **_where("state = 'pending'")),
    Index("ix_delivery_expires_at", "expires_at", **_where("state = 'pending'")),
    Index("ix_delivery_tried", "sending_at", **_where("state = 'pending' AND sending_at IS NOT NULL")),
    Index("ix_delivery_sending", "lease_until", **_where("state = 'sending'")),
    Index("ix_delivery_state_settled_at", "state", "settled_at", **_where("settled_at IS NOT NULL")),
    Index("ix_delivery_occurrence_id", "occurrence_id"),
    Index("ix_delivery_home_id", "home_id", **_where("home_id IS NOT NULL")),
    Index(
        "ix_delivery_unreached",
        "person_id",
        **_where("kind = 'remind' AND (state = 'expired' OR state = 'failed')"),
    ),
    Index(
        "ix_delivery_lost",
        "occurrence_id",
        **_where("kind = 'drop' AND (state = 'expired' OR state = 'failed')"),
    ),
    Index("ix_delivery_person_id", "person_id"),
)

# --- answers ----------------------------------------

# A prompt put to one person outside a drop: practice, a reminder. "Never the same twice" is answered from it.
ask = Table(
    "ask",
    metadata,
    _id(),
    _ref("person_id", "person"),
    _ref("prompt_id", "prompt"),
    _ref("group_id", "study_group", null=True, gone="SET NULL"),
    _ref("occurrence_id", "occurrence", null=True, gone="SET NULL"),
    Column("at", Instant, nullable=False),
    Index("ix_ask_person_id_at", "person_id", "at"),
    sqlite_autoincrement=True,
)

answer = Table(
    "answer",
    metadata,
    _id(),
    _ref("person_id", "person"),
    _ref("prompt_id", "prompt"),
    _ref("group_id", "study_group", null=True, gone="SET NULL"),
    _ref("occurrence_id", "occurrence", null=True, gone="SET NULL"),
    Column("attempt", Integer, nullable=False),  # from 1, per person and prompt
    Column("track", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("parts", JSON, nullable=True),  # guided answers: {"S": ..., "T": ..., "A": ..., "R": ...}
    Column("outcome", String(12), nullable=False),  # coding: solved | partly | stuck; else ""
    Column("words", Integer, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("day", Date, nullable=False),
    # The message it was taken from ("discord:123"), where it was one: no message is an answer twice.
    Column("source", String(80), nullable=True),
    Column("shared_at", Instant, nullable=True),
    Column("saved_at", Instant, nullable=True),  # kept by its writer among what stories are made of
    Column("anonymous", Boolean, nullable=False),
    Column("withdrawn_at", Instant, nullable=True),
    UniqueConstraint("person_id", "prompt_id", "attempt"),
    # What waits for a review: few beside all answers.
    Index(
        "ix_answer_shared",
        "group_id",
        "shared_at",
        **_where("shared_at IS NOT NULL AND withdrawn_at IS NULL"),
    ),
    Index("ix_answer_person_id_at", "person_id", "at"),
    Index("ix_answer_occurrence_id", "occurrence_id"),
    Index("uq_answer_source", "source", unique=True),
    sqlite_autoincrement=True,
)

# The machine's feedback, made in a second transaction; an answer without one is finished at start.
checklist = Table(
    "checklist",
    metadata,
    _ref("answer_id", "answer", primary=True),
    Column("method", String(40), nullable=False),
    Column("checks", JSON, nullable=False),  # [{"key", "state", "quote"}]
    Column("met", JSON, nullable=False),  # keys of items met, for comparing attempts
    Column("newly_met", Integer, nullable=False),  # items met now and in no earlier attempt
    Column("ticked", JSON, nullable=False),  # rubric items the writer ticked: earns nothing
    Column("at", Instant, nullable=False),
)

# What the writer corrected in the machine's reading of an answer. It decides from then on.
correction = Table(
    "correction",
    metadata,
    _ref("answer_id", "answer", primary=True),
    # "s3": the fourth sentence belongs to another part; "quantified_result": that item is wrong
    Column("place", String(40), primary_key=True),
    Column("was", String(10), nullable=False),  # a label or a state, as the machine had it
    Column("now", String(10), nullable=False),  # a label, or "met" / "missing"
    # The sentence it is about, as the answer has it; items: the one that shows it, or ""
    Column("sentence", Text, nullable=False),
    Column("method", String(40), nullable=False),  # the tagger that was corrected
    Column("at", Instant, nullable=False),
)

review = Table(
    "review",
    metadata,
    _id(),
    _ref("answer_id", "answer"),
    _ref("reviewer_id", "person"),
    Column("seen", JSON, nullable=False),
    Column("missing", JSON, nullable=False),
    Column("words", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("edited_at", Instant, nullable=True),
    Column("helpful_at", Instant, nullable=True),
    Column("withdrawn_at", Instant, nullable=True),
    UniqueConstraint("answer_id", "reviewer_id"),
    Index("ix_review_reviewer_id", "reviewer_id"),
    sqlite_autoincrement=True,
)

# Reveal details that somebody asked for ("Clarify").
clarification = Table(
    "clarification",
    metadata,
    _ref("person_id", "person", primary=True),
    _ref("prompt_id", "prompt", primary=True),
    Column("detail", String(60), primary_key=True),
    Column("at", Instant, nullable=False),
)

# --- practice, points, boards ----------------------------------------

practice_log = Table(
    "practice_log",
    metadata,
    _id(),
    _ref("person_id", "person"),
    Column("kind", String(10), nullable=False),  # answer | review | round
    Column("track", String(16), nullable=False),
    _ref("answer_id", "answer", null=True, gone="SET NULL"),
    Column("counts", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("day", Date, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("cutoff", Integer, nullable=False),
    Index("ix_practice_log_person_id_at", "person_id", "at"),
    sqlite_autoincrement=True,
)

point = Table(
    "point",
    metadata,
    _id(),
    _ref("person_id", "person"),
    _ref("group_id", "study_group"),
    _ref("answer_id", "answer", null=True, gone="SET NULL"),
    Column("kind", String(12), nullable=False),  # answer | improvement | review | helpful | round
    Column("track", String(16), nullable=False),
    Column("points", Integer, nullable=False),
    Column("improved", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("day", Date, nullable=False),
    Index("ix_point_person_id_day", "person_id", "day"),
    Index("ix_point_group_id_day", "group_id", "day"),
    sqlite_autoincrement=True,
)

# Sums of ``point``, kept in the same transaction. track "" = all tracks. ``shown`` is False for members who
# hide or have left, so that a board reads one index and nothing else.
_BOARD = ("group_id", "period", "bucket", "track", "shown")

rollup = Table(
    "rollup",
    metadata,
    _ref("group_id", "study_group", primary=True),
    Column("period", String(8), primary_key=True),  # week | month | season | all
    Column("bucket", String(8), primary_key=True),  # 2026-W47, 2026-11, 2026-Q4, all
    Column("track", String(16), primary_key=True),
    _ref("person_id", "person", primary=True),
    Column("points", Integer, nullable=False),
    Column("improved", Integer, nullable=False),
    Column("points_at", Instant, nullable=False),  # when the present points were reached
    Column("improved_at", Instant, nullable=False),
    Column("shown", Boolean, nullable=False),
    Index("ix_rollup_points", *_BOARD, desc("points"), "points_at", "person_id"),
    Index("ix_rollup_improved", *_BOARD, desc("improved"), "improved_at", "person_id"),
    Index("ix_rollup_person_id", "person_id"),
    sqlite_with_rowid=False,  # one tree in place of two: eight of its rows are written with every answer
)

# The streak as of the last event, and the instant at which it lapses if nothing more is done.
streak = Table(
    "streak",
    metadata,
    _ref("person_id", "person", primary=True),
    Column("current", Integer, nullable=False),
    Column("best", Integer, nullable=False),
    Column("savers", Integer, nullable=False),
    Column("lapses_at", Instant, nullable=True),
    Column("reached_at", Instant, nullable=False),  # when ``current`` was reached: order of ties
    Column("told_lost_at", Instant, nullable=True),  # losing a streak is said once
    # Something happened that may change it without an act of the person's: it is replayed before long.
    Column("stale", Boolean, nullable=False, server_default=false()),
    Index("ix_streak_current", desc("current"), "reached_at", "person_id", "lapses_at"),
    Index("ix_streak_stale", "person_id", **_where("stale")),
)

# --- small things ----------------------------------------

draft = Table(
    "draft",
    metadata,
    _ref("person_id", "person", primary=True),
    Column("action", String(100), primary_key=True),
    Column("fields", JSON, nullable=False),
    Column("at", Instant, nullable=False),
)

# What could not be told somebody by message: it stands above their next private reply, once.
aside = Table(
    "aside",
    metadata,
    _id(),
    _ref("person_id", "person"),
    Column("text", String(500), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_aside_person_id", "person_id"),
    sqlite_autoincrement=True,
)

# One-time codes that link accounts or homes; only a digest is kept.
code = Table(
    "code",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("kind", String(10), nullable=False),  # account | home; and notes beside them: core/store/codes.py
    _ref("person_id", "person", null=True),
    _ref("group_id", "study_group", null=True),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=True),
    # Where a group's code was made. No foreign key: a code lives a day, and whoever uses it looks.
    Column("home_id", Id, nullable=True),
    Index("ix_code_person_id", "person_id"),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    _ref("group_id", "study_group"),
    _ref("person_id", "person", null=True, gone="SET NULL"),
    Column("action", String(40), nullable=False),
    Column("detail", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_audit_group_id_at", "group_id", "at"),
    sqlite_autoincrement=True,
)

# One sender for each platform scope, on the database's clock.
lease = Table(
    "lease",
    metadata,
    Column("scope", String(60), primary_key=True),
    Column("holder", String(60), nullable=False),
    Column("until", Instant, nullable=False),
)

meta = Table(
    "meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
