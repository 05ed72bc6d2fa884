"""turns and workers.

A job that waits already keeps its place: its turn was when it was left.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

JOBS = sa.table("jobs", sa.column("turn_at"), sa.column("created_at"))


def upgrade() -> None:
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("turn_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_jobs_queue_state_turn_at", ["queue", "state", "turn_at"], unique=False
        )
    op.execute(sa.update(JOBS).values(turn_at=JOBS.c.created_at))
    op.create_table(
        "workers",
        sa.Column("nr", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wears", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("nr"),
    )
    with op.batch_alter_table("workers", schema=None) as batch_op:
        batch_op.create_index("uq_workers_id", ["id"], unique=True)


def downgrade() -> None:
    """Places in the queue and the list of workers are lost."""
    op.drop_table("workers")
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index("ix_jobs_queue_state_turn_at")
        batch_op.drop_column("turn_at")
