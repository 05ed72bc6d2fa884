"""All rows of a database as lines of JSON, and back: the content of a backup.

A copy of our own, the same from SQLite and PostgreSQL, so that either is restored into either, and
nothing need be installed. It is read in one snapshot, page by page, while everybody works on; a
file of SQLite's, copied as it is, would carry along what lies in its free pages.

The first line describes the copy (:class:`Manifest`). For each table follow a line with its columns
and one for each row; the last two lines count the rows, and have the authentication code of all
lines before, by a key of the shop's: encryption to a public key says nothing of who has made it.
"""

import base64
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    cast,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.types import TypeEngine

PAGE: Final = 1000
"""Rows that are read, or written, at a time."""

_FORM: Final = 1
_NOT_OURS: Final = (
    "was made or altered by somebody without this EIDER_SIGNING_KEY (where that is not set, this "
    "EIDER_MASTER_KEY), or by a version before this one: restore it with that version"
)
_VERSIONS: Final = "alembic_version"
_Change = Callable[[Any], Any]


class CopyUnusable(Exception):
    """The lines are no whole copy that this version can read; its text is half a sentence."""


class Manifest(BaseModel):
    """What a copy is: its id, when it was begun, and the revision of its tables."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: int = _FORM
    id: str
    taken_at: AwareDatetime
    revision: str


class RawJson(TypeDecorator[str]):
    """JSON as the text that the database has: read and written again, a float, or a null that is
    not SQL's, might be another."""

    impl = JSON
    cache_ok = True

    def bind_processor(self, dialect: Any) -> None:
        """Nothing is done to it."""

    def result_processor(self, dialect: Any, coltype: Any) -> None:
        """Nothing is done to it."""


def copy_lines(connection: Connection, manifest: Manifest, key: bytes) -> Iterator[str]:
    """The lines of a copy of what that transaction sees, each with its line break, authenticated by
    that key."""
    digest, counts = hmac.new(key, digestmod=sha256), dict[str, int]()

    def line(value: Any) -> str:
        said = json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
        digest.update(said.encode())
        return said

    yield line(manifest.model_dump(mode="json"))
    for table in _tables(connection):
        kinds = [_kind(column.type) for column in table.columns]
        changes = [_TO_TEXT.get(kind) for kind in kinds]
        names = [column.name for column in table.columns]
        yield line({"table": table.name, "columns": dict(zip(names, kinds, strict=True))})
        counts[table.name] = 0
        for row in _rows(connection, table):
            yield line([_changed(one) for one in zip(row, changes, strict=True)])
            counts[table.name] += 1
    yield line({"rows": counts})
    yield digest.hexdigest() + "\n"


def read_manifest(lines: Iterator[str]) -> Manifest:
    """The first line. Raises :class:`CopyUnusable`."""
    first = next(lines, "")
    try:
        manifest = Manifest.model_validate_json(first)
    except ValidationError:
        raise CopyUnusable("is no backup that this version can read") from None
    if manifest.form != _FORM:
        raise CopyUnusable("was made by another version, which must restore it")
    return manifest


def read_copy(
    manifest: Manifest,
    lines: Iterable[str],
    write: Callable[[str, Mapping[str, str], list[list[Any]]], None],
    key: bytes,
) -> Mapping[str, int]:
    """Read the lines that follow the first; ``write`` takes rows of a table: its name, its columns
    with their kinds, and the values. Returns how many rows each table has, once all is read, is
    whole, and was authenticated by that key. Raises :class:`CopyUnusable`."""
    digest, counts = hmac.new(key, digestmod=sha256), dict[str, int]()
    digest.update(_line_of(manifest).encode())
    table, columns, rows = "", dict[str, str](), list[list[Any]]()

    def flush() -> None:
        if rows:
            write(table, columns, rows)
            counts[table] += len(rows)
            rows.clear()

    rest = iter(lines)
    for line in rest:
        digest.update(line.encode())
        said = _said(line)
        if isinstance(said, list):
            rows.append([_changed(one) for one in zip(said, _changes(columns), strict=True)])
            if len(rows) >= PAGE:
                flush()
            continue
        flush()
        if not isinstance(said, dict):
            break
        if "rows" in said:
            if said["rows"] != counts:
                break
            if not hmac.compare_digest(
                next(rest, "").strip().encode(), digest.hexdigest().encode()
            ):
                raise CopyUnusable(_NOT_OURS)
            return counts
        if not isinstance(said.get("table"), str) or not isinstance(said.get("columns"), dict):
            break
        table, columns = said["table"], said["columns"]
        counts[table] = 0
    raise CopyUnusable("is not whole")


def write_rows(
    connection: Connection,
) -> Callable[[str, Mapping[str, str], list[list[Any]]], None]:
    """What :func:`read_copy` writes by, into tables that are empty. It raises
    :class:`CopyUnusable` where these are others than those that were copied."""
    tables = {table.name: table for table in _tables(connection)}

    def write(name: str, columns: Mapping[str, str], rows: list[list[Any]]) -> None:
        table = tables.get(name)
        if table is None or {c.name: _kind(c.type) for c in table.columns} != dict(columns):
            raise CopyUnusable("has other tables than the version that it names")
        naive = connection.dialect.name == "sqlite"
        times = [place for place, kind in enumerate(columns.values()) if kind == "time" and naive]
        for row in rows:
            for place in times:
                row[place] = row[place] and row[place].replace(tzinfo=None)
        connection.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in rows])

    return write


def go_on_counting(connection: Connection) -> None:
    """PostgreSQL numbers the next rows behind those that were written with their numbers."""
    if connection.dialect.name != "postgresql":
        return
    for table in _tables(connection):
        last = connection.scalar(select(func.max(table.c.nr)))
        if last is not None:
            counter = func.pg_get_serial_sequence(table.name, "nr")
            connection.execute(select(func.setval(counter, last)))


def table_names(connection: Connection) -> list[str]:
    """The tables that have rows of ours, whatever the version; Alembic's own is left out."""
    return sorted(set(inspect(connection).get_table_names()) - {_VERSIONS})


def _tables(connection: Connection) -> list[Table]:
    """As the database has them: this code may know fewer columns."""
    known = MetaData()
    tables = [Table(name, known, autoload_with=connection) for name in table_names(connection)]
    for table in tables:
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = RawJson()
    return tables


def _rows(connection: Connection, table: Table) -> Iterator[Any]:
    last = -1
    whole = [
        cast(column, Text).label(column.name) if _kind(column.type) == "json" else column
        for column in table.columns
    ]
    page = select(*whole).order_by(table.c.nr).limit(PAGE)
    while rows := connection.execute(page.where(table.c.nr > last)).all():
        yield from rows
        last = rows[-1].nr


def _kind(kind: TypeEngine[Any]) -> str:
    if isinstance(kind, DateTime):
        return "time"
    if isinstance(kind, LargeBinary):
        return "bytes"
    return "json" if isinstance(kind, RawJson) else "plain"


def _time_text(value: datetime) -> str:
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return aware.isoformat()


_TO_TEXT: Final[Mapping[str, _Change]] = {
    "time": _time_text,
    "bytes": lambda value: base64.b64encode(value).decode(),
}
_FROM_TEXT: Final[Mapping[str, _Change]] = {
    "time": datetime.fromisoformat,
    "bytes": base64.b64decode,
}


def _said(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise CopyUnusable("is not whole") from None


def _changes(columns: Mapping[str, str]) -> list[_Change | None]:
    return [_FROM_TEXT.get(kind) for kind in columns.values()]


def _changed(one: tuple[Any, _Change | None]) -> Any:
    value, change = one
    return change(value) if change and value is not None else value


def _line_of(manifest: Manifest) -> str:
    return (
        json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))
        + "\n"
    )
