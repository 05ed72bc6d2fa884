"""Which master key wraps: what the database says of it, changed from one to the other."""

import hmac

from sqlalchemy import Connection, text

from shop.adapters.database.upgrade import on_database, wait_for_transactions, wait_for_turn
from shop.encryption import key_check_value
from shop.installation import Unregistered, WrongMasterKey

_KNOWN = text("SELECT key_check, signing_check FROM installations")
_CHANGE = text("UPDATE installations SET key_check = :key, signing_check = :signing")


async def change(url: str, new: bytes, old: bytes, signing_key: bytes) -> bool:
    """From now on the new key wraps, and the signing key is the one that is given, if none was
    named before. False: the new key wraps already.

    Every transaction that began before has ended then: none will commit what it has wrapped by the
    old key. Raises :class:`shop.installation.Unregistered`,
    :class:`shop.installation.WrongMasterKey` if neither key is the database's, and
    :class:`shop.errors.CannotStart` for a database that is out of reach or in use.
    """

    def changed(connection: Connection) -> bool:
        wait_for_turn(connection)
        wait_for_transactions(connection)
        known = connection.execute(_KNOWN).one_or_none()
        if known is None:
            raise Unregistered
        if hmac.compare_digest(known.key_check, key_check_value(new)):
            return False
        if not hmac.compare_digest(known.key_check, key_check_value(old)):
            raise WrongMasterKey
        signing = known.signing_check or key_check_value(signing_key)
        connection.execute(_CHANGE, {"key": key_check_value(new), "signing": signing})
        return True

    return await on_database(url, changed)
