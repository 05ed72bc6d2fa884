"""from which backup.

A restored database says from which backup it is, so that a restore which was cut off goes on with
the journal that knows that one.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("installations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("restored_from", TEXT, nullable=False, server_default=""))


def downgrade() -> None:
    """Lost: from which backup the database was restored."""
    with op.batch_alter_table("installations", schema=None) as batch_op:
        batch_op.drop_column("restored_from")
