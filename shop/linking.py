"""Linking: two chats turn out to be one person's, and part again (decision 12).

Each of these is one transaction, in which both people are locked: nothing of them is ever in two
accounts, or in none. Which account is kept nobody can tell afterwards, but for its language.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from shop import erasure_notes, privacy
from shop.encryption import KeyedHash
from shop.errors import Banned, LinkExpired, NotAllowed, TooManyChats, TwoOrdersOpen
from shop.jobs import outbox
from shop.money import ledger, order_accounting, referrals
from shop.orders import orders
from shop.people import consent, linked_chats, past_accounts, users
from shop.photos import comparison
from shop.ports import OneOf, Tx
from shop.records import (
    Avatar,
    ChannelName,
    ChargePayer,
    Clip,
    Consent,
    ErasureKind,
    Job,
    LinkCode,
    LinkedChat,
    Order,
    OutboxMessage,
    Photo,
    Portrait,
    Product,
    Prompt,
    Shoot,
    SupportCase,
    User,
    WrongTry,
)
from shop.support import cases

OWNED: Final[tuple[type[Any], ...]] = (
    Order, Photo, Avatar, Shoot, Portrait, Prompt, SupportCase, Clip, Job, Consent, ChargePayer,
    WrongTry,
)  # fmt: skip
"""Every record that belongs to a person by ``user_id``, but for codes, which end, news, which are
handed over, and chats. The ledger's postings stay, and an entry moves what they sum up to."""


async def require_linkable(tx: Tx, code: LinkCode, user: User) -> User:
    """Whether that code's owner and the user, who has claimed it, can be linked. Returns the owner.
    Reads only.

    Raises :class:`LinkExpired` (the code's owner can link nothing any more), :class:`Banned`,
    :class:`TooManyChats` (maximum) or :class:`TwoOrdersOpen`.
    """
    owner = await users.current(tx, code.user_id)
    if owner is None or owner.erased_at is not None or owner.banned or owner.id == user.id:
        raise LinkExpired
    if user.banned:
        raise Banned
    chats = [max(1, len(await linked_chats.of(tx, one.id))) for one in (owner, user)]
    if sum(chats) > linked_chats.MOST:
        raise TooManyChats(maximum=linked_chats.MOST)
    if all([await _open_orders(tx, one, unused=False) for one in (owner, user)]):
        raise TwoOrdersOpen
    return owner


async def link(
    tx: Tx, addresses: KeyedHash, code: LinkCode, user: User, now: datetime
) -> tuple[LinkedChat, ...]:
    """The user, who has claimed that code and is locked, says yes: from now on they are one person
    with the code's owner, at the chat where they say it. Returns the other chats; each of them is
    told by a notice "linked", in that chat.

    The code is used up. Raises as :func:`require_linkable`.
    """
    owner = await users.lock(tx, code.user_id)
    fresh = await tx.get(LinkCode, code.id, lock=True)
    if fresh is None or fresh.ends_at <= now or fresh.claimed_by != user.id:
        raise LinkExpired
    await require_linkable(tx, fresh, user)
    kept, joining = [
        await past_accounts.identified(tx, addresses, await users.lock(tx, one.id))
        for one in (owner, user)
    ]
    await _end_unused_order(tx, kept, joining, now)
    await cases.close_one_of_two(tx, kept, joining, now)
    for one in (kept, joining):
        if not await linked_chats.of(tx, one.id):
            await order_accounting.note_payers(tx, one)
        await tx.remove(LinkCode, user_id=one.id)
    invited_by = await referrals.become_one(tx, kept, joining, now)
    chats = [*await _chats(tx, kept, now), *await _chats(tx, joining, now)]
    await _move_everything(tx, joining, kept, now)
    await _close(tx, joining, kept, now)
    here = await _place(tx, chats, joining, kept, now)
    await tx.put(_joined(kept, joining, here, invited_by))
    if kept.unreachable:
        await outbox.release_news(tx, kept.id, now)
    others = tuple(one for one in chats if one.id != here.id)
    for chat in others:
        await _tell(tx, kept, chat, "linked", here.platform, now)
    return others


async def unlink(
    tx: Tx, user: User, leaving: Sequence[LinkedChat], here: LinkedChat, now: datetime
) -> tuple[User, ...]:
    """These chats of the user's are no longer theirs: everything stays in those that are left, and
    each of these begins empty, as a person of its own who was here before and is banned, or says to
    be a minor, if the user is or does. Returns these people. All chats but ``here`` are told.

    Raises :class:`NotAllowed` where none would be left, or one is not theirs (any more).
    """
    owner = await users.lock(tx, user.id)
    known = {one.id for one in await linked_chats.of(tx, owner.id)}
    gone = {one.id for one in leaving}
    if not gone or not gone < known:
        raise NotAllowed
    parted = []
    for chat in leaving:
        await _untell(tx, owner, chat)
        if chat.link:  # else the former version has linked it, while both were at work
            await erasure_notes.note(tx, ErasureKind.CHAT, chat.link, now)
        owner = await linked_chats.leave(tx, owner, chat)
        parted.append(await past_accounts.part(tx, owner, chat, now))
    for one, chat in zip(parted, leaving, strict=True):
        if chat.id != here.id:
            await outbox.notify(tx, one.id, "parted", now)
    if here.id in gone:
        await outbox.notify(tx, owner.id, "unlinked", now, channel=here.platform)
    return tuple(parted)


async def erase_chat(tx: Tx, user: User, chat: LinkedChat, now: datetime) -> privacy.Erasure:
    """Erase that chat of the user's alone: it is unlinked, and what is left of it erased. All else
    stays in the other chats. Raises as :func:`unlink`."""
    owner = await users.lock(tx, user.id)
    (parted,) = await unlink(tx, owner, [chat], chat, now)
    return await privacy.erase(tx, parted, now, chat_alone=True)


async def _open_orders(tx: Tx, user: User, *, unused: bool) -> list[Order]:
    """Their avatar orders under way, those that nothing was ever sent to included if ``unused``."""
    found = await tx.find(Order, user_id=user.id, product=Product.AVATAR, state=OneOf(orders.OPEN))
    return [one for one in found if unused or not await orders.was_never_used(tx, one)]


async def _end_unused_order(tx: Tx, kept: User, joining: User, now: datetime) -> None:
    """One person has one avatar order under way: of two, one that was never used is cancelled."""
    pair = [await _open_orders(tx, one, unused=True) for one in (joining, kept)]
    if not all(pair):
        return
    unused = [one for found in pair for one in found if await orders.was_never_used(tx, one)]
    await orders.cancel(tx, unused[0], now, "linked")


async def _chats(tx: Tx, user: User, now: datetime) -> list[LinkedChat]:
    """Their chats: linked, or the only one, which has no row yet."""
    return await linked_chats.of(tx, user.id) or [
        LinkedChat(
            users.admin_name(user), user.id, user.platform, user.platform_id, user.address_hash,
            now, user.unreachable, address_id=user.address_id or user.id,
        )
    ]  # fmt: skip


async def _move_everything(tx: Tx, source: User, target: User, now: datetime) -> None:
    for kind in OWNED:
        for record in await tx.find(kind, user_id=source.id, lock=True):
            await tx.put(replace(record, user_id=target.id))
    await consent.become_one(tx, target.id, now)
    await comparison.forget(tx, target, now)
    await ledger.move_all(tx, source.id, target.id, f"user:{source.id}:linked", now)
    await outbox.hand_over_news(tx, source.id, target.id)


async def _close(tx: Tx, joining: User, kept: User, now: datetime) -> None:
    closed = replace(
        joining, platform_id=f"linked:{joining.id}", erased_at=now, language_chosen=False,
        unreachable=True, invited_by="", address_hash="", returned=False, merged_into=kept.id,
        awaits_opening_at=None, stated_minor_at=None,
    )  # fmt: skip
    await tx.put(closed)


async def _place(
    tx: Tx, chats: Sequence[LinkedChat], joining: User, kept: User, now: datetime
) -> LinkedChat:
    """Make all of these the kept person's. Returns the one where the other one speaks."""
    here = None
    for chat in chats:
        is_here = chat.id == users.admin_name(joining)
        placed = replace(
            chat,
            user_id=kept.id,
            last_spoke_at=now if is_here else chat.last_spoke_at,
            unreachable=chat.unreachable and not is_here,
        )
        if await tx.get(LinkedChat, chat.id, lock=True):
            await tx.put(placed)
        else:
            await tx.add(placed)
        here = placed if is_here else here
    if here is None:
        raise NotAllowed
    return here


def _joined(kept: User, joining: User, here: LinkedChat, invited_by: str) -> User:
    """The language is the one that was chosen, in the kept account if in both."""
    speaks = joining if joining.language_chosen and not kept.language_chosen else kept
    return replace(
        kept, platform=here.platform, platform_id=here.platform_id, address_hash=here.address_hash,
        language=speaks.language, language_chosen=speaks.language_chosen, unreachable=False,
        invited_by=invited_by, returned=kept.returned or joining.returned,
        awaits_opening_at=kept.awaits_opening_at or joining.awaits_opening_at,
        stated_minor_at=kept.stated_minor_at or joining.stated_minor_at,
    )  # fmt: skip


async def _tell(
    tx: Tx, user: User, chat: LinkedChat, kind: str, channel: ChannelName, now: datetime
) -> None:
    """A notice for one chat, wherever they speak meanwhile."""
    await outbox.notify(
        tx, user.id, kind, now,
        channel=channel, platform=chat.platform, person=chat.platform_id,
    )  # fmt: skip


async def _untell(tx: Tx, user: User, chat: LinkedChat) -> None:
    """Drop what waits to be told in that chat alone: it is another person's, who may be erased."""
    for message in await tx.find(OutboxMessage, user_id=user.id):
        to = (message.payload.get("platform"), message.payload.get("person"))
        if to == (chat.platform, chat.platform_id):
            await tx.remove(OutboxMessage, id=message.id)
