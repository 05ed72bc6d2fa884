"""Notices of support cases: for customers what the studio wrote, for admins that somebody wrote."""

from handlers.chat import Reply
from handlers.context import RequestContext
from handlers.intents import Intent, button, column
from handlers.notifications.registry import Payload
from handlers.steps import support
from shop.admin_cases import number
from shop.errors import NotFound
from shop.records import CaseState, SupportCase
from shop.support import cases


async def case_answer(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """One message of the studio's, for the case's customer. Raises :class:`NotFound` for a case
    that is gone, or another person's."""
    case = await ctx.tx.get(SupportCase, str(payload["case"]))
    if case is None or case.user_id != ctx.user.id:
        raise NotFound
    line = (await cases.content(ctx.tx, ctx.deps.cipher, case)).lines[int(payload["line"])]
    if case.state is CaseState.CLOSED:
        buttons = column(button(ctx.texts, "button-where", Intent.WHERE))
        return [ctx.say("case-answer-last", buttons, words=line.words)]
    close = button(ctx.texts, "case-button-close", Intent.SUPPORT, support.CLOSE)
    return [ctx.say("case-answer", column(close), words=line.words)]


async def case_closed(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The studio closed the case, or its time is over."""
    back = column(button(ctx.texts, "button-where", Intent.WHERE))
    return [ctx.say("case-closed-by-studio", back)]


async def case_written(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A customer wrote, for admins: the number, and no word of it. Nothing, once it is answered or
    closed."""
    case = await ctx.tx.get(SupportCase, str(payload["case"]))
    if case is None or case.state is not CaseState.OPEN:
        return []
    return [ctx.say("admin-case-written", number=number(case), count=case.lines)]


async def case_withdrawn(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The customer closed their case, for admins. Nothing, once it is gone."""
    case = await ctx.tx.get(SupportCase, str(payload["case"]))
    return [ctx.say("admin-case-withdrawn", number=number(case))] if case else []
