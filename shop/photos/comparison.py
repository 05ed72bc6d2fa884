"""Photos of one order, compared before they are paid for: which are unlike the rest.

Only with the customer's consent to it (``ConsentKind.COMPARE_PHOTOS``), which is asked for again at
each step, under the person's lock. A worker of the kind :data:`COMPARE` looks at the accepted
photos in memory; of what it found one word a photo is kept (:class:`shop.records.Compared`), for as
long as the photo, and nothing once the consent is withdrawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from shop.encryption import EnvelopeCipher
from shop.errors import ConsentMissing, NotAllowed
from shop.jobs import jobs, outbox
from shop.jobs.kinds import JobKind, SchedulingClass
from shop.money import bills
from shop.people import consent
from shop.people.users import lock as lock_user
from shop.photos import photos
from shop.photos.photos import OPEN_FOR_PHOTOS
from shop.ports import Blobs, Tx
from shop.records import (
    Compared,
    ConsentKind,
    Job,
    JobId,
    JobKindName,
    JobState,
    Order,
    OrderId,
    Photo,
    PhotoId,
    PhotoState,
    Product,
    User,
)
from shop.sealed_blobs import SealedBlob

KIND: Final = ConsentKind.COMPARE_PHOTOS
TWO_PEOPLE: Final = 0.25
"""Of those compared: where more are unlike the rest, they seem to be another person's."""


@dataclass(frozen=True, slots=True)
class ComparedPhotos:
    """What is known of an order's accepted photos, by the ids of the photos.

    ``pending``: a worker is to look, or looks. ``left_out`` were not compared: they came later, or
    there was never a comparison; ``unclear`` were, but showed no face to compare.
    """

    compared: int
    unlike: tuple[PhotoId, ...]
    unclear: tuple[PhotoId, ...]
    left_out: tuple[PhotoId, ...]
    pending: bool = False

    @property
    def two_people(self) -> bool:
        """Whether the unlike ones are too many to be odd photos of one person."""
        return len(self.unlike) > TWO_PEOPLE * self.compared


@dataclass(frozen=True, slots=True)
class PlannedComparison:
    """The sealed photos that a job is to compare, in the order in which they came."""

    job_id: JobId
    order_id: OrderId
    sealed: Mapping[PhotoId, SealedBlob] = field(repr=False)

    async def open(self, blobs: Blobs) -> tuple[bytes, ...]:
        """Their JPEGs. Raises :class:`shop.errors.NotFound` once they were erased."""
        return tuple([await one.open(blobs) for one in self.sealed.values()])


async def request(tx: Tx, user: User, order: Order, now: datetime) -> Job:
    """Owe a comparison of the order's accepted photos; the one that is owed already, if there is.

    Raises :class:`ConsentMissing`, or :class:`NotAllowed` once the order takes no more photos, and
    for another's.
    """
    owner = await lock_user(tx, user.id)
    if not await consent.is_given(tx, owner, KIND):
        raise ConsentMissing
    fresh = await _open_order(tx, order.id) if order.user_id == owner.id else None
    if fresh is None:
        raise NotAllowed
    owed = await jobs.owed(tx, COMPARE, fresh.id)
    return owed[0] if owed else await jobs.enqueue(tx, COMPARE, fresh.id, owner.id, now)


async def known(tx: Tx, order: Order) -> ComparedPhotos:
    """What the album says; of somebody who has not consented (any more) nothing is known."""
    accepted = await photos.accepted(tx, order.id)
    owner = await tx.get(User, order.user_id)
    if owner is None or not await consent.is_given(tx, owner, KIND):
        return ComparedPhotos(0, (), (), tuple(one.id for one in accepted))

    def those(word: Compared | None) -> tuple[PhotoId, ...]:
        return tuple(one.id for one in accepted if one.compared is word)

    left_out, unlike = those(None), those(Compared.UNLIKE)
    if not those(Compared.ALIKE):  # those that they were unlike are taken out
        unlike = ()
    return ComparedPhotos(
        len(accepted) - len(left_out), unlike, those(Compared.UNCLEAR), left_out,
        pending=bool(await jobs.owed(tx, COMPARE, order.id)),
    )  # fmt: skip


async def plan(tx: Tx, cipher: EnvelopeCipher, job: Job, now: datetime) -> PlannedComparison | None:
    """What a worker is to compare. None: the order takes no more photos, or its owner has
    withdrawn the consent; then the job has ended."""
    order = await tx.get(Order, job.ref)
    if order is not None:
        owner = await lock_user(tx, order.user_id)
        order = await _open_order(tx, order.id)
        if order is not None and await consent.is_given(tx, owner, KIND):
            accepted = await photos.accepted(tx, order.id)
            sealed = {one.id: await photos.find_jpeg(tx, cipher, one) for one in accepted}
            return PlannedComparison(job.id, order.id, sealed)
    await jobs.end_of(tx, COMPARE, job.ref, JobState.CANCELLED, now)
    return None


async def apply(
    tx: Tx, planned: PlannedComparison, words: Mapping[PhotoId, Compared], now: datetime
) -> None:
    """Keep what was found, end the job, and tell the customer. Of a photo that is not accepted any
    more nothing is kept, and of none if the consent or the order is gone; one that its customer
    has kept stays so. Safe to run twice."""
    known = await tx.get(Order, planned.order_id)
    if known is None:
        return
    owner = await lock_user(tx, known.user_id)
    # A job that was cancelled by a withdrawal is over, also if another was asked for since.
    job = await tx.get(Job, planned.job_id)
    if job is None or job.state in jobs.ENDED:
        return
    order = await _open_order(tx, known.id)
    if order is None or not await consent.is_given(tx, owner, KIND):
        await jobs.end_of(tx, COMPARE, known.id, JobState.CANCELLED, now)
        return
    await jobs.end_of(tx, COMPARE, order.id, JobState.DONE, now)
    for photo in await tx.find(Photo, order_id=order.id, state=PhotoState.ACCEPTED, lock=True):
        word = words.get(photo.id)
        if word is not None and photo.compared is not Compared.KEPT:
            await tx.put(replace(photo, compared=word))
    await bills.outdate(tx, order.id, now)  # it says what was compared
    await outbox.notify(tx, owner.id, "compared", now, order=order.id)


async def keep(tx: Tx, order: Order) -> int:
    """Their sender says that the marked ones are them as well. Returns how many."""
    await lock_user(tx, order.user_id)
    found = await tx.find(Photo, order_id=order.id, compared=Compared.UNLIKE, lock=True)
    for photo in found:
        await tx.put(replace(photo, compared=Compared.KEPT))
    return len(found)


async def withdraw(tx: Tx, user: User, now: datetime) -> None:
    """Withdraw the consent: what was found is forgotten, and nobody compares any more."""
    await consent.withdraw(tx, user, KIND, now)
    await forget(tx, user, now)


async def forget(tx: Tx, user: User, now: datetime) -> None:
    """Whoever has not consented (any more) has no marks, no bill that says that photos were
    compared, and no comparison under way."""
    if await consent.is_given(tx, user, KIND):
        return
    for order in await tx.find(Order, user_id=user.id, product=Product.AVATAR):
        await jobs.end_of(tx, COMPARE, order.id, JobState.CANCELLED, now)
        for photo in await tx.find(Photo, order_id=order.id, lock=True):
            if photo.compared is not None:
                await tx.put(replace(photo, compared=None))
                await bills.outdate(tx, order.id, now)


async def _open_order(tx: Tx, id: OrderId) -> Order | None:
    order = await tx.get(Order, id, lock=True)
    return order if order is not None and order.state in OPEN_FOR_PHOTOS else None


async def _give_up_job(tx: Tx, ref: str, why: str, now: datetime) -> None:
    order = await tx.get(Order, ref)
    await jobs.end_of(tx, COMPARE, ref, JobState.FAILED, now, why)
    if order is not None and order.state in OPEN_FOR_PHOTOS:
        await outbox.notify(tx, order.user_id, "not_compared", now, order=order.id)


COMPARE: Final = JobKind(
    name=JobKindName("compare"),
    scheduling=SchedulingClass.IMMEDIATE,
    quantum=timedelta(minutes=1),
    timeout=lambda settings: settings.compare_timeout,
    give_up=_give_up_job,
    told=False,
)
"""The comparison of an order's photos with each other; ``ref`` is the order's id."""
