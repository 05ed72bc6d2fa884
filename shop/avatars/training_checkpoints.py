"""Where a training's checkpoints are kept: sealed under the key of the avatar in the making.

They hold an unfinished LoRA of a person, and come every few steps. Whatever ends the avatar
destroys that key in its transaction, so that no checkpoint opens from then on, wherever a worker
has died or still writes. The blobs are removed by outbox messages: with the avatar's, or, where the
training succeeded and the key lives on for the LoRA, with the order's uploads
(:func:`shop.blob_erasure.erase_uploads`). What a worker leaves later,
:func:`shop.blob_erasure.sweep_blobs` finds.
"""

from typing import Final

from shop.encryption import DataKey, EnvelopeCipher
from shop.errors import NotFound
from shop.ports import Tx
from shop.records import Avatar, AvatarId, AvatarState

FOLDER: Final = "training"


def folder(avatar_id: AvatarId) -> str:
    """The prefix of an avatar's checkpoints."""
    return f"avatars/{avatar_id}/{FOLDER}"


async def key_of_training(tx: Tx, cipher: EnvelopeCipher, avatar_id: AvatarId) -> DataKey:
    """The key of an avatar in the making. Raises :class:`NotFound` once its training has ended,
    however: a checkpoint is then to be left nowhere.
    """
    avatar = await tx.get(Avatar, avatar_id)
    if avatar is None or avatar.state is not AvatarState.WAITING or avatar.key_id is None:
        raise NotFound
    return await cipher.data_key(tx, avatar.key_id)
