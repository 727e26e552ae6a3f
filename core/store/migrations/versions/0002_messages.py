"""Direct messages that are answers, saved answers, edits of cards, threads and recaps of drops, asides."""

import sqlalchemy as sa
from alembic import op

from core.errors import StoreError
from core.store.types import Id, Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "aside",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_aside_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aside")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("aside", schema=None) as batch_op:
        batch_op.create_index("ix_aside_person_id", ["person_id"], unique=False)

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("dm_seen", sa.String(length=64), server_default="", nullable=False))

    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("saved_at", Instant, nullable=True))
        batch_op.create_index("uq_answer_source", ["source"], unique=True)

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("edits", sa.String(length=25), nullable=True))

    with op.batch_alter_table("schedule", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("thread", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("recap", sa.Boolean(), server_default=sa.false(), nullable=False))



def downgrade() -> None:
    raise StoreError(
        "A Starling database cannot go back to an older schema. Put back the copy made before: starling restore FILE."
    )
