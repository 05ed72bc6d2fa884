"""Notices of linked chats, for those where nobody pressed the button."""

from handlers.chat import Reply, Tone
from handlers.context import RequestContext
from handlers.intents import Intent, button, column
from handlers.notifications.registry import Payload


async def linked(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """Their chat and another one are one account now; with the way to undo it."""
    channel = ctx.texts.channel(str(payload["channel"]))
    part = column(button(ctx.texts, "mydata-button-unlink", Intent.UNLINK))
    return [ctx.say("news-linked", part, tone=Tone.RECEIPT, channel=channel)]


async def unlinked(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """Another chat is theirs no more, and everything stays here."""
    channel = ctx.texts.channel(str(payload["channel"]))
    return [ctx.say("news-unlinked", tone=Tone.RECEIPT, channel=channel)]


async def parted(ctx: RequestContext, _: Payload) -> list[Reply]:
    """Their chat is no longer linked, and everything stays with the others."""
    return [ctx.say("news-parted", tone=Tone.RECEIPT)]
