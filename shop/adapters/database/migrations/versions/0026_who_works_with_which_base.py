"""who works with which base."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    for table in ("workers", "sightings"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("bases", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Lost: which bases the workers of now work with, until they say it again."""
    for table in ("workers", "sightings"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("bases")
