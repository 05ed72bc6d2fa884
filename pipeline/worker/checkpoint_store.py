"""A training's checkpoints on their way between the engine and the blob store.

They are sealed in this process, in a thread, and never lie on a disk in plain. Any worker that
reaches the blob store goes on from them.
"""

import asyncio
from collections.abc import Sequence

import structlog

from pipeline.engine.engine import CheckpointFile
from pipeline.worker.job_batch import WorkerDependencies
from shop.avatars import training_checkpoints
from shop.encryption import DataKey
from shop.errors import NotFound
from shop.outages import REPEATS, told
from shop.records import AvatarId

log = structlog.get_logger()


async def load_checkpoint(
    deps: WorkerDependencies, avatar_id: AvatarId
) -> tuple[CheckpointFile, ...]:
    """What was kept of an avatar's training; nothing once it has ended. Files that do not open,
    because they were removed meanwhile or altered, are left out."""
    found = []
    try:
        key = await _key(deps, avatar_id)
    except NotFound:
        return ()
    async for path in deps.blobs.walk(training_checkpoints.folder(avatar_id)):
        try:
            sealed = await deps.blobs.get(path)
            data = await asyncio.to_thread(key.open, sealed, path)
        except NotFound:
            continue
        found.append(CheckpointFile(path.rpartition("/")[2], data))
    return tuple(found)


class CheckpointWriter:
    """Keeps what comes of one training, in order, one file at a time.

    A file that comes while an older one of its name still waits takes its place: a slow disk makes
    checkpoints rarer, and neither the training slower nor the memory full.
    """

    def __init__(self, deps: WorkerDependencies, avatar_id: AvatarId) -> None:
        self._deps, self._avatar_id = deps, avatar_id
        self._waiting: dict[str, CheckpointFile] = {}  # in the order of keeping
        self._writing: asyncio.Task[None] | None = None
        self._key: DataKey | None = None

    def put(self, files: Sequence[CheckpointFile]) -> None:
        """Have the files kept from now on."""
        for file in files:
            self._waiting.pop(file.name, None)  # to the end: a state stands behind what it names
            self._waiting[file.name] = file
        if files and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._write())

    async def close(self) -> None:
        """Wait until all that came is kept."""
        if self._writing is not None:
            await self._writing

    async def _write(self) -> None:
        while self._waiting:
            file = self._waiting.pop(next(iter(self._waiting)))
            try:
                await self._keep(file)
            except NotFound:  # its heartbeat ends this training within seconds
                log.info("checkpoint_of_ended_training", avatar=self._avatar_id)
                self._waiting.clear()
            except Exception as error:
                # Boundary: a training goes on without its checkpoints, and so do others beside it.
                said = told(error)
                if REPEATS in said:  # apart from other lines of that outage: it is alerted on
                    said[REPEATS] = f"checkpoint_not_kept: {said[REPEATS]}"
                log.warning("checkpoint_not_kept", avatar=self._avatar_id, **said)

    async def _keep(self, file: CheckpointFile) -> None:
        """Raises :class:`NotFound`, and leaves nothing, once the training has ended.

        No transaction is open while a large blob is sealed and written: others would wait for it.
        So the training may end meanwhile, and is looked at after each.
        """
        folder = training_checkpoints.folder(self._avatar_id)
        path = f"{folder}/{file.name}"
        if self._key is None:
            self._key = await _key(self._deps, self._avatar_id)
        sealed = await asyncio.to_thread(self._key.seal, file.data, path)
        await self._deps.blobs.put(path, sealed)
        try:
            await _key(self._deps, self._avatar_id)
        except NotFound:
            await self._deps.blobs.remove(folder)
            raise


async def _key(deps: WorkerDependencies, avatar_id: AvatarId) -> DataKey:
    async with deps.database.snapshot() as tx:
        return await training_checkpoints.key_of_training(tx, deps.cipher, avatar_id)
