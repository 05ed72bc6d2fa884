"""The SQL tables, derived from the records: a field added there is a column here (and a migration).

Every table has, before its record's fields, ``nr``: the order of insertion, by which equal rows are
sorted, so that both databases answer alike.
"""

import re
from typing import Any

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, MetaData, Table

from shop.adapters.database.columns import column
from shop.adapters.schema import INDEXES, UNIQUE, hints
from shop.records import RECORDS

METADATA = MetaData()


def _named(kind: type[Any], fields: tuple[str, ...], prefix: str) -> str:
    return "_".join((prefix, _table_name(kind), *fields))


def _table_name(kind: type[Any]) -> str:
    """In the plural: ``user`` and ``order`` are SQL's own words."""
    letters = (f"_{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__)
    name = "".join(letters).removeprefix("_")
    return re.sub("([^aeiou])y$", r"\1ie", name) + "s"


def _table(kind: type[Any]) -> Table:
    number: Column[int] = Column(
        "nr", BigInteger().with_variant(Integer(), "sqlite"), Identity(), primary_key=True
    )
    columns = [column(name, hint) for name, hint in hints(kind).items()]
    return Table(_table_name(kind), METADATA, number, *columns)


TABLES: dict[type[Any], Table] = {kind: _table(kind) for kind in RECORDS}

for _kind, _rows in TABLES.items():
    Index(_named(_kind, ("id",), "uq"), _rows.c.id, unique=True)
for _unique in UNIQUE:
    _rows = TABLES[_unique.kind]
    _only: dict[str, Any] = {}
    if _unique.unset:
        _unset = _rows.c[_unique.unset].is_(None)
        _only = {"sqlite_where": _unset, "postgresql_where": _unset}
    _name = _named(_unique.kind, _unique.fields, "uq")
    Index(_name, *(_rows.c[name] for name in _unique.fields), unique=True, **_only)
for _kind, _fields in INDEXES:
    Index(_named(_kind, _fields, "ix"), *(TABLES[_kind].c[name] for name in _fields))
