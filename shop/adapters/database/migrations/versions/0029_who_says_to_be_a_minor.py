"""who says to be a minor."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stated_minor_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Lost: who says to be a minor. What is held by then stays held."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("stated_minor_at")
