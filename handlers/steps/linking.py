"""Steps of linking: a code shown in one chat and typed in another, and parting them again.

What will happen is said before the button that does it, and a yes counts only as the answer to the
question that was asked: about that code, or about those chats.
"""

from collections.abc import Sequence
from dataclasses import replace

from handlers import limits
from handlers.chat import Keyboard, Say, Tone
from handlers.context import Outcome, RequestContext, reload_context, reply, reply_and_show
from handlers.intents import Intent, button, column
from handlers.session import State
from handlers.steps import stated_minor
from shop import linking
from shop.errors import LinkExpired
from shop.money import ledger
from shop.orders.stopping import FINGERPRINT_DIGITS, answer_about
from shop.people import link_codes, linked_chats, users
from shop.people.link_codes import WrongCode
from shop.records import Avatar, AvatarState, LinkCode, LinkedChat


async def link(ctx: RequestContext) -> Outcome:
    """Ask for a code, show one, try the one that was typed, or link with the chat of one."""
    if users.admin_name(ctx.user) in ctx.deps.settings.admins:
        return reply(ctx.say("link-moderator", _where(ctx)))
    if ctx.argument == "show":
        return await _show(ctx)
    if ctx.argument == "no":
        return await leave(ctx)
    if ctx.argument.startswith("yes-"):
        return await _link_now(ctx)
    if code := link_codes.read(ctx.argument):
        return await _try(ctx, code)
    return await screen(ctx)


async def screen(ctx: RequestContext) -> Outcome:
    """How two chats are linked; or, if a good code was typed, whether to link with its chat."""
    if typed := await link_codes.claimed_by(ctx.tx, ctx.user, ctx.now):
        return await _ask(ctx, typed[0])
    buttons = column(
        button(ctx.texts, "link-button-show", Intent.LINK, "show"),
        button(ctx.texts, "link-button-cancel", Intent.LINK, "no"),
    )
    return reply(ctx.say("link-intro", buttons), state=State.LINKING)


async def fallback_prompt(ctx: RequestContext) -> Say:
    if typed := await link_codes.claimed_by(ctx.tx, ctx.user, ctx.now):
        return ctx.say("link-ask-prompt", _answers(ctx, typed[0]))
    show = button(ctx.texts, "link-button-show", Intent.LINK, "show")
    return ctx.say("link-prompt", column(show), length=link_codes.LENGTH)


async def leave(ctx: RequestContext) -> Outcome:
    return reply_and_show(ctx.say("link-kept"))


async def unlink(ctx: RequestContext) -> Outcome:
    """Part this chat from the others, or the others from this one, after one question."""
    chats = await linked_chats.of(ctx.tx, ctx.user.id)
    here = next((one for one in chats if one.id == users.admin_name(ctx.user)), None)
    if here is None:
        connect = button(ctx.texts, "mydata-button-link", Intent.LINK)
        back = button(ctx.texts, "button-where", Intent.WHERE)
        return reply(ctx.say("unlink-none", column(connect, back)))
    if ctx.argument == "no":
        return reply_and_show(ctx.say("unlink-kept"))
    if ctx.argument == answer_of(chats, "here"):
        await linking.unlink(ctx.tx, ctx.user, [here], here, ctx.now)
        again = column(button(ctx.texts, "news-button-again", Intent.START))
        # Nothing more is said here of what stays with the others.
        return Outcome((ctx.say("unlink-done-here", again, tone=Tone.RECEIPT),), forget=True)
    if ctx.argument == answer_of(chats, "others"):
        leaving = [one for one in chats if one.id != here.id]
        await linking.unlink(ctx.tx, ctx.user, leaving, here, ctx.now)
        return reply_and_show(ctx.say("unlink-done-others", tone=Tone.RECEIPT))
    buttons = column(
        button(ctx.texts, "unlink-button-here", Intent.UNLINK, answer_of(chats, "here")),
        button(ctx.texts, "unlink-button-others", Intent.UNLINK, answer_of(chats, "others")),
        button(ctx.texts, "unlink-button-no", Intent.UNLINK, "no"),
    )
    return reply(ctx.say("unlink-ask", buttons, chats=names_of(ctx, chats)))


def answer_of(chats: Sequence[LinkedChat], what: str) -> str:
    """The answer about these chats, for a button: another one once they are others."""
    return answer_about(what, (one.id for one in chats))


def names_of(ctx: RequestContext, chats: Sequence[LinkedChat]) -> str:
    """Which chats these are: by their platforms, the one where they spoke last first. Of several
    on one platform it is said which is this one, and when they came to the others."""
    return ctx.texts.listing([_name_of(ctx, one, chats) for one in chats])


def chat_on(ctx: RequestContext, platform: str) -> str:
    """Another chat of theirs, on that platform."""
    key = "chat-other" if platform == ctx.user.platform else "chat-on"
    return ctx.texts(key, channel=ctx.texts.channel(platform))


def _name_of(ctx: RequestContext, chat: LinkedChat, chats: Sequence[LinkedChat]) -> str:
    name, say = ctx.texts.channel(chat.platform), ctx.texts
    twins = sum(one.platform == chat.platform for one in chats) > 1
    if not twins and chat.platform != ctx.user.platform:
        return name
    if chat.id == users.admin_name(ctx.user):
        return say("chat-here", channel=name) if twins else name
    return say("chat-other-since", channel=name, day=say.day(chat.last_spoke_at))


async def _show(ctx: RequestContext) -> Outcome:
    """A new code. Nothing is asked here any more: it is typed in the other chat."""
    limits.require_code(ctx.counted, ctx.texts)
    hashed = link_codes.code_hash(ctx.deps.settings.signing_key)
    code = await link_codes.issue(ctx.tx, hashed, ctx.user, ctx.now)
    wait = ctx.texts.wait(link_codes.LASTS.total_seconds())
    said = ctx.say("link-code", _where(ctx), code=link_codes.shown(code), wait=wait)
    return reply(said, state=State.NEW)


async def _try(ctx: RequestContext, code: str) -> Outcome:
    """A wrong code is no refusal, which would undo that it was counted."""
    limits.require_code(ctx.counted, ctx.texts)
    hashed = link_codes.code_hash(ctx.deps.settings.signing_key)
    found = await link_codes.claim(ctx.tx, hashed, ctx.user, code, ctx.now)
    if isinstance(found, LinkCode):
        return await _ask(ctx, found)
    return _wrong(ctx, found)


def _wrong(ctx: RequestContext, wrong: WrongCode) -> Outcome:
    if not wrong.left:
        wait = ctx.texts.wait(wrong.seconds)
        return reply(ctx.say("link-closed", _where(ctx), tone=Tone.TROUBLE, wait=wait))
    show = column(button(ctx.texts, "link-button-show", Intent.LINK, "show"))
    said = ctx.say("link-wrong", show, tone=Tone.TROUBLE, left=wrong.left)
    return reply(said, state=State.LINKING)


async def _ask(ctx: RequestContext, code: LinkCode) -> Outcome:
    """What will happen, in the chat where the code was typed. Raises as
    :func:`shop.linking.require_linkable`."""
    owner = await linking.require_linkable(ctx.tx, code, ctx.user)
    question = ctx.say(
        "link-ask", _answers(ctx, code),
        channel=ctx.texts.channel(owner.platform),
        avatars=await ctx.tx.count(Avatar, user_id=ctx.user.id, state=AvatarState.READY),
        credits=await ledger.unspent(ctx.tx, ctx.user.id),
    )  # fmt: skip
    return Outcome((question,), State.LINKING)


def _answers(ctx: RequestContext, code: LinkCode) -> Keyboard:
    return column(
        button(ctx.texts, "link-button-yes", Intent.LINK, _yes(code)),
        button(ctx.texts, "link-button-no", Intent.LINK, "no"),
    )


def _yes(code: LinkCode) -> str:
    return f"yes-{code.id[:FINGERPRINT_DIGITS]}"


async def _link_now(ctx: RequestContext) -> Outcome:
    typed = await link_codes.claimed_by(ctx.tx, ctx.user, ctx.now)
    code = next((one for one in typed if _yes(one) == ctx.argument), None)
    if code is None:
        raise LinkExpired
    others = await linking.link(ctx.tx, ctx.deps.addresses, code, ctx.user, ctx.now)
    joined = await reload_context(replace(ctx, state=State.NEW))
    if joined.user.stated_minor_at:  # in one of these chats, and the photos are the other's
        await stated_minor.hold(joined)
    said = joined.say("link-done", tone=Tone.RECEIPT, chats=names_of(joined, others))
    return reply_and_show(said)


def _where(ctx: RequestContext) -> Keyboard:
    return column(button(ctx.texts, "button-where", Intent.WHERE))
