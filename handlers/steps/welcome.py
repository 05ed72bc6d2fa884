"""The first words, the language, and the help that is always there."""

from handlers.chat import Button, Say
from handlers.context import Outcome, RequestContext, reload_context, reply, reply_and_show
from handlers.intents import COMMANDS, Intent, button, column
from handlers.session import State
from handlers.steps import links
from handlers.texts import every
from shop.people import users
from shop.records import Product


async def screen(turn: RequestContext) -> Outcome:
    """What this is, and its price in the first sentence."""
    price = turn.house.catalog.price(Product.AVATAR, turn.currency)
    say = turn.say(
        "welcome",
        _begin(turn),
        price=turn.texts.money(price.amount, price.currency),
        asked=turn.house.settings.photos_asked,
    )
    return reply(say, state=State.WELCOME)


async def nudge(turn: RequestContext) -> Say:
    return turn.say("welcome-nudge", _begin(turn))


async def start(turn: RequestContext) -> Outcome:
    """Greet, and go on from wherever the person is: nobody is sent back. A link leads first."""
    if led := await links.follow(turn):
        return led
    if turn.state in (State.NEW, State.WELCOME):
        return reply_and_show()
    return reply_and_show(turn.say("back-again"))


async def where(turn: RequestContext) -> Outcome:
    return reply_and_show()


async def language(turn: RequestContext) -> Outcome:
    """Ask, or take the answer."""
    if not turn.argument:
        return Outcome((await ask_language(turn),), State.LANGUAGE)
    await users.set_language(turn.tx, turn.user, turn.argument)
    changed = await reload_context(turn)
    return reply_and_show(changed.say("language-set", slot="language"))


async def language_screen(turn: RequestContext) -> Outcome:
    return Outcome((await ask_language(turn),), State.LANGUAGE)


async def ask_language(turn: RequestContext) -> Say:
    choices = [
        Button(texts("language-name"), f"{Intent.LANGUAGE}:{texts.language}") for texts in every()
    ]
    return turn.say("language-ask", column(*choices), slot="language")


async def help_(turn: RequestContext) -> Outcome:
    lines = [f"/{act} — {turn.texts(f'command-{act}')}" for act in COMMANDS]
    say = turn.say(
        "help", column(button(turn.texts, "button-where", Intent.WHERE)), commands="\n".join(lines)
    )
    return reply(say)


def _begin(turn: RequestContext) -> tuple[tuple[Button, ...], ...]:
    return column(
        button(turn.texts, "welcome-button-begin", Intent.TERMS),
        button(turn.texts, "welcome-button-language", Intent.LANGUAGE),
    )
