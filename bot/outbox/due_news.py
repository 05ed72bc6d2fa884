"""Which news of a person are due, and which are kept for later.

News are kept for who has blocked us, and for who must do something before the platform takes more.
Who has several chats has one line of news: it goes to whichever of them counts now.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.adaptation import GatheredOutbound
from bot.outbound import Outbound
from shop.jobs import outbox
from shop.people import linked_chats, users
from shop.ports import Database, Tx
from shop.records import ChannelName, OutboxMessage, User, UserId


@dataclass(frozen=True, slots=True)
class DueNews:
    """A person's notices that are due, each with whether no later one replaces it, in order;
    ``gathering``: the outbound, if their channel sends several as one. ``kept``: how many were not
    due after all."""

    messages: tuple[tuple[OutboxMessage, bool], ...] = ()
    gathering: GatheredOutbound | None = None
    kept: int = 0


async def due_news(
    database: Database, user_id: UserId, outbounds: Mapping[ChannelName, Outbound]
) -> DueNews:
    """Take up what is due for that person. None of somebody who has blocked us: theirs are kept.
    Where a contact was waited for, what was kept is due again with what is due now, or the newer
    would go first."""
    async with database.begin() as tx:
        user = await _locked(tx, user_id)
        if user and user.unreachable and (kept := await _kept(tx, user)) is not None:
            return DueNews(kept=kept)
        found = outbounds.get(user.platform) if user and not user.erased_at else None
        gathering = found if isinstance(found, GatheredOutbound) else None
        owner, now = user.id if user else user_id, await tx.now()
        if gathering:
            await outbox.release_news(tx, owner, now)
        theirs = await outbox.take_up_news(tx, owner, now)
    return DueNews(
        tuple(
            (one, not any(outbox.replaces(later, one) for later in theirs[place + 1 :]))
            for place, one in enumerate(theirs)
        ),
        gathering,
    )


async def keep_news(database: Database, user_id: UserId, *, left: bool) -> int:
    """Keep all that is due for them: until they come back, if they ``left``, which is noted;
    otherwise until they do something. Returns how many are kept; none of an erased person's."""
    async with database.begin() as tx:
        user = await users.lock(tx, user_id)
        if left and user.erased_at is None and not user.unreachable:
            user = await users.set_unreachable(tx, user, True)
        return await _kept(tx, user) or 0


async def is_left_another_chat(database: Database, user: User) -> bool:
    """They have blocked us in the chat where they are: noted. Whether another of theirs is left,
    where they are from now on."""
    async with database.begin() as tx:
        if not await linked_chats.of(tx, user.id):
            return False
        moved = await linked_chats.set_unreachable(
            tx, user.id, user.platform, user.platform_id, gone=True
        )
    return not moved.unreachable


async def _locked(tx: Tx, user_id: UserId) -> User | None:
    """The person; if their chats were linked since, the one that has their news now."""
    known = await tx.get(User, user_id)
    if known is None or not known.merged_into:
        return await tx.get(User, user_id, lock=True)
    user = await users.lock(tx, user_id)
    await outbox.hand_over_news(tx, user_id, user.id)
    return user


async def _kept(tx: Tx, user: User) -> int | None:
    """How many of theirs are kept; None of an erased person's: a receipt is sent or forgotten."""
    if user.erased_at is not None:
        return None
    return await outbox.keep_news(tx, user.id, await tx.now())
