"""which blob store and master key belong to the database, and failures of jobs apart from leases.

The first process of the chat side that starts fills the table in (shop/installation.py). A job that
waits keeps the attempts it has used: those of before were failures as well as dead leases.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "installations",
        sa.Column("nr", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("blob_store", TEXT, nullable=False),
        sa.Column("key_check", TEXT, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nr"),
    )
    op.create_index("uq_installations_id", "installations", ["id"], unique=True)
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("failures", sa.BigInteger(), nullable=False, server_default="0")
        )


def downgrade() -> None:
    """How often jobs failed is lost, and which blob store and master key are the database's."""
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_column("failures")
    op.drop_table("installations")
