"""Steps of a support case: a person of the studio is asked, with the customer's leave.

While a case is open, what its customer types goes to it, unless it is a command, a step waits for
it, or it only asks to see something.
"""

from dataclasses import replace
from typing import Final

from handlers.chat import Keyboard, Tone
from handlers.context import Outcome, RequestContext, reply
from handlers.intents import Action, Intent, button, column
from handlers.limits import require_case
from handlers.questions import Question, Sentence, asks, read_question
from handlers.session import State
from shop.admin_cases import number, was_read
from shop.jobs import outbox
from shop.people import users
from shop.records import CaseState, SupportCase
from shop.support import cases

GATHERED = 5.0  # seconds in which messages of one case are one notice for an admin
OPEN, CLOSE, NO = "open", "close", "no"
_WANTS_WORDS: Final = frozenset({State.LINKING, State.WISH})
"""States in which any words are an answer; a code with a slip in it is nobody else's."""
_ASKING: Final = frozenset({
    State.LANGUAGE, State.AGREE, State.SUBJECT, State.ERASING, State.VERIFYING, State.RELATION,
})  # fmt: skip
"""States of a question that some words answer."""
_BESIDE_A_CASE: Final = frozenset({
    Intent.WHERE, Intent.HELP, Intent.LANGUAGE, Intent.TERMS, Intent.PRIVACY, Intent.CREDITS,
    Intent.ORDERS, Intent.MYDATA, Intent.ERASE, Intent.SUPPORT, Intent.LINK,
})  # fmt: skip
"""What typed words still ask for while they would go to a person."""


async def is_staffed(ctx: RequestContext) -> bool:
    """Whether a person could be asked: else no button leads to one."""
    return bool(await users.known_admins(ctx.tx, ctx.deps.settings.admins))


async def ways(ctx: RequestContext) -> Keyboard:
    """The row with the button that asks a person; none where nobody could be asked."""
    ask = button(ctx.texts, "answer-button-support", Intent.SUPPORT)
    return column(ask) if await is_staffed(ctx) else ()


async def begin(ctx: RequestContext) -> Outcome:
    """Say what is passed on, and ask for leave; or take the answer."""
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
    if not await is_staffed(ctx):
        elsewhere = (
            button(ctx.texts, "paysupport-button-orders", Intent.ORDERS),
            button(ctx.texts, "menu-paysupport", Intent.PAYSUPPORT),
        )
        return reply(ctx.say("case-nobody", column(*elsewhere, back)), state=ctx.staying)
    if ctx.argument == OPEN:
        case = await cases.begin(ctx.tx, ctx.deps.cipher, ctx.user, ctx.now)
        said = ctx.say("case-begun", _close_button(ctx), number=number(case), most=cases.LONGEST)
        return reply(said, state=ctx.staying)
    leave = column(
        button(ctx.texts, "case-button-yes", Intent.SUPPORT, OPEN),
        button(ctx.texts, "case-button-no", Intent.SUPPORT, NO),
    )
    return reply(ctx.say("case-ask", leave, days=cases.KEPT.days), state=ctx.staying)


async def hear_words(ctx: RequestContext, text: str, wanted: Action | None) -> Outcome | None:
    """Words of an open case go to it, but for what is asked about it. None: they are for nobody of
    the studio."""
    if wanted is None and await _asks_about_case(ctx, text):
        return await tell_state(ctx)
    case = await case_for(ctx, text, wanted)
    return await hear(ctx, case, text) if case else None


async def tell_state(ctx: RequestContext) -> Outcome:
    """What has become of what they wrote to a person: of their case, if one is open here."""
    case = await cases.current(ctx.tx, ctx.user)
    if case is None:
        where = column(button(ctx.texts, "button-where", Intent.WHERE))
        return reply(ctx.say("case-none", (*await ways(ctx), *where)), state=ctx.staying)
    if not await cases.is_here(ctx.tx, ctx.deps.cipher, case, ctx.user):
        return await begin(replace(ctx, argument=""))
    if case.state is CaseState.ANSWERED:
        how = "answered"
    elif not case.lines:
        how = "empty"
    else:
        how = "read" if await was_read(ctx.tx, case) else "waits"
    said = ctx.say("case-state", _close_button(ctx), number=number(case), how=how)
    return reply(said, state=ctx.staying)


async def case_for(ctx: RequestContext, text: str, wanted: Action | None) -> SupportCase | None:
    """The person's open case, if what they typed in the chat where they gave leave is for a person:
    all words but commands, answers to what a step has just asked, and those that only look at
    something or ask before they do it (``wanted`` is what the words would ask for)."""
    if not text.strip() or text.lstrip().startswith("/") or ctx.state in _WANTS_WORDS:
        return None
    if wanted is not None and (ctx.state in _ASKING or wanted[0] in _BESIDE_A_CASE):
        return None
    case = await cases.current(ctx.tx, ctx.user)
    if case is None or not await cases.is_here(ctx.tx, ctx.deps.cipher, case, ctx.user):
        return None
    return case


async def _asks_about_case(ctx: RequestContext, text: str) -> bool:
    """Of somebody who has none open, what reads as another question is that one, but for who sees
    what they send, which reads much alike."""
    if ctx.state in _WANTS_WORDS or not asks(text, Sentence.CASE):
        return False
    if read_question(text) in (None, Question.SEEN):
        return True
    return await cases.current(ctx.tx, ctx.user) is not None


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
    said = ctx.say(key, _close_button(ctx), tone=Tone.RECEIPT, number=number(written))
    return reply(said, state=ctx.state)


async def _close(ctx: RequestContext, case: SupportCase | None) -> Outcome:
    back = column(button(ctx.texts, "button-where", Intent.WHERE))
    if case is None:
        return reply(ctx.say("case-none", back), state=ctx.staying)
    closed = await cases.close(ctx.tx, case, ctx.now)
    if closed.lines:
        await _tell_staff(ctx, "case_withdrawn", closed)
    return reply(ctx.say("case-closed", back, tone=Tone.RECEIPT), state=ctx.staying)


async def _tell_staff(ctx: RequestContext, kind: str, case: SupportCase) -> None:
    for admin in await users.known_admins(ctx.tx, ctx.deps.settings.admins):
        await outbox.notify(
            ctx.tx, admin.id, kind, ctx.now, delay=GATHERED, key=f"{kind}:{admin.id}:{case.id}",
            case=case.id,
        )  # fmt: skip


def _close_button(ctx: RequestContext) -> Keyboard:
    return column(button(ctx.texts, "case-button-close", Intent.SUPPORT, CLOSE))
