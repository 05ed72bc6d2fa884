"""judged by the album.

What a photo's face showed: a hash of it, and how young it looks. Of photos from before neither is
known: those that were held or refused as perhaps a minor's stay so until an admin has looked.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
PHOTOS = sa.table("photos", sa.column("flaw"), sa.column("youth"))


def upgrade() -> None:
    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.add_column(sa.Column("face_hash", TEXT, nullable=False, server_default=""))
        batch_op.add_column(sa.Column("youth", sa.Double(), nullable=False, server_default="0"))
    op.execute(sa.update(PHOTOS).where(PHOTOS.c.flaw == "minor").values(youth=1.0))


def downgrade() -> None:
    """Hashes of photos' faces are lost, and how young these look: nobody looks again."""
    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.drop_column("youth")
        batch_op.drop_column("face_hash")
