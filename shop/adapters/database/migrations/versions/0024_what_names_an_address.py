"""what names an address.

A chat's address has a random name in the journal of erasures, in whatever account it is: that of
the account that began there, which accounts and chats that were linked before this do not tell.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    for table in ("linked_chats", "users"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("address_id", TEXT, nullable=False, server_default=""))
    # So that a chat which is left alone has not its account's, whose chat may have been another.
    op.execute("UPDATE linked_chats SET address_id = link")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index("ix_users_address_id", ["address_id"], unique=False)


def downgrade() -> None:
    """Lost: which account a linked chat's address was of."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index("ix_users_address_id")
        batch_op.drop_column("address_id")
    with op.batch_alter_table("linked_chats", schema=None) as batch_op:
        batch_op.drop_column("address_id")
