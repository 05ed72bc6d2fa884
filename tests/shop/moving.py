"""The steps of a clip, as the dialogue and a worker take them, for tests of the rules."""

from dataclasses import replace
from typing import Any

from shop.clips import clips, filming, sources
from shop.clips.delivery import PreparedPicture, RenderedClip, deliver_clip, deliver_source
from shop.clips.verdict import SourceFindings
from shop.records import Clip, ClipState, Keyframe, Motion, Relation, Track, User
from shop.sealed_blobs import remove_blobs
from tests.locks import not_watched
from tests.shop.conftest import Shop, taken
from tests.storing import WithinTransaction

NOD = Motion("nod", 2.0, 25, True, ((Track.PITCH, (Keyframe(0, 0), Keyframe(1, 6))),))
PUSH_IN = Motion("push-in", 2.0, 25, False, ((Track.ZOOM, (Keyframe(0, 1), Keyframe(2, 1.2))),))
GOOD = SourceFindings(people=1, faces=1, indecency=0.0, youth=0.0)
RENDERED = RenderedClip(b"mp4", b"poster", b"preview", 2.0, 50, 480, 640)


async def begun(shop: Shop, platform_id: str = "42", **wish: Any) -> Clip:
    user = await shop.customer(platform_id)
    relation = wish.pop("relation", Relation.SELF)
    return await clips.begin(shop.tx, shop.cipher, user, relation, shop.now, **wish)


async def send(shop: Shop, clip: Clip, seed: int = 0) -> Clip:
    """Its customer sends a picture, which is stored and admitted; else nothing is left of it."""
    key = await sources.source_key(shop.tx, shop.cipher, clip)
    with not_watched():
        stored = await sources.store(shop.blobs, key, taken(seed))
    try:
        return await sources.admit(shop.tx, clip, stored, shop.now)
    except Exception:
        with not_watched():
            await remove_blobs(shop.blobs, [stored.path])
        raise


async def looked_at(shop: Shop, clip: Clip, **found: Any) -> Clip:
    """A worker has looked at the source that was sent last; ``joined`` with the first one."""
    joined = found.pop("joined", b"")
    picture = PreparedPicture(b"after", b"before", replace(GOOD, **found), joined)
    database = WithinTransaction(shop.tx, shop.now)
    with not_watched():
        return await deliver_source(database, shop.cipher, shop.blobs, clip, picture)


async def ready(shop: Shop, platform_id: str = "42", **found: Any) -> Clip:
    """A clip whose source was looked at."""
    return await looked_at(shop, await send(shop, await begun(shop, platform_id)), **found)


async def beside(shop: Shop, clip: Clip, relation: Relation = Relation.LIVING) -> Clip:
    """Its customer wants somebody to stand beside."""
    return await clips.add_picture(shop.tx, clip, relation, shop.now)


async def two_ready(shop: Shop, platform_id: str = "42") -> Clip:
    """A clip of two pictures, both looked at."""
    half = await beside(shop, await ready(shop, platform_id))
    return await looked_at(shop, await send(shop, half, 1), joined=b"both")


async def wanted(shop: Shop, clip: Clip, motion: Motion = NOD) -> Clip:
    return await filming.request(shop.tx, shop.catalog, clip, motion, shop.now)


async def filmed(shop: Shop, clip: Clip, rendered: RenderedClip = RENDERED) -> Clip:
    """A worker has made it, from the beginning to the end."""
    begun = await filming.begin_work(shop.tx, shop.cipher, clip.id, shop.now)
    return await delivered(shop, begun or clip, rendered)


async def delivered(shop: Shop, clip: Clip, rendered: RenderedClip = RENDERED) -> Clip:
    """A worker that had begun has made it, however late."""
    database = WithinTransaction(shop.tx, shop.now)
    with not_watched():
        return await deliver_clip(database, shop.cipher, shop.blobs, clip, rendered)


async def with_gift_used(shop: Shop, platform_id: str = "42") -> User:
    """A customer whose first clip was made: the next one costs them something."""
    done = await filmed(shop, await wanted(shop, await ready(shop, platform_id)))
    assert (done.state, done.gift) == (ClipState.DONE, True)
    return await shop.customer(platform_id)
