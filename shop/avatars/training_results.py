"""What a training leaves: the checkpoints of a LoRA, as they come and once they are stored."""

from dataclasses import dataclass, field

from shop.encryption import DataKey
from shop.ports import Blobs
from shop.records import Avatar, LikenessRange, new_id
from shop.sealed_blobs import store_blob


@dataclass(frozen=True, slots=True)
class TrainedAvatar:
    """The result of a training run.

    checkpoints  their safetensors files, early to late, each worth offering
    best         index of the one where the customer starts
    seconds      of training; ``loss`` at both ends of it
    likeness     the weights that the recipe offers (``weight`` is its default)
    """

    checkpoints: tuple[bytes, ...] = field(repr=False)
    best: int
    steps: int
    seconds: float
    loss_first: float
    loss_last: float
    likeness: LikenessRange

    def __post_init__(self) -> None:
        if not 0 <= self.best < len(self.checkpoints):
            raise ValueError(f"checkpoint {self.best} of {len(self.checkpoints)}")


@dataclass(frozen=True, slots=True)
class StoredTraining:
    """The result of a training run whose blobs are written: ``blobs`` are the checkpoints' paths,
    all else as in :class:`TrainedAvatar`."""

    blobs: tuple[str, ...]
    best: int
    steps: int
    seconds: float
    loss_first: float
    loss_last: float
    likeness: LikenessRange


async def store(
    blobs: Blobs, key: DataKey, avatar: Avatar, trained: TrainedAvatar
) -> StoredTraining:
    """Encrypt and write every checkpoint under the avatar's one key
    (:func:`shop.avatars.training_checkpoints.key_of_training`), outside of transactions: then
    :func:`shop.avatars.avatars.finish`, and remove the blobs if the avatar's are others."""
    run = new_id()  # another worker, whose lease has run out, may come to its end as well
    count = len(trained.checkpoints)
    paths = tuple(f"avatars/{avatar.id}/lora-{run}-{number}" for number in range(count))
    for path, lora in zip(paths, trained.checkpoints, strict=True):
        await store_blob(blobs, key, lora, path)
    return StoredTraining(
        paths, trained.best, trained.steps, trained.seconds, trained.loss_first,
        trained.loss_last, trained.likeness,
    )  # fmt: skip
