"""The master key is changed: every data key is wrapped anew, and no blob is touched.

Both keys are in the settings of every process first. Then the database is told which one wraps
(``shop/adapters/database/wrapping_key.py``), and after that the data keys are re-wrapped
(:func:`rewrap`), while people come, are served and are erased. What was not done when a process
ended is done by the next one.

The signing key, from which everything is derived that is no data key, stays: it is not to be found
from the master key's successor, so that it has to be named from then on.
"""

import asyncio
import hmac
from dataclasses import replace
from typing import Final

from shop.encryption import EnvelopeCipher, key_check_value, master_key_id
from shop.installation import Unregistered, WrongMasterKey, masters_in_use
from shop.ports import Database, OneOf, Tx
from shop.records import INSTALLATION, Installation, SealedKey
from shop.transactions import run_transaction

BATCH: Final = 100
"""Data keys of one transaction."""

_PAUSE_SECONDS: Final = 0.2  # where all that is left is held by others


async def rewrap(database: Database, cipher: EnvelopeCipher, new: bytes) -> int:
    """Wrap every data key by the new key, in small transactions; returns how many it has wrapped.
    Once it has returned none is left, whoever else does this at the same time.

    Raises :class:`shop.errors.NotFound` for a data key that no key of ours has wrapped, and
    :class:`shop.installation.WrongMasterKey` where the database names another key than the new one.
    """
    wrapped = 0
    while await left(database, new):
        done = await run_transaction(database, lambda tx: _rewrap_some(tx, cipher, new))
        wrapped += done
        if not done:  # another one is at them, or they are being erased
            await asyncio.sleep(_PAUSE_SECONDS)
    return wrapped


async def left(database: Database, new: bytes) -> int:
    """How many data keys are wrapped by another key than the new one."""
    async with database.snapshot() as tx:
        return await tx.count(SealedKey, master=OneOf(await _others(tx, new)))


async def sign_anew(tx: Tx, signing_key: bytes) -> None:
    """From now on that signing key is the database's: what another one has signed is void. Raises
    :class:`shop.installation.Unregistered`."""
    known = await tx.get(Installation, INSTALLATION, lock=True)
    if known is None:
        raise Unregistered
    await tx.put(replace(known, signing_check=key_check_value(signing_key)))


async def _rewrap_some(tx: Tx, cipher: EnvelopeCipher, new: bytes) -> int:
    """Those that somebody holds at this moment are left out: nobody waits for the others'
    transactions while holding rows that these may want."""
    known = await tx.get(Installation, INSTALLATION)
    if known is None or not hmac.compare_digest(known.key_check, key_check_value(new)):
        raise WrongMasterKey
    some = await tx.find(
        SealedKey, master=OneOf(await _others(tx, new)), limit=BATCH, skip_locked=True
    )
    for stored in some:
        await cipher.rewrap(tx, stored)
    return len(some)


async def _others(tx: Tx, new: bytes) -> list[str]:
    return ["", *[id async for id in masters_in_use(tx) if id != master_key_id(new)]]
