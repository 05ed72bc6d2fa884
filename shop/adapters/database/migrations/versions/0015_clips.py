"""clips.

Pictures that come alive: their sources, the work that is owed for them, the finished files.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)
COLUMNS: tuple[tuple[str, sa.types.TypeEngine[Any]], ...] = (
    ("user_id", TEXT),
    ("state", TEXT),
    ("created_at", TIME),
    ("touched_at", TIME),
    ("pictures", sa.BigInteger()),
    ("sources", sa.JSON()),
    ("before", sa.JSON()),
    ("faces", sa.BigInteger()),
    ("done", sa.JSON()),
    ("reason", TEXT),
    ("engine", TEXT),
    ("motion", TEXT),
    ("credits", sa.BigInteger()),
    ("gift", sa.Boolean()),
    ("blob", TEXT),
    ("poster", TEXT),
    ("preview", TEXT),
    ("seconds", sa.Double()),
    ("frames", sa.BigInteger()),
    ("width", sa.BigInteger()),
    ("height", sa.BigInteger()),
)
OPTIONAL: tuple[tuple[str, sa.types.TypeEngine[Any]], ...] = (
    ("relation", TEXT),
    ("portrait_id", TEXT),
    ("avatar_id", TEXT),
    ("source_key_id", TEXT),
    ("key_id", TEXT),
    ("done_at", TIME),
)
INDEXES = (("user_id", "state"), ("state", "touched_at"), ("avatar_id",), ("source_key_id",))


def upgrade() -> None:
    op.create_table(
        "clips",
        sa.Column("nr", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in COLUMNS),
        *(sa.Column(name, kind, nullable=True) for name, kind in OPTIONAL),
        sa.PrimaryKeyConstraint("nr"),
    )
    op.create_index("uq_clips_id", "clips", ["id"], unique=True)
    for columns in INDEXES:
        op.create_index("_".join(("ix_clips", *columns)), "clips", list(columns))


def downgrade() -> None:
    """Clips are lost; their blobs are removed by the sweep."""
    op.drop_table("clips")
