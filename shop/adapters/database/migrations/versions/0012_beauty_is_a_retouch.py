"""beauty is a retouch.

"More beautiful" was a smaller weight, which is another face; now it is a retouch of the same one.
Whoever had chosen less than the start has the start again, retouched as much as can be.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

AVATARS = sa.table(
    "avatars", *map(sa.column, ("weight", "start", "checkpoint", "best", "beauty", "floor"))
)
FIRST, MOST = 0.3, 1.0


def upgrade() -> None:
    for table in ("avatars", "shoots"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column("beauty", sa.Double(), nullable=False, server_default="0")
            )
    at_start = AVATARS.c.weight == AVATARS.c.start
    op.execute(sa.update(AVATARS).where(at_start, AVATARS.c.start > 0).values(beauty=FIRST))
    below = sa.update(AVATARS).where(AVATARS.c.weight < AVATARS.c.start)
    op.execute(below.values(weight=AVATARS.c.start, checkpoint=AVATARS.c.best, beauty=MOST))
    with op.batch_alter_table("avatars", schema=None) as batch_op:
        batch_op.drop_column("floor")


def downgrade() -> None:
    """How much somebody wished to be retouched is lost."""
    with op.batch_alter_table("avatars", schema=None) as batch_op:
        batch_op.add_column(sa.Column("floor", sa.Double(), nullable=False, server_default="0"))
    op.execute(sa.update(AVATARS).values(floor=AVATARS.c.start))
    for table in ("shoots", "avatars"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("beauty")
