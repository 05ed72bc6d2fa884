"""What a job of each queue means: the shop's records in, the engine's orders out, results booked.

Photos and LoRAs are opened from the vault into memory, go through the engine's pipe, and are never
written anywhere in plain.
"""

import shutil
from pathlib import Path

from pipeline.engine import (
    BadPhotos,
    Engine,
    EngineError,
    LabelText,
    PaintOrder,
    Picture,
    Progress,
    Report,
    Trained,
    TrainOrder,
)
from pipeline.engine import Findings as Seen
from pipeline.shift import Duty, House
from shop import avatars, photos, portraits, samples
from shop.catalog import Catalog
from shop.errors import NotFound
from shop.records import (
    Avatar,
    AvatarState,
    Flaw,
    Job,
    Likeness,
    Photo,
    PhotoState,
    Shoot,
    ShootState,
)

MEDIA_TYPES = {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png", b"RI": "image/webp"}
"""By the first two bytes of a file."""


class Check(Duty):
    """Look at one upload and let the shop judge it."""

    def __init__(self, house: House, engine: Engine) -> None:
        self._house = house
        self._engine = engine

    async def run(self, job: Job, report: Report) -> None:
        photo, jpeg = await self._open(job)
        if photo is None:
            return
        try:
            findings = await self._engine.inspect(jpeg)
        except BadPhotos:
            async with self._house.database.begin() as tx:
                await photos.give_up(tx, photo, self._house.clock(), Flaw.UNREADABLE.value)
            return
        async with self._house.database.begin() as tx:
            await photos.judge(tx, photo, _findings(findings), self._house.clock())

    async def _open(self, job: Job) -> tuple[Photo | None, bytes]:
        house = self._house
        async with house.database.begin() as tx:
            photo = await tx.get(Photo, job.ref)
            if photo is None or photo.state is not PhotoState.CHECKING:
                return None, b""  # its order was erased meanwhile
            return photo, await photos.open_photo(tx, house.vault, house.blobs, photo)


class Train(Duty):
    """Make an avatar from an order's accepted photos."""

    def __init__(
        self, house: House, engine: Engine, catalog: Catalog, label: LabelText, workdir: Path
    ) -> None:
        self._house = house
        self._engine = engine
        self._catalog = catalog
        self._label = label
        self._workdir = workdir

    async def run(self, job: Job, report: Report) -> None:
        order = await self._order(job)
        if order is None:
            return
        avatar, asked = order

        async def heard(progress: Progress) -> None:
            await report(progress)
            if progress.picture is not None:
                await self._show(avatar, progress.picture)

        try:
            trained = await self._engine.train(asked, heard)
        except EngineError as error:
            if not error.retryable:
                self._clear(avatar)
            raise
        async with self._house.database.begin() as tx:
            await avatars.finish(
                tx, self._house.vault, self._house.blobs, self._catalog, avatar, _made(trained),
                self._house.clock(),
            )  # fmt: skip
        self._clear(avatar)

    async def _order(self, job: Job) -> tuple[Avatar, TrainOrder] | None:
        house = self._house
        async with house.database.begin() as tx:
            avatar = await tx.get(Avatar, job.ref)
            if avatar is None or avatar.state is not AvatarState.WAITING:
                return None
            rows = await photos.accepted(tx, avatar.order_id)
            uploads = [await photos.open_photo(tx, house.vault, house.blobs, row) for row in rows]
        return avatar, TrainOrder(
            avatar=avatar.id,
            photos=tuple(uploads),
            subject=avatar.subject.value,
            base=avatar.base,
            seed=avatar.seed,
            workdir=self._workdir / avatar.id,
            label=self._label,
        )

    async def _show(self, avatar: Avatar, picture: bytes) -> None:
        house = self._house
        async with house.database.begin() as tx:
            await samples.keep(tx, house.vault, house.blobs, avatar, picture, house.clock())

    def _clear(self, avatar: Avatar) -> None:
        """Checkpoints hold an unfinished LoRA of a person: they end with the training. What a crash
        leaves, :func:`clear_stale` finds."""
        shutil.rmtree(self._workdir / avatar.id, ignore_errors=True)


class Paint(Duty):
    """Paint one shoot's portraits."""

    def __init__(self, house: House, engine: Engine, catalog: Catalog, label: LabelText) -> None:
        self._house = house
        self._engine = engine
        self._catalog = catalog
        self._label = label

    async def run(self, job: Job, report: Report) -> None:
        asked = await self._order(job)
        if asked is None:
            return
        shoot, order = asked
        pictures = await self._engine.paint(order, report)
        painted = [_painted(picture) for picture in pictures]
        house = self._house
        async with house.database.begin() as tx:
            await portraits.finish(tx, house.vault, house.blobs, shoot, painted, house.clock())

    async def _order(self, job: Job) -> tuple[Shoot, PaintOrder] | None:
        house = self._house
        async with house.database.begin() as tx:
            shoot = await tx.get(Shoot, job.ref)
            if shoot is None or shoot.state is not ShootState.WAITING:
                return None
            avatar = await tx.get(Avatar, shoot.avatar_id)
            if avatar is None:
                raise NotFound
            lora = await avatars.open_lora(tx, house.vault, house.blobs, avatar)
        return shoot, self._paint_order(shoot, avatar, lora)

    def _paint_order(self, shoot: Shoot, avatar: Avatar, lora: bytes) -> PaintOrder:
        template = self._catalog.template(shoot.template)
        return PaintOrder(
            avatar=avatar.id,
            lora=lora,
            weight=shoot.weight,
            base=avatar.base,
            subject=avatar.subject.value,
            prompt=template.prompt,
            negative=template.negative,
            width=template.width,
            height=template.height,
            seeds=shoot.seeds,
            content_id=shoot.id,
            label=self._label,
            adult=True,
        )


async def clear_stale(house: House, workdir: Path) -> int:
    """Remove checkpoint folders of avatars that no longer wait for training; says how many."""
    removed = 0
    for folder in workdir.iterdir() if workdir.is_dir() else ():
        async with house.database.begin() as tx:
            avatar = await tx.get(Avatar, folder.name)
        if avatar is None or avatar.state is not AvatarState.WAITING:
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def _findings(seen: Seen) -> photos.Findings:
    """The engine's numbers in the shop's words: equal today, free to part tomorrow."""
    return photos.Findings(
        width=seen.width,
        height=seen.height,
        faces=seen.faces,
        face_share=seen.face_share,
        sharpness=seen.sharpness,
        indecency=seen.indecency,
        youth=seen.youth,
        phash=seen.phash,
        phash_mirrored=seen.phash_mirrored,
        view=seen.view.value,
    )


def _made(trained: Trained) -> avatars.Made:
    offered = trained.likeness
    return avatars.Made(
        lora=trained.lora,
        steps=trained.steps,
        seconds=trained.seconds,
        loss_first=trained.loss_first,
        loss_last=trained.loss_last,
        likeness=Likeness(offered.default, offered.step, offered.floor, offered.ceiling),
    )


def _painted(picture: Picture) -> portraits.Painted:
    return portraits.Painted(
        image=picture.image,
        seed=picture.seed,
        width=picture.width,
        height=picture.height,
        media_type=MEDIA_TYPES[picture.image[:2]],
    )
