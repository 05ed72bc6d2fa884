"""Notices of linked chats, for those where nobody pressed the button."""

from handlers.chat import Reply, Tone
from handlers.context import RequestContext
from handlers.intents import Intent, button, column
from handlers.notifications.registry import Payload
from handlers.steps.linking import chat_on


async def linked(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """Their chat and another one are one account now; with the way to undo it."""
    chat = chat_on(ctx, str(payload["channel"]))
    part = column(button(ctx.texts, "mydata-button-unlink", Intent.UNLINK))
    return [ctx.say("news-linked", part, tone=Tone.RECEIPT, chat=chat)]


async def unlinked(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """Another chat is theirs no more, and everything stays here."""
    chat = chat_on(ctx, str(payload["channel"]))
    return [ctx.say("news-unlinked", tone=Tone.RECEIPT, chat=chat)]


async def parted(ctx: RequestContext, _: Payload) -> list[Reply]:
    """Their chat is no longer linked, and everything stays with the others."""
    return [ctx.say("news-parted", tone=Tone.RECEIPT)]
