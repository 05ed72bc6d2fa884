"""Steps of sharing: the person chooses a portrait or their invitation, and the chat to send to."""

from handlers import sharing
from handlers.chat import Button, Picture, Reply, Show
from handlers.context import Outcome, RequestContext, reply
from handlers.intents import Intent, button, column, pairs
from handlers.steps.portraits import shoot_named
from handlers.steps.styles import title_of
from shop.avatars import portraits
from shop.errors import NotFound
from shop.records import Portrait, PortraitId, Shoot


async def choose_portrait(ctx: RequestContext) -> Outcome:
    """Ask which portrait of the set to share."""
    shoot = await shoot_named(ctx, only_done=True)
    painted = await portraits.pictures_of_shoot(ctx.tx, shoot) if shoot else []
    if not painted:
        styles = button(ctx.texts, "studio-button-styles", Intent.STYLES)
        return reply(ctx.say("originals-none", column(styles)))
    numbered = (
        Button(ctx.texts("share-button-one", number=number), share=one.id)
        for number, one in enumerate(painted, start=1)
    )
    where = button(ctx.texts, "button-where", Intent.WHERE)
    return reply(ctx.say("share-ask", (*pairs(*numbered), (where,))))


async def show_portrait(ctx: RequestContext, id: PortraitId) -> Outcome:
    """One portrait, with the button that shares it. Raises :class:`NotFound` for another's."""
    portrait = await ctx.tx.get(Portrait, id)
    if portrait is None or portrait.user_id != ctx.user.id:
        raise NotFound
    shoot = await ctx.tx.get(Shoot, portrait.shoot_id)
    style = title_of(ctx, shoot.template) if shoot else ""
    deps = ctx.deps
    sealed = await portraits.find_picture(ctx.tx, deps.cipher, portrait)
    buttons = column(
        Button(ctx.texts("share-button-send"), share=portrait.id),
        button(ctx.texts, "button-where", Intent.WHERE),
    )

    async def show() -> list[Reply]:
        data = await sealed.open(deps.blobs, deps.labelling.signer)
        picture = Picture(portrait.id, data, portrait.media_type, style)
        return [Show((picture,), style, buttons)]

    return Outcome(after_commit=show)


async def invite(ctx: RequestContext) -> Outcome:
    """The person's invitation link, and the credits that both get."""
    buttons = column(
        Button(ctx.texts("invite-button-send"), share=sharing.INVITE),
        Button(ctx.texts("invite-button-link"), start=sharing.invite_payload(ctx.user)),
        button(ctx.texts, "button-where", Intent.WHERE),
    )
    return reply(ctx.say("invite", buttons, credits=ctx.deps.catalog.referral_credits))
