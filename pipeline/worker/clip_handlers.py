"""The job handlers of clips: a source is looked at, and comes alive.

Sources, portraits and clips are decrypted into memory only and travel through the engine's pipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.engine.engine import (
    AnimateRequest,
    BadSource,
    Engine,
    EngineError,
    LabelText,
    NothingDecent,
    PaintedClip,
    PreparedSource,
    PrepareRequest,
)
from pipeline.worker.job_batch import JobHandler, Report, WorkerDependencies
from pipeline.worker.results import to_prepared_picture, to_rendered_clip
from shop.catalog import Catalog
from shop.clips import filming
from shop.clips.delivery import deliver_clip, deliver_source, find_pictures
from shop.clips.verdict import SourceFlaw
from shop.errors import NotFound
from shop.ports import Tx
from shop.records import Clip, ClipId, ClipState, Job, Motion
from shop.records.clip_encoders import ClipEncoder
from shop.transactions import run_transaction


@dataclass(frozen=True, slots=True)
class SourceToPrepare:
    """The last source of a clip."""

    clip: Clip
    request: PrepareRequest


@dataclass(frozen=True, slots=True)
class ClipToFilm:
    """A clip that is to be made."""

    clip: Clip
    request: AnimateRequest


@dataclass(frozen=True, slots=True)
class ClipOutcome:
    """What came of one: the clip, or a word for the customer and why, for the operator."""

    clip: PaintedClip | None = None
    reason: str = ""
    why: str = ""


class PrepareHandler(JobHandler[SourceToPrepare, PreparedSource]):
    """Has sources looked at and restored; a second one joined with the first."""

    def __init__(self, deps: WorkerDependencies, engine: Engine, label: LabelText) -> None:
        self._deps = deps
        self._engine = engine
        self._label = label

    async def prepare(self, job: Job) -> SourceToPrepare | None:
        deps = self._deps
        async with deps.database.snapshot() as tx:
            clip = await tx.get(Clip, job.ref)
            if clip is None or clip.state is not ClipState.PREPARING:
                return None
            try:
                found = await find_pictures(tx, deps.cipher, clip)
            except NotFound:  # the portrait beside which it was to stand was erased
                return None
        *first, photo = [await one.open(deps.blobs) for one in found]
        beside = first[0] if first else None
        return SourceToPrepare(clip, PrepareRequest(photo, self._label, beside))

    async def run(
        self, requests: Sequence[SourceToPrepare], report: Report
    ) -> Sequence[PreparedSource | EngineError]:
        return [await self._prepared(one.request) for one in requests]

    async def commit(self, request: SourceToPrepare, result: PreparedSource) -> None:
        deps, picture = self._deps, to_prepared_picture(result)
        await deliver_source(deps.database, deps.cipher, deps.blobs, request.clip, picture)

    async def _prepared(self, request: PrepareRequest) -> PreparedSource | EngineError:
        try:
            return await self._engine.prepare_source(request)
        except EngineError as error:
            return error


class FilmHandler(JobHandler[ClipToFilm, ClipOutcome]):
    """Has the embedded animator move sources and portraits."""

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

    async def prepare(self, job: Job) -> ClipToFilm | None:
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
        wanted = AnimateRequest(
            photo=pictures[0],
            motion=self._motion(clip.motion),
            content_id=clip.id,
            label=self._label,
            encoder=self._encoder,
            second=pictures[1] if len(pictures) > 1 else None,
        )
        return ClipToFilm(clip, wanted)

    async def run(
        self, requests: Sequence[ClipToFilm], report: Report
    ) -> Sequence[ClipOutcome | EngineError]:
        made = await self._engine.animate([one.request for one in requests], report)
        return [outcome_of(one) for one in made]

    async def commit(self, request: ClipToFilm, result: ClipOutcome) -> None:
        deps, clip = self._deps, request.clip
        if result.clip is not None:
            rendered = to_rendered_clip(result.clip)
            await deliver_clip(deps.database, deps.cipher, deps.blobs, clip, rendered)
            return

        async def fail(tx: Tx) -> None:
            await filming.fail(tx, clip, result.why, await tx.now(), reason=result.reason)

        await run_transaction(deps.database, fail)

    def _motion(self, id: str) -> Motion:
        return self._catalog.motions[id].motion


def outcome_of(made: PaintedClip | EngineError) -> ClipOutcome | EngineError:
    """What only the customer's picture can have caused is told them in its own words; whatever else
    failed is the batch's to blame on somebody."""
    match made:
        case PaintedClip():
            return ClipOutcome(made)
        case BadSource():
            return ClipOutcome(reason=made.reason, why=type(made).__name__)
        case NothingDecent():
            return ClipOutcome(reason=SourceFlaw.INDECENT.value, why=type(made).__name__)
    return made
