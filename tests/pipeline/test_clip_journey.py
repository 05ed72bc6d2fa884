"""One clip, all the way, with the real torch process: looked at, moved, labelled, delivered."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.clips.reading import decode_frames, read_clip
from pipeline.engine.clip_messages import AnimateRequest
from pipeline.engine.engine import ChildEngine, LabelText, Progress, Timeouts
from pipeline.images import faces, label
from pipeline.images.faces import Pixels
from shop import privacy
from shop.clips.delivery import find_clip
from shop.clips.filming import FILM
from shop.clips.sources import PREPARE, find_joined
from shop.labels.signing import NoCredentials
from shop.records import Clip, ClipState, Job, JobState, OutboxMessage, SealedKey
from tests.pipeline.worker_harness import (
    CATALOG,
    all_of,
    erase_what_is_due,
    send_beside,
    send_source,
    want_clip,
    work_off,
)

pytestmark = pytest.mark.slow
PHOTO = Path("deploy/demo/customer/03-front.jpg")
OTHER = Path("shop/catalog/previews/pastel.jpg")  # somebody else, painted by the embedded base


def looks(picture: Pixels) -> NDArray[np.float32]:
    """What a face looks like, as SFace sees it."""
    found = faces.embedding(np.ascontiguousarray(picture))
    assert found is not None
    return found


def small_photo() -> bytes:
    picture = Image.open(PHOTO).convert("RGB")
    picture.thumbnail((480, 480))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92)
    return out.getvalue()


async def test_a_photo_comes_alive(deps, make_engine: Callable[..., ChildEngine]) -> None:
    engine = make_engine(Timeouts())
    sent = await send_source(deps, "p1", small_photo())
    await work_off(deps, engine, PREPARE)
    [seen] = await all_of(deps, Clip)
    assert (seen.state, seen.faces, seen.reason) == (ClipState.READY, 1, "")
    await want_clip(deps, sent, "nod")
    await work_off(deps, engine, FILM)

    [done] = await all_of(deps, Clip)
    motion = CATALOG.motion("nod").motion
    assert (done.state, done.gift) == (ClipState.DONE, True)
    assert done.frames == round(motion.seconds * motion.fps)
    async with deps.database.snapshot() as tx:
        files = await find_clip(tx, deps.cipher, done)
    film = await files.video.open(deps.blobs, NoCredentials())
    facts = read_clip(film)
    assert (facts.codec, facts.faststart, facts.frames) == ("h264", True, done.frames)
    assert done.id in facts.aigc
    first, *_, middle = [one for _, one in zip(range(40), decode_frames(film), strict=False)]
    assert np.abs(first.astype(int) - middle).max() > 20, "it moves"

    await erase_what_is_due(deps)
    assert await privacy.uploads_left(deps.database, deps.blobs) == 0
    assert len(await all_of(deps, SealedKey)) == 1, "the clip's own"
    assert {job.state for job in await all_of(deps, Job)} == {JobState.DONE}
    receipts = await all_of(deps, OutboxMessage, name="notice")
    kinds = [one.payload["kind"] for one in receipts]
    kinds = [kind for kind in kinds if kind not in ("progress", "progress_ended")]
    assert kinds == ["source_ready", "clip_ready", "source_erased"]
    async with deps.database.begin() as tx:
        assert set((await tx.totals()).values()) <= {0}


async def test_two_who_were_apart_come_together(
    deps, make_engine: Callable[..., ChildEngine]
) -> None:
    """Joined before anything is chosen, and in the clip; each with their own face."""
    engine, other = make_engine(Timeouts()), OTHER.read_bytes()
    await send_source(deps, "p1", small_photo())
    await work_off(deps, engine, PREPARE)
    [first] = await all_of(deps, Clip)
    await send_beside(deps, first, other)
    await work_off(deps, engine, PREPARE)
    [both] = await all_of(deps, Clip)
    assert (both.state, both.pictures, len(both.sources)) == (ClipState.READY, 2, 2)
    async with deps.database.snapshot() as tx:
        joined = await find_joined(tx, deps.cipher, both)
    frame = await joined.open(deps.blobs, NoCredentials())
    assert label.read_label(frame) is not None

    await want_clip(deps, both, "smile")
    await work_off(deps, engine, FILM)
    [done] = await all_of(deps, Clip)
    assert done.state is ClipState.DONE
    async with deps.database.snapshot() as tx:
        files = await find_clip(tx, deps.cipher, done)
    frames = list(decode_frames(await files.video.open(deps.blobs, NoCredentials())))
    shown = np.asarray(Image.open(io.BytesIO(frame)).convert("RGB"))
    for one in (shown, frames[0], frames[len(frames) // 2], frames[-1]):
        halves = np.split(one, [one.shape[1] // 2], axis=1)
        for half, photo in zip(halves, (small_photo(), other), strict=True):
            seen, known = looks(half), looks(np.asarray(Image.open(io.BytesIO(photo))))
            assert seen @ known > 0.6
    await erase_what_is_due(deps)
    assert await privacy.uploads_left(deps.database, deps.blobs) == 0


async def test_a_photo_passes_a_clip_that_is_being_made(
    make_engine: Callable[..., ChildEngine],
) -> None:
    engine, photo = make_engine(Timeouts()), small_photo()
    await engine.inspect(photo)
    motion = CATALOG.motion("gentle").motion
    begun = asyncio.Event()

    async def report(index: int, progress: Progress) -> None:
        begun.set()

    request = AnimateRequest(photo, motion, "clip", LabelText())
    filming = asyncio.create_task(engine.animate([request, request], report))
    await begun.wait()
    assert (await engine.inspect(photo)).faces == 1
    assert not filming.done()
    one, other = await filming
    assert one.frames == other.frames  # type: ignore[union-attr]
