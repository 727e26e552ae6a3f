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
        batch_op.create_index("ix_delivery_state_settled_at", ["state", "settled_at"], unique=False)
        batch_op.create_index(
            "ix_delivery_tried",
            ["sending_at"],
            unique=False,
            sqlite_where=sa.text("state = 'pending' AND sending_at IS NOT NULL"),
            postgresql_where=sa.text("state = 'pending' AND sending_at IS NOT NULL"),
        )

    with op.batch_alter_table("home", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("gone_at", Instant, nullable=True))
        batch_op.add_column(sa.Column("weekly_at", Instant, nullable=True))
        batch_op.create_index("ix_home_group_id", ["group_id"], unique=False)
        batch_op.create_index("ix_home_weekly_at", ["weekly_at"], unique=False)

    with op.batch_alter_table("rollup", recreate="never") as batch_op:
        batch_op.drop_index(batch_op.f("ix_rollup_improved"))
        batch_op.create_index(
            "ix_rollup_improved",
            [
                "group_id",
                "period",
                "bucket",
                "track",
                "shown",
                sa.literal_column("improved DESC"),
                "improved_at",
                "person_id",
            ],
            unique=False,
        )
        batch_op.drop_index(batch_op.f("ix_rollup_points"))
        batch_op.create_index(
            "ix_rollup_points",
            [
                "group_id",
                "period",
                "bucket",
                "track",
                "shown",
                sa.literal_column("points DESC"),
                "points_at",
                "person_id",
            ],
            unique=False,
        )

    with op.batch_alter_table("streak", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("stale", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index(
            "ix_streak_current", [sa.literal_column("current DESC"), "reached_at", "person_id"], unique=False
        )
        batch_op.create_index(
            "ix_streak_stale",
            ["person_id"],
            unique=False,
            sqlite_where=sa.text("stale"),
            postgresql_where=sa.text("stale"),
        )



def downgrade() -> None:
    raise StoreError(
        "A Starling database cannot go back to an older schema. Put back the copy made before: starling restore FILE."
    )
