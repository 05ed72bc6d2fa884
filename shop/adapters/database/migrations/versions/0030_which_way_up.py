"""which way up.

After how many quarter turns a photo stands upright. Of photos of before it is not known: they are
shown as they came.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.add_column(sa.Column("turns", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Lost: which photos are shown turned."""
    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.drop_column("turns")
