"""names in the field's own words.

Tables and columns follow the records' new names; no row changes. Indexes are made anew, because
SQLite cannot rename one.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

TABLES = {
    "errands": "outbox_messages",
    "switches": "feature_flags",
    "events": "processed_events",
    "audits": "audit_entries",
}
INDEXES = {  # of each renamed table: the index's columns, and whether it is unique
    "errands": ((("id",), True), (("done_at", "due_at"), False), (("key",), False)),
    "switches": ((("id",), True),),
    "events": ((("id",), True),),
    "audits": ((("id",), True),),
}
JOB_COLUMNS = {"queue": "kind", "turn_at": "fair_queue_at"}
JOB_INDEXES = (("queue", "state", "created_at"), ("queue", "state", "turn_at"))
WORKER_COLUMNS = {"queues": "kinds", "wears": "recent_avatars"}


def upgrade() -> None:
    for old, new in TABLES.items():
        _rename_table(old, new, INDEXES[old])
    _rename_columns("jobs", JOB_COLUMNS, JOB_INDEXES)
    _rename_columns("workers", WORKER_COLUMNS, ())


def downgrade() -> None:
    """Nothing is lost."""
    _rename_columns("workers", _reversed(WORKER_COLUMNS), ())
    indexes = tuple(_renamed(columns, JOB_COLUMNS) for columns in JOB_INDEXES)
    _rename_columns("jobs", _reversed(JOB_COLUMNS), indexes)
    for old, new in TABLES.items():
        _rename_table(new, old, INDEXES[old])


def _rename_table(old: str, new: str, indexes: tuple[tuple[tuple[str, ...], bool], ...]) -> None:
    for columns, unique in indexes:
        op.drop_index(_index(old, columns, unique), table_name=old)
    op.rename_table(old, new)
    for columns, unique in indexes:
        op.create_index(_index(new, columns, unique), new, list(columns), unique=unique)


def _rename_columns(
    table: str, names: dict[str, str], indexes: tuple[tuple[str, ...], ...]
) -> None:
    for columns in indexes:
        op.drop_index(_index(table, columns), table_name=table)
    for old, new in names.items():
        op.alter_column(table, old, new_column_name=new)
    for columns in indexes:
        renamed = _renamed(columns, names)
        op.create_index(_index(table, renamed), table, list(renamed))


def _index(table: str, columns: tuple[str, ...], unique: bool = False) -> str:
    return "_".join(("uq" if unique else "ix", table, *columns))


def _renamed(columns: tuple[str, ...], names: dict[str, str]) -> tuple[str, ...]:
    return tuple(names.get(column, column) for column in columns)


def _reversed(names: dict[str, str]) -> dict[str, str]:
    return {new: old for old, new in names.items()}
