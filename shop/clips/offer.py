"""What a clip costs whom: its kind's price in credits, or nothing, once a person.

The first clip is a gift for whoever is new. Whoever was here before an erasure that is still
remembered (:mod:`shop.people.past_accounts`), or has left a linked chat, is not. A gift of which no
clip came can be given again.
"""

from dataclasses import dataclass

from shop import feature_flags
from shop.catalog import Catalog
from shop.errors import ClipsPaused
from shop.ports import OneOf, Tx
from shop.records import Clip, ClipState, User


@dataclass(frozen=True, slots=True)
class ClipPrice:
    """What the next clip costs: so many credits, none for a ``gift``."""

    credits: int
    gift: bool = False


async def quote(tx: Tx, catalog: Catalog, user: User, credits: int, *, gifts: bool) -> ClipPrice:
    """What that person's next clip of so many ``credits`` costs them; ``gifts``: it may be one."""
    if gifts and catalog.gift_clip and not user.returned and not await _had_gift(tx, user):
        return ClipPrice(0, gift=True)
    return ClipPrice(credits)


async def require_offered(tx: Tx) -> None:
    """Raise :class:`ClipsPaused` while admins have turned clips off."""
    if not await feature_flags.is_on(tx, feature_flags.CLIPS):
        raise ClipsPaused


async def require_gifts(tx: Tx) -> None:
    """Raise :class:`ClipsPaused` while nothing is sold: then nothing is given away either."""
    if not await feature_flags.is_on(tx, feature_flags.SALES):
        raise ClipsPaused


async def _had_gift(tx: Tx, user: User) -> bool:
    """Given, or about to be; also if the clip was erased since."""
    kept = OneOf((ClipState.WAITING, ClipState.DONE, ClipState.ERASED))
    return await tx.count(Clip, user_id=user.id, gift=True, state=kept) > 0
