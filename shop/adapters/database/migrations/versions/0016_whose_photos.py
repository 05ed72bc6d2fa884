"""whose photos.

By which message of the chat a photo came, so that its own fate can be shown there; and whether the
customer has said that an order's photos are complete. Of photos and orders of before neither is
known.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.add_column(sa.Column("message", TEXT, nullable=False, server_default=""))
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("complete", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    """By which messages photos came is lost, and who had said that theirs are complete."""
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_column("complete")
    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.drop_column("message")
