"""The shop's records in SQLite or PostgreSQL, by SQLAlchemy Core.

``columns`` maps a field's type to a column, ``tables`` derives the tables from the records,
``engine`` opens either database, ``transactions`` implements the port, ``upgrade`` migrates.
"""

from shop.adapters.database.transactions import SqlDatabase
from shop.adapters.database.upgrade import upgrade

__all__ = ["SqlDatabase", "upgrade"]
