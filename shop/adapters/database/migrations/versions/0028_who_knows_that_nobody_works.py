"""who knows that nobody works."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("halted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Lost: who was told that nobody works at what they wait for; they may be told again."""
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_column("halted_at")
