"""The menu of motions: little moving previews, and what a clip costs."""

from collections.abc import Sequence
from typing import Final

from handlers.chat import Keyboard, Reply, Say, ShowClip
from handlers.context import Outcome, RequestContext
from handlers.intents import Intent, action, button, column, pairs
from handlers.chat import Button
from shop.catalog import MotionEntry
from shop.clips import clips
from shop.errors import NotFound
from shop.money import ledger
from shop.records import Clip

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Stand on the moving previews, in the order of the catalogue: a number would be a choice's."""


async def menu(ctx: RequestContext, clip: Clip) -> Outcome:
    """How shall it move? With the previews, where they can be shown."""
    text = "\n\n".join(part for part in (*_limits(ctx, clip), await _cost(ctx)) if part)
    buttons = _buttons(ctx, clip)

    async def previews() -> Sequence[Reply]:
        try:
            shown = await ctx.deps.previews.motions()
        except NotFound:
            return [Say(text, buttons)]
        alt = ctx.texts("motions-alt")
        return [ShowClip(shown_clip(shown, alt), text, buttons)]

    return Outcome(after_commit=previews)
