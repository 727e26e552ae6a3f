"""What writers correct in a reading, who gives corrections and who has a coach, reviews that were edited."""

import sqlalchemy as sa
from alembic import op

from core.errors import StoreError
from core.store.types import Id, Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("answer_id", Id, autoincrement=False, nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("was", sa.String(length=10), nullable=False),
        sa.Column("now", sa.String(length=10), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_correction_answer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("answer_id", "place", name=op.f("pk_correction")),
    )
    with op.batch_alter_table("answer", recreate="never") as batch_op:
        batch_op.create_index(
            "ix_answer_shared",
            ["group_id", "shared_at"],
            unique=False,
            sqlite_where=sa.text("shared_at IS NOT NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("shared_at IS NOT NULL AND withdrawn_at IS NULL"),
        )

    with op.batch_alter_table("person", recreate="never") as batch_op:
        batch_op.add_column(
            sa.Column("gives_corrections", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("coach_since", Instant, nullable=True))

    with op.batch_alter_table("review", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("edited_at", Instant, nullable=True))


def downgrade() -> None:
    raise StoreError(
        "A Starling database cannot go back to an older schema. Put back the copy made before: starling restore FILE."
    )
