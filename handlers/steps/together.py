"""Steps of two pictures in one frame: who comes beside, their photo, or nobody after all.

The first picture is there already, a photo or a portrait. Whoever comes beside is asked about as
the first was, and their photo is looked at, restored and erased as that is. Both are shown in one
frame before anything is paid.
"""

from handlers.chat import Button, Keyboard, Say
from handlers.context import Outcome, RequestContext, Then, reply
from handlers.intents import Intent, button, column
from handlers.session import AIM, ALBUM, TOGETHER, State
from handlers.steps import motions
from shop.clips import clips, sources
from shop.people import consent
from shop.records import Clip, ConsentKind, Relation

ALONE = "no"


async def choose(ctx: RequestContext) -> Outcome:
    """Who comes beside; without an answer that is asked, and with "no" it is nobody."""
    if ctx.clip is None:
        again = button(ctx.texts, "alive-button", Intent.ALIVE)
        return reply(ctx.say("alive-nothing", column(again)))
    if ctx.argument == ALONE:
        await sources.keep_alone(ctx.tx, ctx.clip, ctx.now)
    elif ctx.argument in set(Relation) and waits_or_can_join(ctx.clip):
        await consent.give(ctx.tx, ctx.user, ConsentKind.MOTION, ctx.now)
        relation = Relation(ctx.argument)
        await clips.add_picture(ctx.tx, ctx.clip, relation, ctx.now)
    elif motions.can_join(ctx.clip):
        return Outcome(state=State.RELATION, data={**ctx.data, AIM: TOGETHER}, then=Then.SCREEN)
    data = {key: value for key, value in ctx.data.items() if key not in (AIM, ALBUM)}
    return Outcome(state=State.CLIP, data=data, then=Then.SCREEN)


def is_asked(ctx: RequestContext) -> bool:
    """Whether the question that stands is who comes beside."""
    return ctx.clip is not None and ctx.data.get(AIM) == TOGETHER


def question(ctx: RequestContext, key: str) -> Say:
    """Who comes beside. Their answers are the consent."""
    who = [button(ctx.texts, f"alive-who-{one}", Intent.TOGETHER, one.value) for one in Relation]
    return ctx.say(key, column(*who, _alone(ctx)), hours=ctx.deps.settings.upload_hours)


def waiting_buttons(ctx: RequestContext) -> Keyboard:
    """While a second photo is awaited: nobody after all, or nothing at all."""
    return column(_alone(ctx), button(ctx.texts, "alive-button-leave", Intent.MOTION, "no"))


def waits_or_can_join(clip: Clip) -> bool:
    """Whether somebody may come beside, or is awaited already."""
    return motions.can_join(clip) or (clip.relation_beside is not None and clips.missing(clip) > 0)


def _alone(ctx: RequestContext) -> Button:
    return button(ctx.texts, "together-button-alone", Intent.TOGETHER, ALONE)
