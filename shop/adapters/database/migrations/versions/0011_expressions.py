"""expressions.

What the faces of a shoot are to do. Shoots of before have none: they were painted, or will be, with
what their template says.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("shoots", schema=None) as batch_op:
        batch_op.add_column(sa.Column("expression", TEXT, nullable=False, server_default=""))


def downgrade() -> None:
    """Which expression a shoot was to have is lost."""
    with op.batch_alter_table("shoots", schema=None) as batch_op:
        batch_op.drop_column("expression")
