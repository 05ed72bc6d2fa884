"""words that are said once."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    with op.batch_alter_table("processed_events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("words", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Lost: the receipts that a killed process owes; where people stand is told instead."""
    with op.batch_alter_table("processed_events", schema=None) as batch_op:
        batch_op.drop_column("words")
