"""${message}"""

import sqlalchemy as sa
from alembic import op

from core.errors import StoreError
from core.store.types import Id, Instant

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    raise StoreError(
        "A Starling database cannot go back to an older schema. Put back the copy made before: starling restore FILE."
    )
