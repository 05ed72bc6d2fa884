"""What admins turn on and off at run time. A flag that was never set is on."""

from typing import Final

from shop.ports import Tx
from shop.records import FeatureFlag

SALES: Final = "sales"
"""New orders, and whatever is given away. What is paid already goes on."""

CLIPS: Final = "clips"
"""New sources and new clips. What was asked for already goes on."""


async def is_on(tx: Tx, flag: str) -> bool:
    """Whether admins have left it on."""
    found = await tx.get(FeatureFlag, flag)
    return found is None or found.on
