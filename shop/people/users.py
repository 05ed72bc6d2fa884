"""The user accounts: chat address, language, banned or not, reachable or not.

A user is a chat address with an opaque id. No name, no telephone number, no photo.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from shop.errors import Banned, Duplicate, NotFound
from shop.ports import Tx
from shop.records import ChannelName, User, UserId, new_id

LANGUAGES = ("zh_CN", "en", "fr", "ko")
"""What ``locales/`` can say, and what :func:`set_language` accepts."""


def language_for(hint: str) -> str:
    """The language of ours for a BCP 47 tag such as ``zh-hans`` or ``fr-CA``; English if none."""
    primary = hint.replace("_", "-").split("-")[0].lower()
    return next((ours for ours in LANGUAGES if ours.split("_")[0] == primary), "en")


def admin_name(user: User) -> str:
    """How the settings and the audit call a person: ``telegram:42``."""
    return f"{user.platform}:{user.platform_id}"


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
    return user


async def find(
    tx: Tx, platform: ChannelName, platform_id: str, *, lock: bool = False
) -> User | None:
    """The user of that chat, or None: creates nobody. ``lock`` as :func:`lock`."""
    found = await tx.find(
        User, platform=platform, platform_id=platform_id, erased_at=None, lock=lock
    )
    return found[0] if found else None


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


async def lock(tx: Tx, id: UserId) -> User:
    """The person's lock: their row, locked until the transaction ends. Whatever writes for a person
    takes it first, before any lock of a row of theirs. Raises :class:`NotFound`."""
    user = await tx.get(User, id, lock=True)
    if user is None:
        raise NotFound
    return user


async def lock_unbanned(tx: Tx, id: UserId) -> User:
    """As :func:`lock`, for what a banned person may not do. Raises :class:`Banned`."""
    user = await lock(tx, id)
    if user.banned:
        raise Banned
    return user


async def _save(tx: Tx, user: User) -> User:
    await tx.put(user)
    return user
