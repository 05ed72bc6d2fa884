"""Steps of the welcome: first message, language and help."""

from handlers.chat import Button, Say
from handlers.context import Outcome, RequestContext, reload_context, reply, reply_and_show
from handlers.intents import COMMANDS, Intent, button, column
from handlers.progress.clips import CLIPS
from handlers.session import State
from handlers.steps import alive, first_sight, links, wishes
from handlers.texts import every
from shop.people import users
from shop.records import ConsentKind


async def screen(ctx: RequestContext) -> Outcome:
    """Samples of what the bot does, with its price in the first sentence; for whoever has agreed to
    the terms, what it shall do now."""
    if ConsentKind.TERMS in ctx.given:
        return reply(ctx.say("welcome-again", _begin_buttons(ctx)), state=State.WELCOME)
    return Outcome(
        state=State.WELCOME, after_commit=await first_sight.shown(ctx, _begin_buttons(ctx))
    )


async def fallback_prompt(ctx: RequestContext) -> Say:
    return ctx.say("welcome-prompt", _begin_buttons(ctx))


async def start(ctx: RequestContext) -> Outcome:
    """Follow a deep link, or greet and show the present state's screen: nobody is sent back."""
    if led := await links.follow(ctx):
        return led
    under_way = (*await wishes.under_way(ctx), *await alive.under_way(ctx))
    if ctx.state in (State.NEW, State.WELCOME):
        return reply_and_show(*under_way)
    return reply_and_show(ctx.say("back-again"), *under_way)


async def where(ctx: RequestContext) -> Outcome:
    """The screen of the state, below the clips that are under way. Who prepares a clip goes on with
    it, unless it is an order's photos that wait. Who asks about the clips alone hears of them."""
    if ctx.argument == CLIPS and (made := await alive.under_way(ctx)):
        return reply(*made)
    if ctx.state is State.CLIP and ctx.order is None:
        return reply_and_show(state=State.CLIP)
    return reply_and_show(*await wishes.under_way(ctx), *await alive.under_way(ctx))


async def language(ctx: RequestContext) -> Outcome:
    """Ask for the language, or set it."""
    if not ctx.argument:
        return Outcome((await ask_language(ctx),), State.LANGUAGE)
    await users.set_language(ctx.tx, ctx.user, ctx.argument)
    changed = await reload_context(ctx)
    return reply_and_show(changed.say("language-set", message_key="language"))


async def language_screen(ctx: RequestContext) -> Outcome:
    return Outcome((await ask_language(ctx),), State.LANGUAGE)


async def ask_language(ctx: RequestContext) -> Say:
    choices = [
        Button(texts("language-name"), f"{Intent.LANGUAGE}:{texts.language}") for texts in every()
    ]
    return ctx.say("language-ask", column(*choices), message_key="language")


async def show_help(ctx: RequestContext) -> Outcome:
    lines = [f"/{intent} — {ctx.texts(f'command-{intent}')}" for intent in COMMANDS]
    say = ctx.say(
        "help",
        column(button(ctx.texts, "button-where", Intent.WHERE)),
        commands="\n".join(lines),
    )
    return reply(say)


def _begin_buttons(ctx: RequestContext) -> tuple[tuple[Button, ...], ...]:
    agreed = ConsentKind.TERMS in ctx.given
    portraits = (
        button(ctx.texts, "welcome-button-begin", Intent.PORTRAITS)
        if agreed
        else button(ctx.texts, "welcome-button-begin", Intent.TERMS)
    )
    return column(
        portraits,
        button(ctx.texts, "alive-button", Intent.ALIVE),
        wishes.wish_button(ctx),
        button(ctx.texts, "welcome-button-language", Intent.LANGUAGE),
    )
