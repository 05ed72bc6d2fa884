"""The first words, the language, and the help that is always there."""

from handlers.chat import Button, Say
from handlers.context import Outcome, Turn, again, go, tell
from handlers.intents import COMMANDS, Act, button, column
from handlers.session import State
from handlers.steps import links
from handlers.texts import every
from shop.people import users
from shop.records import Product


async def screen(turn: Turn) -> Outcome:
    """What this is, and its price in the first sentence."""
    price = turn.house.catalog.price(Product.AVATAR, turn.currency)
    say = turn.say(
        "welcome",
        _begin(turn),
        price=turn.texts.money(price.amount, price.currency),
        asked=turn.house.settings.photos_asked,
    )
    return tell(say, state=State.WELCOME)


async def nudge(turn: Turn) -> Say:
    return turn.say("welcome-nudge", _begin(turn))


async def start(turn: Turn) -> Outcome:
    """Greet, and go on from wherever the person is: nobody is sent back. A link leads first."""
    if led := await links.follow(turn):
        return led
    if turn.state in (State.NEW, State.WELCOME):
        return go()
    return go(turn.say("back-again"))


async def where(turn: Turn) -> Outcome:
    return go()


async def language(turn: Turn) -> Outcome:
    """Ask, or take the answer."""
    if not turn.argument:
        return Outcome((await ask_language(turn),), State.LANGUAGE)
    await users.speak(turn.tx, turn.user, turn.argument)
    changed = await again(turn)
    return go(changed.say("language-set", slot="language"))


async def language_screen(turn: Turn) -> Outcome:
    return Outcome((await ask_language(turn),), State.LANGUAGE)


async def ask_language(turn: Turn) -> Say:
    choices = [
        Button(texts("language-name"), f"{Act.LANGUAGE}:{texts.language}") for texts in every()
    ]
    return turn.say("language-ask", column(*choices), slot="language")


async def help_(turn: Turn) -> Outcome:
    lines = [f"/{act} — {turn.texts(f'command-{act}')}" for act in COMMANDS]
    say = turn.say(
        "help", column(button(turn.texts, "button-where", Act.WHERE)), commands="\n".join(lines)
    )
    return tell(say)


def _begin(turn: Turn) -> tuple[tuple[Button, ...], ...]:
    return column(
        button(turn.texts, "welcome-button-begin", Act.TERMS),
        button(turn.texts, "welcome-button-language", Act.LANGUAGE),
    )
