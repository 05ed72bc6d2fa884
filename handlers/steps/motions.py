"""The menu of motions: little moving previews to choose by, and what the clip will cost."""

from collections.abc import Sequence
from typing import Final

from handlers.chat import Button, ClipFile, Keyboard, Reply, Say, ShowClip
from handlers.context import Outcome, RequestContext
from handlers.intents import Intent, action, button, column, pairs
from shop.catalog import MotionEntry
from shop.clips import filming
from shop.errors import ClipsPaused, NotFound
from shop.money import ledger
from shop.records import Clip, ClipState

SAMPLER: Final = "preview:motions"
"""The id of the clip that shows all motions side by side, each under its letter."""

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


async def menu(ctx: RequestContext, clip: Clip) -> Outcome:
    """How shall it move? The previews are one clip, so that every channel shows them moving."""
    prompted = await prompt(ctx, clip)
    alt = ctx.texts("motions-alt")

    async def moving() -> Sequence[Reply]:
        try:
            shown = await ctx.deps.previews.motions()
        except NotFound:
            return [prompted]
        played = ClipFile(
            SAMPLER, shown.data, shown.poster, shown.width, shown.height, shown.seconds, alt,
            shown.version,
        )  # fmt: skip
        return [ShowClip(played, prompted.text, prompted.buttons)]

    return Outcome(after_commit=moving)


async def prompt(ctx: RequestContext, clip: Clip) -> Say:
    """The same without previews: the motions that the picture can, and the price."""
    lines = [ctx.texts("motions-ask"), await _cost(ctx, clip)]
    if not clip.faces:
        lines.insert(0, ctx.texts("motions-camera-only", why=ctx.texts(_reason(clip))))
    return Say("\n".join(lines), _buttons(ctx, clip))


async def _cost(ctx: RequestContext, clip: Clip) -> str:
    """What it costs, or that none is made at the moment: nothing is promised then."""
    pictures = clip.pictures
    cost = await filming.offered_price(ctx.tx, ctx.deps.catalog, ctx.user, pictures=pictures)
    if cost is None:
        return ctx.texts(ClipsPaused.key)
    balance = await ledger.balance(ctx.tx, ctx.user.id)
    key = "motions-gift" if cost.gift else "motions-price"
    return ctx.texts(key, credits=cost.credits, balance=balance)


def lettered(motions: Sequence[MotionEntry]) -> list[tuple[str, MotionEntry]]:
    """The motions with the letters that stand on their previews: numbers are choices in a chat
    without buttons, and may begin anywhere."""
    return list(zip(_LETTERS, motions, strict=False))


def label_of(letter: str, entry: MotionEntry, language: str) -> str:
    """What stands on a motion's button."""
    return f"{letter} · {entry.names[language]}"


def can_join(clip: Clip) -> bool:
    """Whether somebody may be asked to stand beside who is on a clip."""
    return clip.state is ClipState.READY and clip.pictures == 1 and clip.faces > 0


def people(clip: Clip) -> int:
    """How many move: of two pictures in one frame one of each."""
    return clip.faces if clip.pictures == 1 else clip.pictures


def _buttons(ctx: RequestContext, clip: Clip) -> Keyboard:
    language = ctx.texts.language
    choices = (
        Button(label_of(letter, one, language), action(Intent.MOTION, one.motion.id))
        for letter, one in lettered(list(ctx.deps.catalog.motions.values()))
        if clip.faces or not one.motion.faces
    )
    # Of somebody whose face cannot move none is made to lean.
    together = [button(ctx.texts, "together-button", Intent.TOGETHER)] * can_join(clip)
    leave = button(ctx.texts, "alive-button-leave", Intent.MOTION, "no")
    generated = [button(ctx.texts, "generated-button", Intent.VIDEO)]
    sold = generated * bool(ctx.deps.settings.video_base)
    return (*pairs(*choices), *column(*together, *sold, leave))


def _reason(clip: Clip) -> str:
    return f"source-{clip.reason}" if clip.reason else "source-no_face"
