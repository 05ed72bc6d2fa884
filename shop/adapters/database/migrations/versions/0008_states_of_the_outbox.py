"""states of the outbox.

One field says where a message stands, instead of two times and what could be read from them; a
unique key takes the place of a look before the insert; news has a column for whom it is.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)
TABLE = "outbox_messages"
TIMES = {"created_at", "due_at", "sent_at", "done_at"}
MESSAGES = sa.table(
    TABLE,
    *(sa.column(name) for name in ("nr", "name", "key", "state", "user_id", "once", "unique_key")),
    sa.column("payload", sa.JSON()),
    *(sa.column(name, TIME) for name in sorted(TIMES)),
)
M = MESSAGES.c
ONCE = ("sample:", "uploads_erased:", "help:")
"""How the keys of messages began of which one was enough for ever."""

DAY = timedelta(days=1)
GIVEN_UP = timedelta(days=180)  # they were put off by a year
FORGET_GIVEN_UP = timedelta(days=3)
SCRUB = {"left": "scrub"}


def upgrade() -> None:
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_messages_done_at_due_at")
        batch_op.drop_index("ix_outbox_messages_key")
        batch_op.add_column(sa.Column("state", TEXT, nullable=False, server_default="waiting"))
        batch_op.add_column(sa.Column("user_id", TEXT, nullable=False, server_default=""))
        batch_op.add_column(sa.Column("once", sa.Boolean(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("unique_key", TEXT, nullable=True))
    _name_states(_now())
    _name_people()
    _make_keys_unique()
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        batch_op.drop_column("sent_at")
        batch_op.drop_column("done_at")
        batch_op.create_index("uq_outbox_messages_unique_key", ["unique_key"], unique=True)
        batch_op.create_index("ix_outbox_messages_state_due_at", ["state", "due_at"])
        batch_op.create_index("ix_outbox_messages_user_id_state", ["user_id", "state"])


def downgrade() -> None:
    """What was kept is due; what was given up is put off by a year again."""
    now = _now()
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        batch_op.drop_index("uq_outbox_messages_unique_key")
        batch_op.drop_index("ix_outbox_messages_state_due_at")
        batch_op.drop_index("ix_outbox_messages_user_id_state")
        batch_op.add_column(sa.Column("sent_at", TIME, nullable=True))
        batch_op.add_column(sa.Column("done_at", TIME, nullable=True))
    _set(M.state != "waiting", sent_at=now)
    _set(M.state == "done", done_at=now)
    _set(M.state == "given_up", due_at=now + 365 * DAY)
    _set(M.state == "kept", due_at=now)
    _set(M.state == "scrubbing", payload=SCRUB)
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        for name in ("state", "user_id", "once", "unique_key"):
            batch_op.drop_column(name)
        batch_op.create_index("ix_outbox_messages_done_at_due_at", ["done_at", "due_at"])
        batch_op.create_index("ix_outbox_messages_key", ["key"])


def _name_states(now: datetime) -> None:
    _set(M.sent_at.is_not(None), state="dispatched")
    _set(
        (M.name == "notice") & (M.due_at > now + GIVEN_UP),
        state="given_up",
        due_at=now + FORGET_GIVEN_UP,
    )
    _set(M.done_at.is_not(None), state="done", due_at=now + DAY)


def _name_people() -> None:
    """Of what is still to be done; a row that is done has forgotten it. One of which only the scrub
    was left said so in its payload."""
    query = sa.select(M.nr, M.name, M.payload).where(M.state != "done")
    for number, name, payload in op.get_bind().execute(query).all():
        if payload == SCRUB:
            _set(M.nr == number, state="scrubbing", payload={})
        elif name == "notice":
            _set(M.nr == number, user_id=str(payload.get("user", "")))


def _make_keys_unique() -> None:
    """The first of each key, should there be two."""
    _set(sa.or_(*(M.key.startswith(start) for start in ONCE)), once=True)
    unique = (M.key != "") & ((M.state == "waiting") | M.once)
    firsts = sa.select(sa.func.min(M.nr)).where(unique).group_by(M.key)
    _set(M.nr.in_(firsts), unique_key=M.key)


def _set(where: sa.ColumnElement[bool], **values: object) -> None:
    op.execute(sa.update(MESSAGES).where(where).values(**values))


def _now() -> datetime:
    """In UTC; without a zone in SQLite, which has none."""
    now = datetime.now(UTC)
    return now.replace(tzinfo=None) if op.get_bind().dialect.name == "sqlite" else now
