"""which code may work on these tables.

Beside the revision the database names the oldest one whose code may work on it, so that a process
of another version knows whether to go on (``shop/adapters/database/schema_contract.py``).
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column(
        "alembic_version",
        sa.Column("oldest_code", sa.String(32), nullable=False, server_default="0018"),
    )


def downgrade() -> None:
    """Nothing is lost; code from before goes on, and asks nobody."""
    with op.batch_alter_table("alembic_version") as batch_op:
        batch_op.drop_column("oldest_code")
