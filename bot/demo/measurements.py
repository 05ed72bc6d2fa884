"""What the demo measures in the database, the blobs and the ledger. It never writes."""

import asyncio
from collections.abc import Mapping
from typing import Final

from bot.container import Container
from handlers.steps import motions
from shop import privacy
from shop.avatars.avatars import TRAIN
from shop.clips import delivery
from shop.clips.filming import FILM
from shop.jobs import eta, outbox
from shop.labels.signing import PictureSigner
from shop.photos import photos
from shop.photos.photos import PhotoCounts
from shop.ports import Tx
from shop.records import (
    CHAT,
    Avatar,
    Clip,
    ClipState,
    Currency,
    Job,
    Order,
    OutboxMessage,
    Portrait,
    Product,
    Shoot,
    ShootKind,
)

PAUSE: Final = 0.5
ERASE_SECONDS: Final = 60.0
_NO_ORDER: Final = "no order yet"


class Measurements:
    """Reads the records of the only customer of a fresh database."""

    def __init__(self, container: Container) -> None:
        self._container = container

    @property
    def photos_minimum(self) -> int:
        """Usable photos that an order needs."""
        return self._container.settings.photos_minimum

    async def order(self) -> Order:
        """The customer's order for an avatar. Raises LookupError before there is one."""
        async with self._container.database.begin() as tx:
            order = await _newest_order(tx)
        if order is None:
            raise LookupError(_NO_ORDER)
        return order

    async def avatar(self) -> Avatar:
        """What was trained for it. Raises LookupError."""
        async with self._container.database.begin() as tx:
            found = await tx.find(Avatar, order="-created_at", limit=1)
        if not found:
            raise LookupError("no avatar yet")
        return found[0]

    async def opened(self, seconds: float) -> None:
        """Once a studio is at work: a customer who came before is told that none is. Raises
        TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                async with self._container.database.snapshot() as tx:
                    if (await eta.snapshot(tx, TRAIN.name, await tx.now())).attended:
                        return
                await asyncio.sleep(PAUSE)

    async def checked(self, seconds: float) -> PhotoCounts:
        """The tally once every photo was fetched and looked at, and the chat told of it. Raises
        TimeoutError, and LookupError if none came to be of any order."""
        async with asyncio.timeout(seconds):
            while True:
                async with self._container.database.begin() as tx:
                    order = await _newest_order(tx)
                    tally = await photos.tally(tx, order) if order else None
                    if not await _is_any_pending(tx) and not (tally and tally.checking):
                        break
                await asyncio.sleep(PAUSE)
        if tally is None:
            raise LookupError(_NO_ORDER)
        return tally

    async def shoot(self, kind: ShootKind) -> Shoot:
        """The newest shoot of that kind. Raises LookupError."""
        async with self._container.database.begin() as tx:
            found = await tx.find(Shoot, order="-created_at")
        for shoot in found:
            if shoot.kind is kind:
                return shoot
        raise LookupError(f"no shoot: {kind}")

    async def portraits_of(self, shoot: Shoot) -> int:
        """How many portraits it gave."""
        async with self._container.database.begin() as tx:
            return await tx.count(Portrait, shoot_id=shoot.id)

    async def clip(self) -> tuple[Clip, float]:
        """The newest finished clip, and the seconds that its making took. Raises LookupError."""
        async with self._container.database.begin() as tx:
            done = await tx.find(Clip, state=ClipState.DONE, order="-done_at", limit=1)
            jobs = await tx.find(Job, ref=done[0].id, kind=FILM.name) if done else []
        if not done or not jobs or jobs[0].started_at is None or jobs[0].ended_at is None:
            raise LookupError("no clip yet")
        return done[0], (jobs[0].ended_at - jobs[0].started_at).total_seconds()

    async def clip_preview(self, clip: Clip) -> bytes:
        """Its moving preview, an animated WebP. Raises :class:`shop.errors.NotFound`."""
        container = self._container
        async with container.database.snapshot() as tx:
            sealed = await delivery.find_clip(tx, container.cipher, clip)
        return await sealed.preview.open(container.blobs, container.labelling.signer)

    @property
    def producer(self) -> str:
        """Whose labels they are."""
        return self._container.labelling.producer

    @property
    def signer(self) -> PictureSigner:
        """Signs what the demo writes."""
        return self._container.labelling.signer

    def motion(self, id: str, language: str) -> str:
        """That motion's button."""
        entries = motions.lettered(list(self._container.catalog.motions.values()))
        letter, entry = next(one for one in entries if one[1].motion.id == id)
        return motions.label_of(letter, entry, language)

    def styles(self, language: str) -> Mapping[str, str]:
        """The names of all styles, by their templates."""
        return {one.id: one.names[language] for one in self._container.catalog.templates}

    async def erased(self) -> None:
        """Wait until no outbox message is left to be done. Raises TimeoutError."""
        async with asyncio.timeout(ERASE_SECONDS):
            while True:
                async with self._container.database.begin() as tx:
                    if not await _is_any_pending(tx):
                        return
                await asyncio.sleep(PAUSE)

    async def uploads_left(self) -> int:
        """Upload blobs, keys that could open any, and checkpoints of trainings, of everybody."""
        return await privacy.uploads_left(self._container.database, self._container.blobs)

    async def ledger(self) -> Mapping[Currency, int]:
        """The sum of every posting there is, per currency."""
        async with self._container.database.begin() as tx:
            return await tx.totals()


async def _newest_order(tx: Tx) -> Order | None:
    found = await tx.find(Order, product=Product.AVATAR, order="-created_at", limit=1)
    return found[0] if found else None


async def _is_any_pending(tx: Tx) -> bool:
    """Whether anything waits for the outbox worker."""
    return await tx.count(OutboxMessage, queue=CHAT, state=outbox.PENDING) > 0
