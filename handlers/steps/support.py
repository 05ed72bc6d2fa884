"""Steps of a support case: a person of the studio is asked, with the customer's leave.

While a case is open, what its customer types goes to it, unless it is a command or a word that asks
for something, or a step waits for it.
"""

from handlers.chat import Keyboard
from handlers.context import Outcome, RequestContext, reply
from handlers.intents import Intent, button, column
from handlers.limits import require_case
from shop.admin_cases import number
from shop.jobs import outbox
from shop.people import users
from shop.records import SupportCase
from shop.support import cases

GATHERED = 5.0  # seconds in which messages of one case are one notice for an admin
OPEN, CLOSE, NO = "open", "close", "no"


async def begin(ctx: RequestContext) -> Outcome:
    """Say what is passed on, and ask for leave; or take the answer."""
    staff = await users.known_admins(ctx.tx, ctx.deps.settings.admins)
    case = await cases.current(ctx.tx, ctx.user)
    back = button(ctx.texts, "button-where", Intent.WHERE)
    if ctx.argument == NO:
        return reply(ctx.say("case-declined", column(back)), state=ctx.staying)
    if ctx.argument == CLOSE:
        return await _close(ctx, case)
    if case is not None:
        here = await cases.is_here(ctx.tx, ctx.deps.cipher, case, ctx.user)
        key = "case-open" if here else "case-elsewhere"
        return reply(ctx.say(key, _close_button(ctx), number=number(case)), state=ctx.staying)
    if not staff:
        return reply(ctx.say("case-nobody", column(back)), state=ctx.staying)
    if ctx.argument == OPEN:
        case = await cases.begin(ctx.tx, ctx.deps.cipher, ctx.user, ctx.now)
        said = ctx.say("case-begun", _close_button(ctx), number=number(case), most=cases.LONGEST)
        return reply(said, state=ctx.staying)
    leave = column(
        button(ctx.texts, "case-button-yes", Intent.SUPPORT, OPEN),
        button(ctx.texts, "case-button-no", Intent.SUPPORT, NO),
    )
    return reply(ctx.say("case-ask", leave, days=cases.KEPT.days), state=ctx.staying)


async def open_here(ctx: RequestContext) -> SupportCase | None:
    """The person's open case, in the chat where they gave leave for it."""
    case = await cases.current(ctx.tx, ctx.user)
    if case is None or not await cases.is_here(ctx.tx, ctx.deps.cipher, case, ctx.user):
        return None
    return case


async def hear(ctx: RequestContext, case: SupportCase, text: str) -> Outcome:
    """Pass the customer's words on to their case; admins are told that there are some. Raises
    :class:`shop.errors.TooManyCaseMessages`."""
    words = text.strip()
    if len(words) > cases.LONGEST:
        too_long = ctx.say("case-too-long", _close_button(ctx), most=cases.LONGEST)
        return reply(too_long, state=ctx.state)
    if case.lines >= cases.MOST_LINES:
        return reply(ctx.say("case-full", _close_button(ctx)), state=ctx.state)
    require_case(ctx.counted, ctx.texts)
    written = await cases.write(ctx.tx, ctx.deps.cipher, case, words, ctx.now)
    await _tell_staff(ctx, "case_written", written)
    key = "case-passed" if case.lines else "case-passed-first"
    return reply(ctx.say(key, _close_button(ctx), number=number(written)), state=ctx.state)


async def _close(ctx: RequestContext, case: SupportCase | None) -> Outcome:
    back = column(button(ctx.texts, "button-where", Intent.WHERE))
    if case is None:
        return reply(ctx.say("case-none", back), state=ctx.staying)
    closed = await cases.close(ctx.tx, case, ctx.now)
    if closed.lines:
        await _tell_staff(ctx, "case_withdrawn", closed)
    return reply(ctx.say("case-closed", back), state=ctx.staying)


async def _tell_staff(ctx: RequestContext, kind: str, case: SupportCase) -> None:
    for admin in await users.known_admins(ctx.tx, ctx.deps.settings.admins):
        await outbox.notify(
            ctx.tx, admin.id, kind, ctx.now, delay=GATHERED, key=f"{kind}:{admin.id}:{case.id}",
            case=case.id,
        )  # fmt: skip


def _close_button(ctx: RequestContext) -> Keyboard:
    return column(button(ctx.texts, "case-button-close", Intent.SUPPORT, CLOSE))
