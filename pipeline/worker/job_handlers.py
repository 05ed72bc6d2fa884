"""The job handlers of the product: the shop's records in, the engine's requests out, results
committed.

Photos, LoRAs and checkpoints are decrypted into memory only and travel through the engine's pipe.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from pipeline.engine.engine import (
    Engine,
    EngineError,
    InspectionResult,
    LabelText,
    PaintedImage,
    PaintRequest,
    Progress,
    TrainedLora,
    TrainRequest,
)
from pipeline.models import recipe
from pipeline.worker.checkpoint_store import CheckpointWriter, load_checkpoint
from pipeline.worker.job_batch import JobHandler, Report, WorkerDependencies
from pipeline.worker.paint_request import paint_request
from pipeline.worker.results import to_painted_pictures, to_photo_findings, to_trained_avatar
from pipeline.worker.wish_request import wish_request
from shop.avatars import avatars, initial_portraits, prompts, samples
from shop.avatars.delivery import deliver_shoot, deliver_training
from shop.avatars.initial_portraits import InitialShoot
from shop.avatars.likeness import FIRST_BEAUTY
from shop.catalog import Catalog
from shop.catalog.wishes import Wish
from shop.errors import NotFound
from shop.photos import photos
from shop.ports import Tx
from shop.records import (
    Avatar,
    AvatarId,
    Job,
    Photo,
    PhotoState,
    Prompt,
    Shoot,
    ShootState,
    Subject,
)
from shop.transactions import run_transaction

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PhotoToCheck:
    """A photo to be checked, and its JPEG."""

    photo: Photo
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class AvatarToTrain:
    """An avatar to be trained; ``first`` is its first shoot, if its portraits may be compared with
    the photos."""

    avatar: Avatar
    request: TrainRequest
    first: InitialShoot | None


@dataclass(frozen=True, slots=True)
class ShootToPaint:
    """A shoot to be painted."""

    shoot: Shoot
    request: PaintRequest


class CheckHandler(JobHandler[PhotoToCheck, InspectionResult]):
    """Has uploads inspected and judged."""

    def __init__(self, deps: WorkerDependencies, engine: Engine) -> None:
        self._deps = deps
        self._engine = engine

    async def prepare(self, job: Job) -> PhotoToCheck | None:
        deps = self._deps
        async with deps.database.snapshot() as tx:
            photo = await tx.get(Photo, job.ref)
            if photo is None or photo.state is not PhotoState.CHECKING:
                return None  # its order was erased meanwhile
            jpeg = await photos.find_jpeg(tx, deps.cipher, photo)
        return PhotoToCheck(photo, await jpeg.open(deps.blobs))

    async def run(
        self, requests: Sequence[PhotoToCheck], report: Report
    ) -> Sequence[InspectionResult | EngineError]:
        return [await self._inspect(one.jpeg) for one in requests]

    async def commit(self, request: PhotoToCheck, result: InspectionResult) -> None:
        async def apply(tx: Tx) -> None:
            findings, now = to_photo_findings(result), await tx.now()
            await photos.apply_findings(tx, request.photo, findings, now)

        await run_transaction(self._deps.database, apply)

    async def _inspect(self, jpeg: bytes) -> InspectionResult | EngineError:
        try:
            return await self._engine.inspect(jpeg)
        except EngineError as error:
            return error


class TrainHandler(JobHandler[AvatarToTrain, TrainedLora]):
    """Trains avatars on the accepted photos of their orders."""

    def __init__(
        self,
        deps: WorkerDependencies,
        engine: Engine,
        catalog: Catalog,
        label: LabelText,
    ) -> None:
        self._deps = deps
        self._engine = engine
        self._catalog = catalog
        self._label = label

    async def prepare(self, job: Job) -> AvatarToTrain | None:
        deps = self._deps

        async def begin(tx: Tx) -> Avatar | None:
            now = await tx.now()
            return await avatars.begin_training(tx, deps.cipher, AvatarId(job.ref), now)

        avatar = await run_transaction(deps.database, begin)
        if avatar is None:
            return None
        async with deps.database.snapshot() as tx:
            rows = await photos.accepted(tx, avatar.order_id)
            sealed = [await photos.find_jpeg(tx, deps.cipher, row) for row in rows]
            first = await initial_portraits.plan(tx, self._catalog, avatar)
        uploads = [await one.open(deps.blobs) for one in sealed]
        wanted = TrainRequest(
            avatar=avatar.id,
            photos=tuple(uploads),
            subject=avatar.subject.value,
            base=avatar.base,
            seed=avatar.seed,
            label=self._label,
            initial_portraits=await self._first(avatar, first) if first else None,
        )
        return AvatarToTrain(avatar, wanted, first)

    async def run(
        self, requests: Sequence[AvatarToTrain], report: Report
    ) -> Sequence[TrainedLora | EngineError]:
        """From the newest checkpoints: another worker may have trained, or this one in a batch that
        began again."""
        writers = [CheckpointWriter(self._deps, one.avatar.id) for one in requests]

        async def on_progress(which: int, progress: Progress) -> None:
            writers[which].put(progress.checkpoint)
            await report(which, progress)
            if progress.picture is not None:
                await self._keep_sample(requests[which].avatar, progress.picture)

        try:
            trainings = [
                replace(one.request, checkpoint=await load_checkpoint(self._deps, one.avatar.id))
                for one in requests
            ]
            return await self._engine.train(trainings, on_progress)
        finally:
            await asyncio.gather(*(writer.close() for writer in writers))

    async def commit(self, request: AvatarToTrain, result: TrainedLora) -> None:
        deps = self._deps
        await deliver_training(
            deps.database, deps.cipher, deps.blobs, self._catalog, request.avatar,
            to_trained_avatar(result), request.first,
            to_painted_pictures(result.initial_portraits),
        )  # fmt: skip
        deps.metrics.observe_painted(result.initial_portraits)

    async def _first(self, avatar: Avatar, first: InitialShoot) -> PaintRequest:
        weight = recipe.load(avatar.base, allow_noncommercial=True).likeness.default
        template = self._catalog.painted(avatar.base, first.template)
        return await paint_request(
            template, base=avatar.base, subject=avatar.subject.value, avatar=None, lora=None,
            weight=weight, seeds=first.seeds, content_id=first.shoot, label=self._label,
            beauty=FIRST_BEAUTY,
        )  # fmt: skip

    async def _keep_sample(self, avatar: Avatar, picture: bytes) -> None:
        """Keep a sample; a failure must not end the training, which is other customers' as well."""
        deps = self._deps
        try:
            await samples.store(deps.database, deps.cipher, deps.blobs, avatar, picture)
        except Exception as error:
            log.warning("sample_not_kept", avatar=avatar.id, error=type(error).__name__)


class PaintHandler(JobHandler[ShootToPaint, tuple[PaintedImage, ...]]):
    """Paints the portraits of shoots."""

    def __init__(
        self, deps: WorkerDependencies, engine: Engine, catalog: Catalog, label: LabelText
    ) -> None:
        self._deps = deps
        self._engine = engine
        self._catalog = catalog
        self._label = label

    async def prepare(self, job: Job) -> ShootToPaint | None:
        deps = self._deps
        async with deps.database.snapshot() as tx:
            shoot = await tx.get(Shoot, job.ref)
            if shoot is None or shoot.state is not ShootState.WAITING:
                return None
            avatar = await tx.get(Avatar, shoot.avatar_id) if shoot.avatar_id else None
            if shoot.avatar_id and avatar is None:
                raise NotFound
            prompt = await tx.get(Prompt, shoot.prompt_id) if shoot.prompt_id else None
            sealed = (
                await avatars.find_lora(tx, deps.cipher, avatar, shoot.checkpoint)
                if avatar is not None
                else None
            )
            wish = await prompts.find_wish(tx, deps.cipher, prompt) if prompt else None
        lora = await sealed.open(deps.blobs) if sealed else None
        if prompt is not None and wish is not None:
            return ShootToPaint(shoot, self._in_own_words(shoot, prompt, wish, avatar, lora))
        if avatar is None:
            raise NotFound
        wanted = await paint_request(
            self._catalog.painted(avatar.base, shoot.template), base=avatar.base,
            subject=avatar.subject.value, avatar=avatar.id, lora=lora, weight=shoot.weight,
            seeds=shoot.seeds, content_id=shoot.id, label=self._label, beauty=shoot.beauty,
            expression=shoot.expression,
        )  # fmt: skip
        return ShootToPaint(shoot, wanted)

    def _in_own_words(
        self, shoot: Shoot, prompt: Prompt, wish: Wish, avatar: Avatar | None, lora: bytes | None
    ) -> PaintRequest:
        return wish_request(
            wish, base=prompt.base, subject=(avatar.subject if avatar else Subject.PERSON).value,
            avatar=avatar.id if avatar else None, lora=lora, weight=shoot.weight,
            seeds=shoot.seeds, content_id=shoot.id, label=self._label, beauty=shoot.beauty,
        )  # fmt: skip

    async def run(
        self, requests: Sequence[ShootToPaint], report: Report
    ) -> Sequence[tuple[PaintedImage, ...] | EngineError]:
        return await self._engine.paint([one.request for one in requests], report)

    async def commit(self, request: ShootToPaint, result: tuple[PaintedImage, ...]) -> None:
        deps, painted = self._deps, to_painted_pictures(result)
        await deliver_shoot(deps.database, deps.cipher, deps.blobs, request.shoot, painted)
        deps.metrics.observe_painted(result)
