"""The job handler of clips by a video base: the shop's records in, the engine's request out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.engine.engine import Engine, EngineError, GenerateVideoRequest, LabelText
from pipeline.engine.video import Camera
from pipeline.worker.clip_handlers import ClipOutcome, outcome_of
from pipeline.worker.job_batch import JobHandler, Report, WorkerDependencies
from pipeline.worker.results import to_rendered_clip
from shop.catalog import Catalog
from shop.catalog.entries import SEED_RANGE
from shop.clips import filming
from shop.clips.delivery import deliver_clip, find_pictures
from shop.errors import NotFound
from shop.ports import Tx
from shop.records import Clip, ClipId, Job
from shop.records.clip_encoders import ClipEncoder
from shop.transactions import run_transaction


@dataclass(frozen=True, slots=True)
class ClipToGenerate:
    """A clip that a video base is to make."""

    clip: Clip
    request: GenerateVideoRequest


class VideoHandler(JobHandler[ClipToGenerate, ClipOutcome]):
    """Has a video base generate clips of sources and portraits. One that fails costs nothing: its
    credits are released as those of any clip."""

    def __init__(
        self,
        deps: WorkerDependencies,
        engine: Engine,
        catalog: Catalog,
        label: LabelText,
        encoder: ClipEncoder,
    ) -> None:
        self._deps = deps
        self._engine = engine
        self._catalog = catalog
        self._label = label
        self._encoder = encoder

    async def prepare(self, job: Job) -> ClipToGenerate | None:
        deps = self._deps

        async def begin(tx: Tx) -> Clip | None:
            return await filming.begin_work(tx, deps.cipher, ClipId(job.ref), await tx.now())

        clip = await run_transaction(deps.database, begin)
        if clip is None:
            return None
        try:
            async with deps.database.snapshot() as tx:
                found = await find_pictures(tx, deps.cipher, clip)
        except NotFound:  # it ended between the two
            return None
        pictures = [await one.open(deps.blobs) for one in found]
        return ClipToGenerate(clip, self._request(clip, pictures))

    async def run(
        self, requests: Sequence[ClipToGenerate], report: Report
    ) -> Sequence[ClipOutcome | EngineError]:
        made = await self._engine.generate_video([one.request for one in requests], report)
        return [outcome_of(one) for one in made]

    async def commit(self, request: ClipToGenerate, result: ClipOutcome) -> None:
        deps, clip = self._deps, request.clip
        if result.clip is not None:
            rendered = to_rendered_clip(result.clip)
            await deliver_clip(deps.database, deps.cipher, deps.blobs, clip, rendered)
            return

        async def fail(tx: Tx) -> None:
            await filming.fail(tx, clip, result.why, await tx.now(), reason=result.reason)

        await run_transaction(deps.database, fail)

    def _request(self, clip: Clip, pictures: Sequence[bytes]) -> GenerateVideoRequest:
        """A motion of the shop's by the words that the catalogue has for it, or an effect of the
        base's own."""
        told = self._catalog.video_words.get(clip.motion)
        effect = "" if told else clip.motion
        base = self._catalog.video_bases[clip.engine]
        seconds = self._catalog.motion(clip.motion).motion.seconds if told else base.seconds
        return GenerateVideoRequest(
            photo=pictures[0],
            base=clip.engine,
            words=told.words if told else "",
            seed=seed_of(clip.id),
            seconds=seconds,
            people=None,
            content_id=clip.id,
            label=self._label,
            camera=Camera(told.camera) if told and told.camera else None,
            effect=effect,
            adult=False,  # how old people look on the source was asked when it was prepared
            encoder=self._encoder,
            second=pictures[1] if len(pictures) > 1 else None,
        )


def seed_of(clip: ClipId) -> int:
    """The same for each try of a clip, another one for another clip."""
    return int.from_bytes(hashlib.sha256(clip.encode()).digest()[:8], "big") % SEED_RANGE
