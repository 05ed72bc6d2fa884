"""Under which key portraits are sealed, and where their blobs lie: an avatar's own, or, of nobody,
the prompt's."""

from shop.ports import Tx
from shop.records import Avatar, KeyId, Portrait, Prompt, Shoot

Owner = Shoot | Portrait


async def key_id_of(tx: Tx, one: Owner, *, lock: bool = False) -> KeyId | None:
    """The key; None once the avatar, or the prompt of nobody's portraits, was erased. ``lock``:
    neither ends before the transaction does."""
    if one.avatar_id is not None:
        avatar = await tx.get(Avatar, one.avatar_id, lock=lock)
        return avatar.key_id if avatar else None
    prompt = await tx.get(Prompt, one.prompt_id, lock=lock) if one.prompt_id else None
    return prompt.key_id if prompt else None


def folder_of(one: Owner) -> str:
    """The prefix of the blobs."""
    return f"portraits/{one.avatar_id or one.prompt_id}"
