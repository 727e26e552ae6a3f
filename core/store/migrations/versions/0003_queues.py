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
    """Sums in one tree on SQLite, and boards from the top down."""
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
    )
    op.create_index(
        "ix_rollup_points",
        "rollup",
        [*board, sa.literal_column("points DESC"), "points_at", "person_id"],
        unique=False,
    )


def downgrade() -> None:
    raise StoreError(
        "A Starling database cannot go back to an older schema. Put back the copy made before: starling restore FILE."
    )
