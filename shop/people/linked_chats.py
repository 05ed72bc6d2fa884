"""Linked chats: where somebody who has several can be reached, and which of them counts now.

Who has one chat has no row here. Who has several has a row for each; :attr:`User.platform` and
``platform_id`` are those of one of them, the one where they last spoke and can be reached. They are
joined and parted in :mod:`shop.linking`. Whatever writes here holds the person's lock.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from shop.people import users
from shop.ports import Tx
from shop.records import ChannelName, LinkedChat, User, UserId

MOST: Final = 4
"""Chats of one person. More are no person's."""


async def of(tx: Tx, user_id: UserId) -> list[LinkedChat]:
    """A person's linked chats, the one where they spoke last first; none, or at least two."""
    return await tx.find(LinkedChat, user_id=user_id, order="-last_spoke_at")


async def belongs_to(tx: Tx, user: User, platform: ChannelName, platform_id: str) -> bool:
    """Whether that chat is the user's, linked or their only one."""
    if (user.platform, user.platform_id) == (platform, platform_id):
        return True
    chat = await tx.get(LinkedChat, users.address(platform, platform_id))
    return chat is not None and chat.user_id == user.id


async def speak_from(
    tx: Tx, user: User, platform: ChannelName, platform_id: str, now: datetime
) -> User:
    """The user, whose lock is held, speaks in that chat of theirs: news go there from now on."""
    if (user.platform, user.platform_id) == (platform, platform_id):
        return user
    chat = await tx.get(LinkedChat, users.address(platform, platform_id), lock=True)
    if chat is None or chat.user_id != user.id:
        return user
    here = replace(chat, last_spoke_at=now, unreachable=False)
    await tx.put(here)
    return await _move(tx, user, here, unreachable=user.unreachable)


async def set_unreachable(
    tx: Tx, user_id: UserId, platform: ChannelName, platform_id: str, *, gone: bool
) -> User:
    """The person blocked the bot in that chat, or came back there. Returns them as they can be
    reached now: after a block in the chat of theirs where they last spoke before, if there is one;
    :attr:`User.unreachable` if there is none.

    Whoever came back is told what was kept for them by the caller
    (:func:`shop.jobs.outbox.release_news`), if they were unreachable.
    """
    user = await users.lock(tx, user_id)
    chats = await of(tx, user.id)
    if not chats:
        return await users.set_unreachable(tx, user, gone)
    chats = [
        await _noted(tx, one, gone) if _is(one, platform, platform_id) else one for one in chats
    ]
    present = next((one for one in chats if _is(one, user.platform, user.platform_id)), chats[0])
    reachable = [one for one in chats if not one.unreachable]
    if not reachable:
        return await users.set_unreachable(tx, user, True)
    return await _move(tx, user, present if present in reachable else reachable[0])


async def leave(tx: Tx, user: User, chat: LinkedChat) -> User:
    """Take a chat from its person, whose lock is held, and put them at the one of the others where
    they spoke last. A single one that is left is no linked chat any more: what names its address
    is theirs then."""
    others = [one for one in await of(tx, user.id) if one.id != chat.id]
    await tx.remove(LinkedChat, id=chat.id)
    if len(others) == 1:
        await tx.remove(LinkedChat, id=others[0].id)
        user = replace(user, address_id=others[0].address_id or others[0].link)
        await tx.put(user)
    if not _is(chat, user.platform, user.platform_id):
        return user
    place = next((one for one in others if not one.unreachable), others[0])
    return await _move(tx, user, place, unreachable=place.unreachable)


def _is(chat: LinkedChat, platform: ChannelName, platform_id: str) -> bool:
    return (chat.platform, chat.platform_id) == (platform, platform_id)


async def _noted(tx: Tx, chat: LinkedChat, gone: bool) -> LinkedChat:
    fresh = await tx.get(LinkedChat, chat.id, lock=True) or chat
    noted = replace(fresh, unreachable=gone)
    await tx.put(noted)
    return noted


async def _move(tx: Tx, user: User, chat: LinkedChat, *, unreachable: bool = False) -> User:
    moved = replace(
        user, platform=chat.platform, platform_id=chat.platform_id,
        address_hash=chat.address_hash, unreachable=unreachable,
    )  # fmt: skip
    if moved != user:
        await tx.put(moved)
    return moved
