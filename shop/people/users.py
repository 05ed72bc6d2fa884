"""The user accounts: chat address, language, banned or not, reachable or not.

A user is a chat address with an opaque id. No name, no telephone number, no photo. Whoever has
linked several chats is one user, at the chat where they spoke last
(:mod:`shop.people.linked_chats`).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from shop.errors import Banned, Duplicate, NotFound, Unavailable
from shop.ports import Tx
from shop.records import ChannelName, LinkedChat, User, UserId, new_id

_LOOKS = 5

LANGUAGES = ("zh_CN", "en", "fr", "ko")
"""What ``locales/`` can say, and what :func:`set_language` accepts."""
CHINESE: Final = frozenset(
    {"cdo", "cjy", "cmn", "cpx", "gan", "hak", "hsn", "lzh", "mnp", "nan", "wuu", "yue"}
)
"""ISO 639-3's members of ``zho``, written with the same signs."""


def language_for(hint: str) -> str:
    """The language of ours for a BCP 47 tag such as ``zh-hans`` or ``fr-CA``; English if none."""
    return spoken(hint) or "en"


def spoken(hint: str) -> str:
    """The language of ours that is meant by a BCP 47 tag; "" if we do not speak it. The Chinese
    languages are written alike: who prefers Cantonese (``yue``) reads Chinese."""
    primary = hint.replace("_", "-").split("-")[0].lower()
    primary = "zh" if primary in CHINESE else primary
    return next((ours for ours in LANGUAGES if ours.split("_")[0] == primary), "")


def admin_name(user: User) -> str:
    """How the settings and the audit call a person: ``telegram:42``."""
    return address(user.platform, user.platform_id)


def address(platform: ChannelName, platform_id: str) -> str:
    """A chat's address in one word, such as ``telegram:42``: the id of a linked chat."""
    return f"{platform}:{platform_id}"


async def get_or_create(
    tx: Tx, platform: ChannelName, platform_id: str, language_hint: str, now: datetime
) -> User:
    """The user of that chat, or a new one: without a look at what is kept of those who were erased,
    which is :func:`shop.people.past_accounts.arrive`'s. The hint counts until they choose."""
    user = await find(tx, platform, platform_id)
    if user is None:
        return await create(tx, platform, platform_id, language_hint, now)
    return await follow_hint(tx, user, language_hint)


async def follow_hint(tx: Tx, user: User, language_hint: str) -> User:
    """Speak the hint's language (a BCP 47 tag) with whoever has not chosen one."""
    if user.language_chosen or not language_hint or user.language == language_for(language_hint):
        return user
    return await _save(tx, replace(await lock(tx, user.id), language=language_for(language_hint)))


async def create(
    tx: Tx,
    platform: ChannelName,
    platform_id: str,
    language_hint: str,
    now: datetime,
    *,
    address_hash: str = "",
    returned: bool = False,
    banned: bool = False,
) -> User:
    """A new user; the one that another process created meanwhile, if it did."""
    user = User(
        UserId(new_id()), platform, platform_id, language_for(language_hint), False, now,
        banned=banned, address_hash=address_hash, returned=returned,
    )  # fmt: skip
    try:
        await tx.add(user)
    except Duplicate:  # between our look and our insert
        other = await find(tx, platform, platform_id, lock=True)
        if other is None:
            raise
        return other
    if await tx.get(LinkedChat, address(platform, platform_id)) is None:
        return user
    # It was linked between our looks: the unique key of users does not cover it.
    await tx.remove(User, id=user.id)
    owner = await find(tx, platform, platform_id, lock=True)
    if owner is None:
        raise Unavailable("a chat is linked and unlinked again and again")
    return owner


async def find(
    tx: Tx, platform: ChannelName, platform_id: str, *, lock: bool = False
) -> User | None:
    """The user of that chat, or None: creates nobody. ``lock`` as :func:`lock`. Of somebody who has
    linked several chats it is the one account, at whichever of them they spoke last."""
    for _ in range(_LOOKS):
        found = await tx.find(
            User, platform=platform, platform_id=platform_id, erased_at=None, lock=lock
        )
        if found:
            return found[0]
        chat = await tx.get(LinkedChat, address(platform, platform_id))
        if chat is None:
            return None
        owner = await (_locked if lock else current)(tx, chat.user_id)
        again = await tx.get(LinkedChat, chat.id) if lock else chat
        if owner is not None and again is not None and again.user_id == owner.id:
            return owner  # else it was unlinked while we waited
    raise Unavailable("a chat is linked and unlinked again and again")


async def current(tx: Tx, id: UserId) -> User | None:
    """The account that stands for that id now: the one that it became part of, or itself."""
    user = await tx.get(User, id)
    while user is not None and user.merged_into:
        user = await tx.get(User, user.merged_into)
    return user


async def known_admins(tx: Tx, admins: Iterable[str]) -> list[User]:
    """The users behind the settings' admins (``telegram:42``): those who have written to us."""
    found = []
    for name in sorted(admins):
        platform, _, platform_id = name.partition(":")
        if user := await find(tx, ChannelName(platform), platform_id):
            found.append(user)
    return found


async def set_language(tx: Tx, user: User, language: str) -> User:
    """The person chose a language. Raises :class:`NotFound` for one that we do not speak."""
    if language not in LANGUAGES:
        raise NotFound
    return await _save(
        tx, replace(await lock(tx, user.id), language=language, language_chosen=True)
    )


async def ban(tx: Tx, user: User) -> User:
    return await _save(tx, replace(await lock(tx, user.id), banned=True))


async def unban(tx: Tx, user: User) -> User:
    return await _save(tx, replace(await lock(tx, user.id), banned=False))


async def set_unreachable(tx: Tx, user: User, unreachable: bool) -> User:
    """The person blocked the bot, or came back. Notices that fall due meanwhile are kept:
    whoever says that they came back calls :func:`shop.jobs.outbox.release_news` as well.
    """
    return await _save(tx, replace(await lock(tx, user.id), unreachable=unreachable))


async def state_minor(tx: Tx, user: User, now: datetime) -> User:
    """The person says that they are a minor."""
    fresh = await lock(tx, user.id)
    return await _save(tx, replace(fresh, stated_minor_at=fresh.stated_minor_at or now))


async def clear_stated_minor(tx: Tx, id: UserId) -> None:
    """An admin has seen on a picture of the person that they are an adult."""
    fresh = await lock(tx, id)
    if fresh.stated_minor_at is not None:
        await _save(tx, replace(fresh, stated_minor_at=None))


async def lock(tx: Tx, id: UserId) -> User:
    """The person's lock: their row, locked until the transaction ends. Whatever writes for a person
    takes it first, before any lock of a row of theirs. Of an account that became part of another
    one it is that other's, also if that happened while we waited: go on with the id of what is
    returned. Raises :class:`NotFound`."""
    user = await _locked(tx, id)
    if user is None:
        raise NotFound
    return user


async def lock_unbanned(tx: Tx, id: UserId) -> User:
    """As :func:`lock`, for what a banned person may not do. Raises :class:`Banned`."""
    user = await lock(tx, id)
    if user.banned:
        raise Banned
    return user


async def _locked(tx: Tx, id: UserId) -> User | None:
    user = await tx.get(User, id, lock=True)
    while user is not None and user.merged_into:
        user = await tx.get(User, user.merged_into, lock=True)
    return user


async def _save(tx: Tx, user: User) -> User:
    await tx.put(user)
    return user
