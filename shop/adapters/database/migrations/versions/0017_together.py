"""together.

Clips of two pictures: who stands beside the first, the key of that picture, both in one frame.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("clips") as clips:
        clips.add_column(sa.Column("relation_beside", TEXT, nullable=True))
        clips.add_column(sa.Column("beside_key_id", TEXT, nullable=True))
        clips.add_column(sa.Column("joined", TEXT, nullable=False, server_default=""))
    op.create_index("ix_clips_beside_key_id", "clips", ["beside_key_id"])


def downgrade() -> None:
    """What was sent to stand beside somebody is lost; its blobs are removed by the sweep."""
    op.drop_index("ix_clips_beside_key_id", "clips")
    with op.batch_alter_table("clips") as clips:
        for column in ("joined", "beside_key_id", "relation_beside"):
            clips.drop_column(column)
