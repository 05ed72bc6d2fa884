"""prompts.

What customers ask to be painted in their own words, sealed; their shoots, and portraits of nobody.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)
INDEXES = (("user_id", "state"), ("state", "touched_at"), ("avatar_id",))


def upgrade() -> None:
    op.create_table(
        "prompts",
        sa.Column("nr", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("base", TEXT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("touched_at", TIME, nullable=False),
        sa.Column("avatar_id", TEXT, nullable=True),
        sa.Column("key_id", TEXT, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("nr"),
    )
    op.create_index("uq_prompts_id", "prompts", ["id"], unique=True)
    for columns in INDEXES:
        op.create_index("_".join(("ix_prompts", *columns)), "prompts", list(columns))
    for table in ("shoots", "portraits"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("prompt_id", TEXT, nullable=True))
            batch_op.alter_column("avatar_id", existing_type=TEXT, nullable=True)
        op.create_index(f"ix_{table}_prompt_id", table, ["prompt_id"])


def downgrade() -> None:
    """What was painted in customers' own words is lost; its blobs are removed by the sweep."""
    for table in ("portraits", "shoots"):
        op.drop_index(f"ix_{table}_prompt_id", table)
        rows = sa.table(table, sa.column("avatar_id"))
        op.execute(sa.delete(rows).where(rows.c.avatar_id.is_(None)))
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("avatar_id", existing_type=TEXT, nullable=False)
            batch_op.drop_column("prompt_id")
    op.drop_table("prompts")
