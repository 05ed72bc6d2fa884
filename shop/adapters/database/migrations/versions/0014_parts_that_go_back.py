"""parts of charges that go back.

What goes back of a charge while the rest stays paid. Without the table a part that a till has not
confirmed yet is not asked for any more, and what went back differs from the till's statement.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
TABLE = "partial_refunds"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("nr", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("charge_id", TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("nr"),
    )
    op.create_index(f"ix_{TABLE}_charge_id", TABLE, ["charge_id"])
    op.create_index(f"uq_{TABLE}_id", TABLE, ["id"], unique=True)
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("reduced", sa.BigInteger(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("billed_till", TEXT, nullable=False, server_default=""))
    op.execute("UPDATE orders SET billed_till = till WHERE bill <> ''")


def downgrade() -> None:
    """Refunds of a part are lost: none is asked for again, and statements will differ."""
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_column("billed_till")
        batch_op.drop_column("reduced")
    op.drop_table(TABLE)
