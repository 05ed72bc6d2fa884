"""linked chats.

Several chat addresses of one person, the one-time codes by which they are linked, and who paid a
charge of theirs.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)
TABLES = {
    "linked_chats": (
        ("user_id", TEXT),
        ("platform", TEXT),
        ("platform_id", TEXT),
        ("address_hash", TEXT),
        ("last_spoke_at", TIME),
        ("unreachable", sa.Boolean()),
    ),
    "link_codes": (("user_id", TEXT), ("ends_at", TIME), ("claimed_by", TEXT)),
    "wrong_tries": (("user_id", TEXT), ("at", TIME)),
    "charge_payers": (("user_id", TEXT), ("payer", TEXT)),
}
INDEXES = (
    ("linked_chats", "user_id", False),
    ("link_codes", "user_id", True),
    ("link_codes", "claimed_by", False),
    ("wrong_tries", "user_id", False),
    ("charge_payers", "user_id", False),
)


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.create_table(
            table,
            sa.Column("nr", NUMBER, sa.Identity(always=False), nullable=False),
            sa.Column("id", TEXT, nullable=False),
            *(sa.Column(name, kind, nullable=False) for name, kind in columns),
            sa.PrimaryKeyConstraint("nr"),
        )
        op.create_index(f"uq_{table}_id", table, ["id"], unique=True)
    for table, column, unique in INDEXES:
        name = f"{'uq' if unique else 'ix'}_{table}_{column}"
        op.create_index(name, table, [column], unique=unique)
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merged_into", TEXT, nullable=False, server_default=""))


def downgrade() -> None:
    """People with linked chats are known by the one where they last spoke."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("merged_into")
    for table in reversed(TABLES):
        op.drop_table(table)
