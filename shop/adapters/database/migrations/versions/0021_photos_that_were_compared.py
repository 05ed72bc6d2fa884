"""photos that were compared.

What a comparison with the order's other photos said of a photo; of those of before nothing is
known. Code from before cannot read the consent to it, of which it does not know the kind.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"

OLDEST_CODE = "0021"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.add_column(sa.Column("compared", TEXT, nullable=True))


def downgrade() -> None:
    """The marks are lost, and the consents to comparing photos, which code from before cannot
    read."""
    op.execute("DELETE FROM consents WHERE kind = 'compare_photos'")
    op.execute("DELETE FROM jobs WHERE kind = 'compare'")
    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.drop_column("compared")
