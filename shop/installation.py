"""Which blob store and which keys belong to a database, and whether this process has them.

A process with another data folder, an unmounted disk or a wrong key would find no photo and open no
avatar, and take that for the customers' fault. So the database keeps the id of its blob store,
which lies in the store as well, and a key check value of its master key; one of its signing key
once the former was changed (:mod:`shop.key_rotation`). The chat side registers the first two where
nothing is registered (:func:`register`); a worker only compares them (:func:`require`): a wrong one
must never be the first to say what is right.
"""

import contextlib
import errno
import hmac
import os
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Final

from shop.encryption import EnvelopeCipher, MasterKeyMissing, key_check_value, master_key_id
from shop.errors import CannotStart, Duplicate, NotFound, Unavailable
from shop.ports import Above, BlobPlace, Blobs, Database, Tx
from shop.records import (
    INSTALLATION,
    Avatar,
    AvatarState,
    Installation,
    Photo,
    SealedKey,
    new_id,
)

FOLDER: Final = "installation"
"""In the blob store: what lies there is nobody's."""
ID_PATH: Final = f"{FOLDER}/id"
_PROBE_PATH: Final = f"{FOLDER}/last-write"
_YOUNG: Final = timedelta(minutes=10)
_LOOK_AT: Final = 10  # photos and avatars of before, of which one must be there


class Unregistered(CannotStart):
    """No process of the chat side has ever started on this database."""

    def __init__(self) -> None:
        super().__init__(
            "EIDER_DATABASE_URL: this database knows no blob store yet: start python -m bot serve, "
            "poll or courier first"
        )


class ForeignBlobStore(CannotStart):
    """The blob store is not the database's: another folder or bucket, or a disk that is not
    mounted."""

    def __init__(self, place: BlobPlace) -> None:
        super().__init__(
            f"{place.setting}: its blobs are not those of this database (EIDER_DATABASE_URL): "
            f"{place.restore}"
        )


class WrongMasterKey(CannotStart):
    """The master key is not the one that the database's data keys are wrapped by."""

    status: ClassVar[int] = 2

    def __init__(self) -> None:
        super().__init__(
            "EIDER_MASTER_KEY: is not the key of this database (EIDER_DATABASE_URL): set the one "
            "that its other processes have, and EIDER_MASTER_KEY_OLD if they have that"
        )


class BlobStoreBroken(CannotStart):
    """The blob store cannot be read or written."""

    def __init__(self, place: BlobPlace, error: Exception) -> None:
        cause = error if isinstance(error, OSError) else error.__cause__
        why = (cause.strerror if isinstance(cause, OSError) else None) or type(cause).__name__
        super().__init__(f"{place.setting}: its blobs cannot be used ({why}): {place.repair}")


class WrongSigningKey(CannotStart):
    """The signing key is not the one that the database's other processes sign by."""

    status: ClassVar[int] = 2

    def __init__(self) -> None:
        super().__init__(
            "EIDER_SIGNING_KEY: is not the one of this database (EIDER_DATABASE_URL): set what "
            "python -m bot master-key signing-key has printed"
        )


async def require_key(database: Database, *master_keys: bytes, signing_key: bytes = b"") -> None:
    """Raises :class:`WrongMasterKey` if a key of the database is missing here, and
    :class:`WrongSigningKey`, if one is given; and :class:`Unavailable`."""
    async with database.snapshot() as tx:
        known = await tx.get(Installation, INSTALLATION)
        if known is None:
            await _require_opens(tx, master_keys)
            return
        _require_same(known, master_keys)
        held = {master_key_id(key) for key in master_keys}
        if not held.issuperset([id async for id in masters_in_use(tx)]):
            raise WrongMasterKey
    if signing_key and known.signing_check not in ("", key_check_value(signing_key)):
        raise WrongSigningKey


async def masters_in_use(tx: Tx) -> AsyncIterator[str]:
    """The ids of the master keys by which data keys are wrapped, but for "" (not known)."""
    last = ""
    while found := await tx.find(SealedKey, master=Above(last), order="master", limit=1):
        last = found[0].master
        yield last


async def register(
    database: Database, blobs: Blobs, master_key: bytes, now: datetime, *others: bytes
) -> None:
    """As :func:`require`; the first time the database gets both values, and the store its id.
    ``others``: master keys that are held beside that one.

    What was stored before that (by an earlier version) must open by the keys, and lie in the store.
    A store that has an id already is another database's, which would be swept away as orphans.
    """
    keys = (master_key, *others)
    async with database.begin() as tx:
        known = await tx.get(Installation, INSTALLATION)
        if known is None:
            await _require_opens(tx, keys)
        is_new = known is None or now - known.at < _YOUNG  # also where a first start was cut off
        held = await _stored_blobs(tx) if is_new else []
    if is_new and not await _id_of(blobs):
        if held and not [path for prefix in held async for path in blobs.walk(prefix)]:
            raise ForeignBlobStore(blobs.place)
        await _name(blobs, await _add(database, master_key, now))
    try:
        await require(database, blobs, *keys)
    except Unregistered:  # nobody has named that store meanwhile who would know its id
        raise ForeignBlobStore(blobs.place) from None


async def require(database: Database, blobs: Blobs, *master_keys: bytes) -> None:
    """Raises as :func:`registered` and :func:`require_store`."""
    await require_store(blobs, await registered(database, *master_keys))


async def registered(database: Database, *master_keys: bytes) -> Installation:
    """What the database knows of its blob store. Raises :class:`Unregistered`, or
    :class:`WrongMasterKey` if the master key that wraps is not among these; and
    :class:`Unavailable` while the database is away."""
    async with database.begin() as tx:
        known = await tx.get(Installation, INSTALLATION)
    if known is None:
        raise Unregistered
    _require_same(known, master_keys)
    return known


async def require_store(blobs: Blobs, known: Installation) -> None:
    """Raises :class:`ForeignBlobStore` or :class:`BlobStoreBroken` where the blob store is not the
    one that is known."""
    if await _id_of(blobs) != known.blob_store:
        raise ForeignBlobStore(blobs.place)
    blobs.bind(ID_PATH, known.blob_store.encode())


async def require_writable(blobs: Blobs, size: int = 32) -> None:
    """Raises :class:`BlobStoreBroken` where it can be read and not written: full of all but
    ``size`` bytes, or read-only."""
    await _write(blobs, _PROBE_PATH, os.urandom(size))


async def _write(blobs: Blobs, path: str, data: bytes) -> None:
    try:
        await blobs.put(path, data)
    except (OSError, Unavailable) as error:
        raise BlobStoreBroken(blobs.place, error) from error


async def _id_of(blobs: Blobs) -> str:
    try:
        return (await blobs.get(ID_PATH)).decode("ascii", "replace").strip()
    except NotFound:
        return ""
    except (OSError, Unavailable) as error:
        if getattr(error.__cause__, "errno", None) == errno.ENODEV:  # bound, and another's now
            return ""
        raise BlobStoreBroken(blobs.place, error) from error


async def _add(database: Database, master_key: bytes, now: datetime) -> str:
    """What the store is to be called: of two processes that begin together the first one's word."""
    async with database.begin() as tx:
        with contextlib.suppress(Duplicate):
            await tx.add(Installation(INSTALLATION, new_id(), key_check_value(master_key), now))
        known = await tx.get(Installation, INSTALLATION)
    if known is None:
        raise Unregistered
    return known.blob_store


async def _name(blobs: Blobs, store: str) -> None:
    """Whether it is the one that it is called now, :func:`require` sees: another database's process
    may have been quicker."""
    try:
        with contextlib.suppress(Duplicate):
            await blobs.create(ID_PATH, store.encode())
    except (OSError, Unavailable) as error:
        raise BlobStoreBroken(blobs.place, error) from error


async def _stored_blobs(tx: Tx) -> list[str]:
    """Some blobs that must be there, if there are any."""
    photos = await tx.find(Photo, order="-created_at", limit=_LOOK_AT)
    avatars = await tx.find(Avatar, state=AvatarState.READY, order="-created_at", limit=_LOOK_AT)
    kept = [photo.blob for photo in photos] + [path for one in avatars for path in one.blobs]
    return [path for path in kept if path]


def _require_same(known: Installation, master_keys: Sequence[bytes]) -> None:
    """Raises :class:`WrongMasterKey` unless one of these is the one that wraps."""
    if not any(hmac.compare_digest(known.key_check, key_check_value(key)) for key in master_keys):
        raise WrongMasterKey


async def _require_opens(tx: Tx, master_keys: Sequence[bytes]) -> None:
    """Raises :class:`WrongMasterKey` if the newest data key is wrapped by none of these."""
    for key in await tx.find(SealedKey, order="-created_at", limit=1):
        try:
            await EnvelopeCipher(*master_keys).data_key(tx, key.id)
        except (NotFound, MasterKeyMissing):
            raise WrongMasterKey from None
