"""Whether a master key is that of a database whose tables may be an earlier version's, and may be
migrated by its own processes alone.

Plain SQL over columns that no migration has changed: the records describe this version's tables.
"""

import hmac
from collections.abc import Sequence

from sqlalchemy import Connection, inspect, text

from shop.encryption import DataKey, key_check_value
from shop.errors import NotFound
from shop.installation import WrongMasterKey

_KEY_CHECK = text("SELECT key_check FROM installations")
_NEWEST = text("SELECT id, wrapped FROM sealed_keys ORDER BY created_at DESC, nr DESC LIMIT 1")


def require_key(connection: Connection, master_keys: Sequence[bytes]) -> None:
    """Raises :class:`shop.installation.WrongMasterKey` if the database's key check value is none of
    these keys' or, where it has none yet, if none unwraps its newest data key. Nothing is raised
    for a database without either, nor for an empty one."""
    tables = inspect(connection)
    if tables.has_table("installations"):
        known = connection.execute(_KEY_CHECK).scalar()
        if known is not None:
            checks = [key_check_value(key) for key in master_keys]
            if not any(hmac.compare_digest(known, check) for check in checks):
                raise WrongMasterKey
            return
    if tables.has_table("sealed_keys"):
        for id, wrapped in connection.execute(_NEWEST):
            if not any(_unwraps(key, bytes(wrapped), id) for key in master_keys):
                raise WrongMasterKey


def _unwraps(master_key: bytes, wrapped: bytes, id: str) -> bool:
    try:
        DataKey(master_key).open(wrapped, id)
    except NotFound:
        return False
    return True
