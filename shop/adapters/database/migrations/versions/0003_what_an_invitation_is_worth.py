"""what an invitation is worth."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("referral", sa.BigInteger(), nullable=False, server_default="0")
        )


def downgrade() -> None:
    """What an invitation was promised to be worth is lost."""
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_column("referral")
