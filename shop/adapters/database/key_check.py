"""Whether a master key is that of a database whose tables may be an earlier version's, and may be
migrated by its own processes alone.

Plain SQL over columns that no migration has changed: the records describe this version's tables.
"""

import hmac

from sqlalchemy import Connection, inspect, text

from shop.encryption import DataKey
from shop.errors import NotFound
from shop.installation import WrongMasterKey, key_check_value

_KEY_CHECK = text("SELECT key_check FROM installations")
_NEWEST = text("SELECT id, wrapped FROM sealed_keys ORDER BY created_at DESC, nr DESC LIMIT 1")


def require_key(connection: Connection, master_key: bytes) -> None:
    """Raises :class:`shop.installation.WrongMasterKey` if the database's key check value is another
    key's or, where it has none yet, if its newest data key does not unwrap. Nothing is raised for a
    database without either, nor for an empty one."""
    tables = inspect(connection)
    if tables.has_table("installations"):
        known = connection.execute(_KEY_CHECK).scalar()
        if known is not None:
            if not hmac.compare_digest(known, key_check_value(master_key)):
                raise WrongMasterKey
            return
    if tables.has_table("sealed_keys"):
        for id, wrapped in connection.execute(_NEWEST):
            try:
                DataKey(master_key).open(bytes(wrapped), id)
            except NotFound:
                raise WrongMasterKey from None
