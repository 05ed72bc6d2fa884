"""checkpoints and rungs.

An avatar made before has one checkpoint; its ladder is laid out around the weight where its owner
stands.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

AVATARS = sa.table(
    "avatars",
    sa.column("nr", sa.BigInteger()),
    sa.column("blob", TEXT),
    sa.column("blobs", sa.JSON()),
    sa.column("best", sa.BigInteger()),
    sa.column("weight", sa.Double()),
    sa.column("start", sa.Double()),
)


def upgrade() -> None:
    with op.batch_alter_table("avatars", schema=None) as batch_op:
        batch_op.add_column(sa.Column("blobs", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("best", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("start", sa.Double(), nullable=False, server_default="0"))
        batch_op.add_column(
            sa.Column("checkpoint", sa.BigInteger(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("shoots", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("checkpoint", sa.BigInteger(), nullable=False, server_default="0")
        )

    op.execute(sa.update(AVATARS).values(start=AVATARS.c.weight))
    for row in _rows(AVATARS.c.nr, AVATARS.c.blob):
        if row.blob:
            _put(row.nr, blobs=[row.blob])

    with op.batch_alter_table("avatars", schema=None) as batch_op:
        batch_op.drop_column("blob")


def downgrade() -> None:
    """Keeps of each avatar the best checkpoint alone; the others stay on the disk until it goes."""
    with op.batch_alter_table("avatars", schema=None) as batch_op:
        batch_op.add_column(sa.Column("blob", TEXT, nullable=False, server_default=""))

    for row in _rows(AVATARS.c.nr, AVATARS.c.blobs, AVATARS.c.best):
        if row.blobs:
            _put(row.nr, blob=row.blobs[row.best])

    with op.batch_alter_table("shoots", schema=None) as batch_op:
        batch_op.drop_column("checkpoint")
    with op.batch_alter_table("avatars", schema=None) as batch_op:
        for name in ("checkpoint", "start", "best", "blobs"):
            batch_op.drop_column(name)


def _rows(*columns: sa.ColumnElement[object]) -> list[sa.Row[tuple[object, ...]]]:
    return list(op.get_bind().execute(sa.select(*columns)))


def _put(nr: int, **values: object) -> None:
    op.get_bind().execute(sa.update(AVATARS).where(AVATARS.c.nr == nr).values(**values))
