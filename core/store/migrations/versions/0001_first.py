"""first"""

import sqlalchemy as sa
from alembic import op

from core.errors import StoreError
from core.store.types import Id, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("holder", sa.String(length=60), nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_lease")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "person",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("cutoff", sa.Integer(), nullable=False),
        sa.Column("rest_days", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("zone_set", sa.Boolean(), nullable=False),
        sa.Column("active_group_id", Id, nullable=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "study_group",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("cutoff", sa.Integer(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_group")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "account",
        sa.Column("platform", sa.String(length=12), nullable=False),
        sa.Column("workspace", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("dm_channel_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_account_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("platform", "workspace", "user_id", name=op.f("pk_account")),
    )
    op.create_index("ix_account_person_id", "account", ["person_id"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("group_id", Id, autoincrement=False, nullable=False),
        sa.Column("person_id", Id, autoincrement=False, nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["study_group.id"], name=op.f("fk_audit_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_audit_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_group_id_at", "audit", ["group_id", "at"], unique=False)
    op.create_table(
        "code",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("person_id", Id, autoincrement=False, nullable=True),
        sa.Column("group_id", Id, autoincrement=False, nullable=True),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("used_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["study_group.id"], name=op.f("fk_code_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_code_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_code")),
    )
    op.create_table(
        "draft",
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=100), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_draft_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "action", name=op.f("pk_draft")),
    )
    op.create_table(
        "home",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("group_id", Id, autoincrement=False, nullable=False),
        sa.Column("platform", sa.String(length=12), nullable=False),
        sa.Column("server_id", sa.String(length=64), nullable=False),
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["study_group.id"], name=op.f("fk_home_group_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home")),
        sa.UniqueConstraint(
            "platform", "server_id", "channel_id", name=op.f("uq_home_platform_server_id_channel_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "member",
        sa.Column("group_id", Id, autoincrement=False, nullable=False),
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("joined_at", Instant, nullable=False),
        sa.Column("left_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["study_group.id"], name=op.f("fk_member_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_member_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "person_id", name=op.f("pk_member")),
    )
    op.create_index("ix_member_person_id", "member", ["person_id"], unique=False)
    op.create_table(
        "pack",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("group_id", Id, autoincrement=False, nullable=True),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("license", sa.String(length=60), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("imported_at", Instant, nullable=False),
        sa.Column("removed_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["study_group.id"], name=op.f("fk_pack_group_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pack_slug", "pack", ["slug"], unique=False)
    op.create_table(
        "person_change",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_change_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_change")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_person_change_person_id_at", "person_change", ["person_id", "at"], unique=False)
    op.create_table(
        "rollup",
        sa.Column("group_id", Id, autoincrement=False, nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("bucket", sa.String(length=8), nullable=False),
        sa.Column("track", sa.String(length=16), nullable=False),
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("improved", sa.Integer(), nullable=False),
        sa.Column("points_at", Instant, nullable=False),
        sa.Column("improved_at", Instant, nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["study_group.id"], name=op.f("fk_rollup_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_rollup_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "period", "bucket", "track", "person_id", name=op.f("pk_rollup")),
    )
    op.create_index(
        "ix_rollup_improved",
        "rollup",
        ["group_id", "period", "bucket", "track", "shown", "improved", "improved_at"],
        unique=False,
    )
    op.create_index("ix_rollup_person_id", "rollup", ["person_id"], unique=False)
    op.create_index(
        "ix_rollup_points",
        "rollup",
        ["group_id", "period", "bucket", "track", "shown", "points", "points_at"],
        unique=False,
    )
    op.create_table(
        "schedule",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("group_id", Id, autoincrement=False, nullable=True),
        sa.Column("person_id", Id, autoincrement=False, nullable=True),
        sa.Column("platform", sa.String(length=12), nullable=False),
        sa.Column("local_time", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("tracks", sa.JSON(), nullable=False),
        sa.Column("packs", sa.JSON(), nullable=False),
        sa.Column("role_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("next_date", sa.Date(), nullable=True),
        sa.Column("next_due_at", Instant, nullable=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["study_group.id"], name=op.f("fk_schedule_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_schedule_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_schedule_group_id", "schedule", ["group_id"], unique=False)
    op.create_index("ix_schedule_next_due_at", "schedule", ["next_due_at"], unique=False)
    op.create_index("ix_schedule_person_id", "schedule", ["person_id"], unique=False)
    op.create_table(
        "streak",
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("best", sa.Integer(), nullable=False),
        sa.Column("savers", sa.Integer(), nullable=False),
        sa.Column("lapses_at", Instant, nullable=True),
        sa.Column("reached_at", Instant, nullable=False),
        sa.Column("told_lost_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_streak_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_streak")),
    )
    op.create_table(
        "prompt",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("pack_id", Id, autoincrement=False, nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(length=16), nullable=False),
        sa.Column("levels", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("rubric", sa.String(length=60), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["pack_id"], ["pack.id"], name=op.f("fk_prompt_pack_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt")),
        sa.UniqueConstraint("pack_id", "slug", name=op.f("uq_prompt_pack_id_slug")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_prompt_track", "prompt", ["track"], unique=False)
    op.create_table(
        "schedule_home",
        sa.Column("schedule_id", Id, autoincrement=False, nullable=False),
        sa.Column("home_id", Id, autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"], ["home.id"], name=op.f("fk_schedule_home_home_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedule.id"], name=op.f("fk_schedule_home_schedule_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("schedule_id", "home_id", name=op.f("pk_schedule_home")),
    )
    op.create_table(
        "schedule_span",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("schedule_id", Id, autoincrement=False, nullable=False),
        sa.Column("local_time", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.Column("until", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedule.id"], name=op.f("fk_schedule_span_schedule_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_span")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_schedule_span_schedule_id", "schedule_span", ["schedule_id"], unique=False)
    op.create_table(
        "clarification",
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("prompt_id", Id, autoincrement=False, nullable=False),
        sa.Column("detail", sa.String(length=60), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_clarification_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["prompt_id"], ["prompt.id"], name=op.f("fk_clarification_prompt_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "prompt_id", "detail", name=op.f("pk_clarification")),
    )
    op.create_table(
        "occurrence",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("schedule_id", Id, autoincrement=False, nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("closes_at", Instant, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("prompt_id", Id, autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(
            ["prompt_id"], ["prompt.id"], name=op.f("fk_occurrence_prompt_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedule.id"], name=op.f("fk_occurrence_schedule_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence")),
        sa.UniqueConstraint("schedule_id", "local_date", name=op.f("uq_occurrence_schedule_id_local_date")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_occurrence_closes_at", "occurrence", ["closes_at"], unique=False)
    op.create_table(
        "answer",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("prompt_id", Id, autoincrement=False, nullable=False),
        sa.Column("group_id", Id, autoincrement=False, nullable=True),
        sa.Column("occurrence_id", Id, autoincrement=False, nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shared_at", Instant, nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["study_group.id"], name=op.f("fk_answer_group_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrence.id"], name=op.f("fk_answer_occurrence_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_answer_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["prompt_id"], ["prompt.id"], name=op.f("fk_answer_prompt_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "person_id", "prompt_id", "attempt", name=op.f("uq_answer_person_id_prompt_id_attempt")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_answer_occurrence_id", "answer", ["occurrence_id"], unique=False)
    op.create_index("ix_answer_person_id_at", "answer", ["person_id", "at"], unique=False)
    op.create_table(
        "ask",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("prompt_id", Id, autoincrement=False, nullable=False),
        sa.Column("group_id", Id, autoincrement=False, nullable=True),
        sa.Column("occurrence_id", Id, autoincrement=False, nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["study_group.id"], name=op.f("fk_ask_group_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrence.id"], name=op.f("fk_ask_occurrence_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_ask_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["prompt_id"], ["prompt.id"], name=op.f("fk_ask_prompt_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ask_person_id_at", "ask", ["person_id", "at"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("key", sa.String(length=25), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("occurrence_id", Id, autoincrement=False, nullable=True),
        sa.Column("home_id", Id, autoincrement=False, nullable=True),
        sa.Column("person_id", Id, autoincrement=False, nullable=True),
        sa.Column("platform", sa.String(length=12), nullable=False),
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("not_before", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=60), nullable=False),
        sa.Column("lease_until", Instant, nullable=True),
        sa.Column("sending_at", Instant, nullable=True),
        sa.Column("settled_at", Instant, nullable=True),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"], ["home.id"], name=op.f("fk_delivery_home_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrence.id"], name=op.f("fk_delivery_occurrence_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_delivery_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_delivery")),
    )
    op.create_index("ix_delivery_home_id", "delivery", ["home_id"], unique=False)
    op.create_index("ix_delivery_occurrence_id", "delivery", ["occurrence_id"], unique=False)
    op.create_index("ix_delivery_person_id", "delivery", ["person_id"], unique=False)
    op.create_index(
        "ix_delivery_state_scope_not_before", "delivery", ["state", "scope", "not_before"], unique=False
    )
    op.create_table(
        "checklist",
        sa.Column("answer_id", Id, autoincrement=False, nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("met", sa.JSON(), nullable=False),
        sa.Column("newly_met", sa.Integer(), nullable=False),
        sa.Column("ticked", sa.JSON(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_checklist_answer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_checklist")),
    )
    op.create_table(
        "point",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("group_id", Id, autoincrement=False, nullable=False),
        sa.Column("answer_id", Id, autoincrement=False, nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("track", sa.String(length=16), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("improved", sa.Integer(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_point_answer_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["study_group.id"], name=op.f("fk_point_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_point_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_point_group_id_day", "point", ["group_id", "day"], unique=False)
    op.create_index("ix_point_person_id_day", "point", ["person_id", "day"], unique=False)
    op.create_table(
        "practice_log",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("track", sa.String(length=16), nullable=False),
        sa.Column("answer_id", Id, autoincrement=False, nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("cutoff", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_practice_log_answer_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_practice_log_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_log")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_practice_log_person_id_at", "practice_log", ["person_id", "at"], unique=False)
    op.create_table(
        "review",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("answer_id", Id, autoincrement=False, nullable=False),
        sa.Column("reviewer_id", Id, autoincrement=False, nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("helpful_at", Instant, nullable=True),
        sa.Column("withdrawn_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_review_answer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["person.id"], name=op.f("fk_review_reviewer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("answer_id", "reviewer_id", name=op.f("uq_review_answer_id_reviewer_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_review_reviewer_id", "review", ["reviewer_id"], unique=False)


def downgrade() -> None:
    raise StoreError(
        "A Starling database cannot go back to an older schema. Put back the copy made before: starling restore FILE."
    )
