"""Steps of /verify: a file is sent, and its labels say whether it is ours and was changed since."""

from handlers.chat import Say
from handlers.context import Outcome, RequestContext, reply
from handlers.intents import Intent, button, column
from handlers.session import State
from handlers.verdicts import VERIFY_PAGE, verdict_text
from shop.errors import PhotoRefused
from shop.labels.verification import Verification


async def ask(ctx: RequestContext) -> Outcome:
    """Ask for the file: the next picture that is sent, and that one alone, is verified, and not
    kept."""
    return reply(await prompt(ctx), state=State.VERIFYING)


async def prompt(ctx: RequestContext) -> Say:
    """What to send; also the answer to anything odd."""
    page = f"{ctx.deps.settings.public_url}{VERIFY_PAGE}"
    back = column(button(ctx.texts, "button-back", Intent.WHERE))
    return ctx.say("verify-ask", back, page=page)


async def answer(ctx: RequestContext, found: Verification | PhotoRefused) -> Outcome:
    """What the file's labels prove. A further file is to be asked for again: the rest of an album
    may be an order's photos."""
    again = column(
        button(ctx.texts, "verify-button-again", Intent.VERIFY),
        button(ctx.texts, "button-where", Intent.WHERE),
    )
    return reply(Say(verdict_text(ctx.texts, found), again))
