"""What stands in a person's album: their clips, their sets of portraits, and what another set
costs."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from shop.avatars import avatars
from shop.catalog import Catalog
from shop.clips import clips
from shop.money import ledger
from shop.ports import OneOf, Tx
from shop.records import Clip, Portrait, Shoot, ShootState, User

SETS_AT_FIRST: Final = 8
MOST_CLIPS: Final = 24
MOST_SETS: Final = 200
"""Sets that one page can show: eight hundred pictures, which come as one scrolls."""


@dataclass(frozen=True, slots=True)
class PortraitSet:
    """A shoot with its portraits in the order of painting; none while it is being painted."""

    shoot: Shoot
    portraits: tuple[Portrait, ...]

    @property
    def is_waiting(self) -> bool:
        return self.shoot.state is ShootState.WAITING


@dataclass(frozen=True, slots=True)
class Album:
    """``clips`` and sets, the newest first. ``has_older``: there are more sets than were asked for.
    ``cost`` is a set's, ``balance`` what the person has, both in credits; ``has_avatar``: they can
    have another.
    """

    sets: tuple[PortraitSet, ...]
    has_older: bool
    balance: int
    cost: int
    has_avatar: bool
    clips: tuple[Clip, ...] = ()

    @property
    def revision(self) -> str:
        """Another one for whatever the page would show otherwise."""
        shown = [(one.shoot.id, one.shoot.state, [each.id for each in one.portraits])
                 for one in self.sets]  # fmt: skip
        played = [one.id for one in self.clips]
        facts = repr((shown, played, self.has_older, self.balance, self.cost, self.has_avatar))
        return sha256(facts.encode()).hexdigest()[:16]


async def read_album(tx: Tx, catalog: Catalog, user: User, most: int) -> Album:
    """The newest ``most`` sets that were painted or are being painted. Those that failed, and those
    whose portraits were erased, are no sets."""
    shown = (ShootState.WAITING, ShootState.DONE)
    shoots = await tx.find(
        Shoot, user_id=user.id, state=OneOf(shown), order="-created_at", limit=most + 1
    )
    painted = [one.id for one in shoots if one.state is ShootState.DONE]
    found = (
        await tx.find(Portrait, shoot_id=OneOf(painted), user_id=user.id, order="created_at")
        if painted
        else []
    )
    sets = (
        PortraitSet(shoot, tuple(one for one in found if one.shoot_id == shoot.id))
        for shoot in shoots[:most]
    )
    return Album(
        sets=tuple(one for one in sets if one.is_waiting or one.portraits),
        has_older=len(shoots) > most,
        balance=await ledger.balance(tx, user.id),
        cost=catalog.shoot_credits,
        has_avatar=await avatars.newest_of(tx, user) is not None,
        clips=tuple(await clips.newest(tx, user, MOST_CLIPS)),
    )
