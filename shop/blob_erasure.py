"""Blobs whose purpose has ended: removed, looked for, and told of in a receipt.

Their keys went in the transaction that ended it; here follow the outbox messages that it left, and
the sweep for what a crash left. No transaction is open while a store is walked or emptied.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shop.avatars import training_checkpoints
from shop.errors import NotFound
from shop.jobs import outbox
from shop.ports import Blobs, Database, Tx
from shop.records import (
    Avatar,
    AvatarState,
    Clip,
    ClipId,
    ClipState,
    Order,
    OrderId,
    Portrait,
    Prompt,
    Shoot,
    ShootState,
)
from shop.transactions import run_transaction

_BEING_WRITTEN: Final[Mapping[str, frozenset[ClipState]]] = {
    "sources": frozenset({ClipState.COLLECTING, ClipState.PREPARING}),
    "clips": frozenset({ClipState.WAITING}),
}
"""By the folder of their blobs: states of clips in which somebody may be writing there."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """How many uploads of an order were erased, and how many of them and of the checkpoints of its
    training are still in the blob store (always 0). ``trained`` if there was a training."""

    order: OrderId
    erased: int
    left: int
    trained: bool


class BlobsRemain(Exception):
    """Blobs that were removed are still found: the outbox message must be tried again."""


async def erase_uploads(
    database: Database, blobs: Blobs, order_id: OrderId, count: int, why: str
) -> Receipt:
    """Handle the outbox message ``erase_uploads``: remove the blobs of the uploads, and of the
    checkpoints of the order's training; verify, enqueue the receipt.

    Raises :class:`BlobsRemain` if any are left, so that the message is tried again. ``count`` comes
    from the message: a second try finds fewer blobs than the first one removed.
    """
    async with database.snapshot() as tx:
        order = await tx.get(Order, order_id)
        trained = await tx.find(Avatar, order_id=order_id)
    if order is None:
        raise NotFound
    gone = [f"uploads/{order_id}", *(training_checkpoints.folder(one.id) for one in trained)]
    for prefix in gone:
        await erase_blobs(blobs, prefix)
    receipt = Receipt(order_id, count, await count_blobs(blobs, gone), bool(trained))

    async def notify(tx: Tx) -> None:
        await outbox.notify(
            tx, order.user_id, "uploads_erased", await tx.now(),
            key=f"uploads_erased:{order_id}", once=True,
            order=order_id, count=receipt.erased, left=receipt.left, why=why,
            trained=int(receipt.trained),
        )  # fmt: skip

    await run_transaction(database, notify)
    return receipt


async def erase_source(
    database: Database, blobs: Blobs, clip_id: ClipId, count: int, why: str
) -> int:
    """Handle the outbox message ``erase_source``: remove the blobs of a clip's sources; verify,
    enqueue the receipt, if anything was sent. Returns how many sources that were.

    Raises :class:`BlobsRemain` as :func:`erase_uploads`.
    """
    await erase_blobs(blobs, f"sources/{clip_id}")

    async def notify(tx: Tx) -> None:
        clip = await tx.get(Clip, clip_id)
        if clip is not None and count:
            await outbox.notify(
                tx, clip.user_id, "source_erased", await tx.now(),
                key=f"source_erased:{clip_id}", once=True, clip=clip_id, count=count, left=0,
                why=why,
            )  # fmt: skip

    await run_transaction(database, notify)
    return count


async def erase_blobs(blobs: Blobs, prefix: str) -> int:
    """Handle the outbox message ``erase_blobs``; returns how many there were. Raises
    :class:`BlobsRemain`.
    """
    removed = await blobs.remove(prefix)
    if await count_blobs(blobs, [prefix]):
        raise BlobsRemain(prefix)
    return removed


async def sweep_blobs(database: Database, blobs: Blobs) -> int:
    """Remove orphaned blobs, whose key or owner is gone, or whose training has ended: a crash left
    them before their row, or a worker that did not know yet.

    One that is being written is safe: its order or avatar was committed before, and whoever has
    lost that since removes the blob as well. No transaction is open while the folders are walked
    and emptied: what nobody owns is never owned again.
    """
    removed = 0
    for folder in ("uploads", "avatars", "portraits", "sources", "clips"):
        found: dict[str, list[str]] = defaultdict(list)
        async for path in blobs.walk(folder):
            found[owner_of(path)].append(path)
        for prefix, paths in sorted(found.items()):
            async with database.snapshot() as tx:
                owned = await _is_owned(tx, prefix)
                left = await _left_over(tx, prefix, paths) if owned else ()
            for gone in left if owned else (prefix,):
                removed += await blobs.remove(gone)
    return removed


async def count_blobs(blobs: Blobs, prefixes: Sequence[str]) -> int:
    """How many blobs the store has at or below these prefixes now."""
    count = 0
    for prefix in prefixes:
        async for _ in blobs.walk(prefix):
            count += 1
    return count


def owner_of(path: str) -> str:
    """The prefix of what lives and ends together: of an order, an avatar, a training, a prompt or a
    clip."""
    parts = path.split("/")
    is_checkpoint = parts[0] == "avatars" and parts[2:3] == [training_checkpoints.FOLDER]
    return "/".join(parts[: 3 if is_checkpoint else 2])


async def _is_owned(tx: Tx, prefix: str) -> bool:
    folder, id, *checkpoints = prefix.split("/")
    if folder == "uploads":
        order = await tx.get(Order, id)
        return order is not None and order.key_id is not None
    if folder in ("sources", "clips"):
        clip = await tx.get(Clip, id)
        return clip is not None and _has_key(clip, folder)
    prompt = await tx.get(Prompt, id) if folder == "portraits" else None
    if prompt is not None:
        return prompt.key_id is not None
    avatar = await tx.get(Avatar, id)
    states = {AvatarState.WAITING} if checkpoints else {AvatarState.WAITING, AvatarState.READY}
    return avatar is not None and avatar.state in states


async def _left_over(tx: Tx, prefix: str, paths: Sequence[str]) -> list[str]:
    """Of the blobs of a finished avatar, or of a clip, those that no row refers to and none will: a
    worker was killed, or had lost its lease, between writing them and its commit."""
    folder, id, *checkpoints = prefix.split("/")
    if folder in ("sources", "clips"):
        return await _left_of_clip(tx, folder, id, paths)
    if folder == "portraits" and await tx.count(Prompt, id=id):
        return await _left_of_nobody(tx, id, paths)
    avatar = await tx.get(Avatar, id)
    if folder == "uploads" or checkpoints or avatar is None or avatar.state is AvatarState.WAITING:
        return []
    if folder == "avatars":
        return [path for path in paths if path not in avatar.blobs]
    if await tx.count(Shoot, avatar_id=id, state=ShootState.WAITING):
        return []  # it may be being written
    kept = {one.blob for one in await tx.find(Portrait, avatar_id=id)}
    return [path for path in paths if path not in kept]


async def _left_of_nobody(tx: Tx, prompt: str, paths: Sequence[str]) -> list[str]:
    """As :func:`_left_over`, of portraits of nobody."""
    if await tx.count(Shoot, prompt_id=prompt, state=ShootState.WAITING):
        return []
    kept = {one.blob for one in await tx.find(Portrait, prompt_id=prompt)}
    return [path for path in paths if path not in kept]


async def _left_of_clip(tx: Tx, folder: str, id: str, paths: Sequence[str]) -> list[str]:
    clip = await tx.get(Clip, id)
    if clip is None or clip.state in _BEING_WRITTEN[folder]:
        return []
    kept = {*clip.sources, *clip.before, clip.joined, clip.blob, clip.poster, clip.preview}
    return [path for path in paths if path not in kept]


def _has_key(clip: Clip, folder: str) -> bool:
    """Whether anything in that folder of a clip's could be opened."""
    if folder == "clips":
        return clip.key_id is not None
    return clip.source_key_id is not None or clip.beside_key_id is not None
