"""The queue in indexes of its own, boards from the top down, weekly recaps, streaks to be replayed."""

import sqlalchemy as sa
from alembic import op

from core.errors import StoreError
from core.store.types import Id, Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("delivery", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("rank", sa.Integer(), server_default="0", nullable=False))
    for rank, kinds in ((1, "'remind', 'notice'"), (2, "'recap'"), (3, "'edit'")):
        op.execute(f"UPDATE delivery SET rank = {rank} WHERE kind IN ({kinds})")
    with op.batch_alter_table("delivery", recreate="never") as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_state_scope_not_before"))
        batch_op.create_index(
            "ix_delivery_expires_at",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.create_index(
            "ix_delivery_queue",
            ["scope", "rank", "not_before", "key"],
            unique=False,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.create_index(
            "ix_delivery_sending",
            ["lease_until"],
            unique=False,
            sqlite_where=sa.text("state = 'sending'"),
            postgresql_where=sa.text("state = 'sending'"),
        )
        batch_op.create_index(
            "ix_delivery_state_settled_at",
            ["state", "settled_at"],
            unique=False,
            sqlite_where=sa.text("settled_at IS NOT NULL"),
            postgresql_where=sa.text("settled_at IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_delivery_home_id"))
        batch_op.create_index(
            "ix_delivery_home_id",
            ["home_id"],
            unique=False,
            sqlite_where=sa.text("home_id IS NOT NULL"),
            postgresql_where=sa.text("home_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_delivery_tried",
            ["sending_at"],
            unique=False,
            sqlite_where=sa.text("state = 'pending' AND sending_at IS NOT NULL"),
            postgresql_where=sa.text("state = 'pending' AND sending_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_delivery_unreached",
            ["person_id"],
            unique=False,
            sqlite_where=sa.text("kind = 'remind' AND (state = 'expired' OR state = 'failed')"),
            postgresql_where=sa.text("kind = 'remind' AND (state = 'expired' OR state = 'failed')"),
        )
        batch_op.create_index(
            "ix_delivery_lost",
            ["occurrence_id"],
            unique=False,
            sqlite_where=sa.text("kind = 'drop' AND (state = 'expired' OR state = 'failed')"),
            postgresql_where=sa.text("kind = 'drop' AND (state = 'expired' OR state = 'failed')"),
        )

    with op.batch_alter_table("schedule", recreate="never") as batch_op:
        batch_op.drop_index(batch_op.f("ix_schedule_next_due_at"))
        batch_op.create_index(
            "ix_schedule_next_due_at",
            ["next_due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )

    with op.batch_alter_table("home", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("gone_at", Instant, nullable=True))
        batch_op.add_column(sa.Column("weekly_at", Instant, nullable=True))
        batch_op.create_index("ix_home_group_id", ["group_id"], unique=False)
        batch_op.create_index("ix_home_weekly_at", ["weekly_at"], unique=False)

    with op.batch_alter_table("study_group", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("gone_at", Instant, nullable=True))

    _boards()

    with op.batch_alter_table("streak", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("stale", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index(
            "ix_streak_current",
            [sa.literal_column("current DESC"), "reached_at", "person_id", "lapses_at"],
            unique=False,
        )
        batch_op.create_index(
            "ix_streak_stale",
            ["person_id"],
            unique=False,
            sqlite_where=sa.text("stale"),
            postgresql_where=sa.text("stale"),
        )

    with op.batch_alter_table("code", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("home_id", Id, nullable=True))
        batch_op.create_index("ix_code_person_id", ["person_id"], unique=False)


def _boards() -> None:
    """Sums in one tree on SQLite, boards from the top down, and how many stand at each value."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.drop_index("ix_rollup_person_id", table_name="rollup")
        op.rename_table("rollup", "rollup_before")
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
            sa.PrimaryKeyConstraint(
                "group_id", "period", "bucket", "track", "person_id", name=op.f("pk_rollup")
            ),
            sqlite_with_rowid=False,
        )
        op.execute("INSERT INTO rollup SELECT * FROM rollup_before")
        op.drop_table("rollup_before")
        op.create_index("ix_rollup_person_id", "rollup", ["person_id"], unique=False)
    else:
        op.drop_index("ix_rollup_improved", table_name="rollup")
        op.drop_index("ix_rollup_points", table_name="rollup")
    board = ["group_id", "period", "bucket", "track", "shown"]
    op.create_index(
        "ix_rollup_improved",
        "rollup",
        [*board, sa.literal_column("improved DESC"), "improved_at", "person_id"],
        unique=False,
        sqlite_where=sa.text("improved > 0"),
        postgresql_where=sa.text("improved > 0"),
    )
    op.create_index(
        "ix_rollup_points",
        "rollup",
        [*board, sa.literal_column("points DESC"), "points_at", "person_id"],
        unique=False,
    )
    op.create_table(
        "standing",
        sa.Column("group_id", Id, autoincrement=False, nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("bucket", sa.String(length=8), nullable=False),
        sa.Column("board", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "period", "bucket", "board", "value", name=op.f("pk_standing")),
        sqlite_with_rowid=False,
    )
    for name in ("points", "improved"):
        op.execute(
            "INSERT INTO standing (group_id, period, bucket, board, value, members) "
            f"SELECT group_id, period, bucket, '{name}', {name}, count(*) FROM rollup "
            f"WHERE track = '' AND shown AND {name} > 0 GROUP BY group_id, period, bucket, {name}"
        )
        if sqlite:
            _sqlite_triggers(name)
    if not sqlite:
        _postgresql_triggers()


_KEY = "group_id, period, bucket, board, value"


def _less(name: str) -> str:
    """One member fewer at the value that was; in a trigger on rollup."""
    return (
        "UPDATE standing SET members = members - 1 WHERE group_id = OLD.group_id AND period = OLD.period "
        f"AND bucket = OLD.bucket AND board = '{name}' AND value = OLD.{name}"
    )


def _more(name: str) -> str:
    """One member more at the value that is."""
    return (
        f"INSERT INTO standing ({_KEY}, members) "
        f"SELECT NEW.group_id, NEW.period, NEW.bucket, '{name}', NEW.{name}, 1 WHERE NEW.shown AND NEW.{name} > 0 "
        f"ON CONFLICT ({_KEY}) DO UPDATE SET members = standing.members + 1"
    )


def _sqlite_triggers(name: str) -> None:
    less = f"{_less(name)} AND OLD.shown AND OLD.{name} > 0"
    changed = f"NEW.{name} <> OLD.{name} OR NEW.shown <> OLD.shown OR NEW.group_id <> OLD.group_id"
    for event, when, work in (
        ("INSERT", "NEW.track = ''", _more(name)),
        (f"UPDATE OF {name}, shown, group_id", f"NEW.track = '' AND ({changed})", f"{less}; {_more(name)}"),
        ("DELETE", "OLD.track = ''", less),
    ):
        trigger = f"standing_{name}_{event[:6].lower()}"
        op.execute(f"CREATE TRIGGER {trigger} AFTER {event} ON rollup WHEN {when} BEGIN {work}; END")


def _postgresql_triggers() -> None:
    """A sum that grows leaves the lower value first: all take rows in one order, and none waits in a circle."""
    work = "".join(
        f"""
        was := CASE WHEN TG_OP <> 'INSERT' AND OLD.shown THEN OLD.{name} ELSE 0 END;
        becomes := CASE WHEN TG_OP <> 'DELETE' AND NEW.shown THEN NEW.{name} ELSE 0 END;
        IF was <> becomes OR moved THEN
            IF was > 0 THEN {_less(name)}; END IF;
            IF becomes > 0 THEN {_more(name)}; END IF;
        END IF;"""
        for name in ("points", "improved")
    )
    op.execute(
        f"""CREATE FUNCTION keep_standing() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE was integer; becomes integer; moved boolean := TG_OP = 'UPDATE' AND OLD.group_id <> NEW.group_id;
        BEGIN {work}
        RETURN NULL;
        END $$"""
    )
    for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        op.execute(
            f"CREATE TRIGGER standing_{event.lower()} AFTER {event} ON rollup FOR EACH ROW "
            f"WHEN ({row}.track = '') EXECUTE FUNCTION keep_standing()"
        )


def downgrade() -> None:
    raise StoreError(
        "A Starling database cannot go back to an older schema. Put back the copy made before: starling restore FILE."
    )
