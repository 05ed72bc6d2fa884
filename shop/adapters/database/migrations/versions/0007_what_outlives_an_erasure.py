"""what outlives an erasure.

Past accounts, the address's hash in the account, and digests instead of events' ids: an event that
was applied before the upgrade is recognised after it. An order that was placed before keeps what a
shoot cost until now, eight credits.
"""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
EVENTS = sa.table("processed_events", sa.column("nr"), sa.column("id"))
ORDERS = sa.table("orders", sa.column("product"), sa.column("credits"), sa.column("shoot_credits"))
SHOOT_CREDITS = 8
BATCH = 1000


def upgrade() -> None:
    op.create_table(
        "past_accounts",
        sa.Column("nr", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("banned", sa.Boolean(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nr"),
    )
    op.create_index("uq_past_accounts_id", "past_accounts", ["id"], unique=True)
    op.create_index("ix_past_accounts_ends_at", "past_accounts", ["ends_at"], unique=False)
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address_hash", TEXT, nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("returned", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("shoot_credits", sa.BigInteger(), nullable=False, server_default="0")
        )
    placed = (ORDERS.c.product == "avatar") & (ORDERS.c.credits >= SHOOT_CREDITS)
    op.execute(sa.update(ORDERS).where(placed).values(shoot_credits=SHOOT_CREDITS))
    _digest_events()


def downgrade() -> None:
    """A digest does not go back: events of the last week would be applied again if repeated."""
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_column("shoot_credits")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("returned")
        batch_op.drop_column("address_hash")
    op.drop_table("past_accounts")


def _digest_events() -> None:
    connection = op.get_bind()
    found = connection.execute(sa.select(EVENTS.c.nr, EVENTS.c.id)).all()
    change = (
        sa.update(EVENTS)
        .where(EVENTS.c.nr == sa.bindparam("which"))
        .values(id=sa.bindparam("digest"))
    )
    for start in range(0, len(found), BATCH):
        rows = [
            {"which": number, "digest": sha256(id.encode("utf-8", "surrogatepass")).hexdigest()}
            for number, id in found[start : start + BATCH]
        ]
        connection.execute(change, rows)
