"""Sharing is the person's own act: they choose the picture, and the chat that it goes to."""

from handlers import sharing
from handlers.chat import Button, Picture, Show
from handlers.context import Outcome, RequestContext, reply
from handlers.intents import Intent, button, column, pairs
from handlers.steps.portraits import shoot_named
from handlers.steps.styles import name_of
from shop.avatars import portraits
from shop.errors import NotFound
from shop.records import Portrait, PortraitId, Shoot


async def share(turn: RequestContext) -> Outcome:
    """Which of the set's portraits?"""
    shoot = await shoot_named(turn, only_done=True)
    painted = await portraits.pictures_of_shoot(turn.tx, shoot) if shoot else []
    if not painted:
        styles = button(turn.texts, "studio-button-styles", Intent.STYLES)
        return reply(turn.say("originals-none", column(styles)))
    numbered = (
        Button(turn.texts("share-button-one", number=number), share=one.id)
        for number, one in enumerate(painted, start=1)
    )
    where = button(turn.texts, "button-where", Intent.WHERE)
    return reply(turn.say("share-ask", (*pairs(*numbered), (where,))))


async def one(turn: RequestContext, id: PortraitId) -> Outcome:
    """One portrait, shown once more, with the button that sends it on. Raises NotFound."""
    portrait = await turn.tx.get(Portrait, id)
    if portrait is None or portrait.user_id != turn.user.id:
        raise NotFound
    shoot = await turn.tx.get(Shoot, portrait.shoot_id)
    style = name_of(turn, shoot.template) if shoot else ""
    house = turn.house
    data = await portraits.open_picture(turn.tx, house.cipher, house.blobs, portrait)
    buttons = column(
        Button(turn.texts("share-button-send"), share=portrait.id),
        button(turn.texts, "button-where", Intent.WHERE),
    )
    return reply(Show((Picture(portrait.id, data, portrait.media_type, style),), style, buttons))


async def invite(turn: RequestContext) -> Outcome:
    """The person's own link, and what both get by it."""
    buttons = column(
        Button(turn.texts("invite-button-send"), share=sharing.INVITE),
        Button(turn.texts("invite-button-link"), start=sharing.payload(turn.user)),
        button(turn.texts, "button-where", Intent.WHERE),
    )
    return reply(turn.say("invite", buttons, credits=turn.house.catalog.referral_credits))
