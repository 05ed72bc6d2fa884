"""``python -m bot master-key status | rotate | signing-key | sign-anew``: the master key is
changed, while everybody works on (``docs/backup.md``).
"""

import argparse
import base64
from typing import Final

from shop import key_rotation
from shop.adapters.blob_store import open_blobs
from shop.adapters.database import SqlDatabase, wrapping_key
from shop.adapters.database.schema_contract import RESTORING
from shop.adapters.database.upgrade import plan
from shop.encryption import EnvelopeCipher, MasterKeyMissing
from shop.erasure_journal import ErasureJournal, Form
from shop.errors import CannotStart, NotFound, Unavailable
from shop.installation import WrongMasterKey, WrongSigningKey, require_key
from shop.settings import Settings

DONE: Final = 0
OLD_ONES: Final = 1
REFUSED: Final = 2


def add_master_key_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be done."""
    ways = parser.add_subparsers(dest="way", required=True)
    ways.add_parser("status", help="how many data keys are not wrapped by EIDER_MASTER_KEY")
    ways.add_parser("rotate", help="wrap every data key by EIDER_MASTER_KEY instead of the old one")
    ways.add_parser("signing-key", help="print EIDER_SIGNING_KEY, a secret")
    ways.add_parser(
        "sign-anew", help="EIDER_SIGNING_KEY signs, also the journal: what others signed is void"
    )
    parser.set_defaults(run=master_key)


async def master_key(chosen: argparse.Namespace, settings: Settings) -> int:
    """Do it; an exit status. Raises :class:`CannotStart`."""
    if chosen.way == "signing-key":
        _say(f"EIDER_SIGNING_KEY={base64.b64encode(settings.signing_key).decode()}")
        return DONE
    database = SqlDatabase(settings.database_url)
    try:
        if chosen.way == "rotate":
            return await _rotate(database, settings)
        if chosen.way == "sign-anew":
            return await _sign_anew(database, settings)
        left = await key_rotation.left(database, settings.master_key)
    except MasterKeyMissing as missing:
        raise WrongMasterKey from missing
    except Unavailable as outage:
        raise CannotStart(f"EIDER_DATABASE_URL: {outage}") from outage
    finally:
        await database.close()
    _say(f"{left} data keys are not known to be wrapped by EIDER_MASTER_KEY.")
    return OLD_ONES if left else DONE


async def _sign_anew(database: SqlDatabase, settings: Settings) -> int:
    """The journal; and the database is told of a key that is named, unless it is lost."""
    revision = (await plan(settings.database_url)).revision
    lost = not revision or revision.startswith(RESTORING)
    named = "signing_key" in settings.model_fields_set
    if not named and not lost:
        try:
            await require_key(database, *settings.master_keys, signing_key=settings.signing_key)
        except WrongSigningKey:
            raise CannotStart("EIDER_SIGNING_KEY: is missing, and is what is to sign") from None
    signed = await ErasureJournal(open_blobs(settings), settings.signing_key).sign_anew()
    for form, blobs in signed.blobs.items():
        _say(f"Taken over, {form}: blobs {blobs}, erasures in them {signed.erasures[form]}.")
    _say("The journal of erasures is signed by this key, in this version's form.")
    if {Form.UNSIGNED, Form.OTHERS} & set(signed.blobs):
        _say("Who wrote what was not signed by this key cannot be known: you vouch for it.")
    if lost:
        _say("There is no database yet: go on with python -m bot restore.")
        return DONE
    if not named:
        _say("EIDER_SIGNING_KEY is not set: the key of before stays, and what it signs is valid.")
    else:
        async with database.begin() as tx:
            await key_rotation.sign_anew(tx, settings.signing_key)
        _say("A process that has another EIDER_SIGNING_KEY does not start any more.")
    _say("Make a backup now: python -m bot backup.")
    return DONE


async def _rotate(database: SqlDatabase, settings: Settings) -> int:
    if not settings.master_key_old:
        _say("EIDER_MASTER_KEY_OLD: is missing: the key that was EIDER_MASTER_KEY until now")
        return REFUSED
    if await wrapping_key.change(
        settings.database_url, settings.master_key, settings.master_key_old, settings.signing_key
    ):
        _say("From now on EIDER_MASTER_KEY wraps.")
    cipher = EnvelopeCipher(*settings.master_keys)
    try:
        wrapped = await key_rotation.rewrap(database, cipher, settings.master_key)
    except NotFound:
        raise WrongMasterKey from None
    _say(f"{wrapped} data keys were wrapped anew, and 0 are left by the old key.")
    _say("Set EIDER_SIGNING_KEY everywhere (python -m bot master-key signing-key), and with it")
    _say("take EIDER_MASTER_KEY_OLD away. Backups from before open by the old key alone: keep it")
    _say("with them as long as they are kept.")
    return DONE


def _say(words: str) -> None:
    print(words)  # noqa: T201 - the answer to whoever typed the command
