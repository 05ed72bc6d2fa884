"""Steps of a picture in one's own words: what was heard, what was not, the price, the yes.

A sentence is read, told back and forgotten but for what was heard of it, which is sealed
(:mod:`shop.avatars.prompts`); nothing is spent before the button below that, or a yes to it.
"""

from dataclasses import replace
from typing import Final

from handlers.chat import Button, Keyboard, Reply, Say, Tone
from handlers.context import Outcome, RequestContext, Then, own_record, reply
from handlers.intents import Intent, button, column
from handlers.progress.painting import painting_message
from handlers.session import AIM, WISH, State
from shop.avatars import prompts
from shop.avatars.portraits import PAINT, SHOOT_SIZE
from shop.catalog import wishes
from shop.catalog.wishes import MOST_LETTERS, Wish, WordKind
from shop.clips.filming import FILM
from shop.money import ledger
from shop.records import ConsentKind, Prompt, PromptId, PromptState, Shoot, ShootState

EXAMPLES: Final = 4
"""Messages ``paint-example-1`` and so on: every base hears all of each."""


async def begin(ctx: RequestContext) -> Outcome:
    """Ask for the words; with a number, take that example for them; with "no", never mind; with
    "film", for words that shall become a clip: a picture first."""
    if ctx.argument == "no":
        return await leave(ctx)
    if ConsentKind.TERMS not in ctx.given:
        return _terms_first(ctx)
    if ctx.argument in {str(number) for number in _numbers()}:
        return await hear(ctx, ctx.texts(f"paint-example-{ctx.argument}"))
    await prompts.give_up(ctx.tx, ctx.user, ctx.now)
    said = (Say(_then_moves(ctx)),) if ctx.argument == "film" else ()
    return Outcome(said, State.WISH, _without_aim(ctx), Then.SCREEN)


async def screen(ctx: RequestContext) -> Outcome:
    """What was heard and waits for a yes; before that, the question and examples to tap."""
    asked = await prompts.current(ctx.tx, ctx.user)
    if asked is not None:
        wish = await prompts.find_wish(ctx.tx, ctx.deps.cipher, asked)
        return reply(await _heard(ctx, asked, wish))
    hours = ctx.deps.settings.upload_hours
    whom = ctx.texts("paint-of-you" if ctx.avatar else "paint-of-nobody")
    text = f"{ctx.texts('paint-ask', hours=hours)}\n\n{whom}"
    return reply(Say(text, _example_buttons(ctx), "wish"))


async def fallback_prompt(ctx: RequestContext) -> Say:
    asked = await prompts.current(ctx.tx, ctx.user)
    if asked is None:
        return ctx.say("paint-prompt", _example_buttons(ctx))
    return ctx.say("paint-prompt-heard", _order_buttons(ctx, asked))


async def hear(ctx: RequestContext, text: str, *, moves: bool = False) -> Outcome:
    """Tell what was heard of a sentence and what was not, and what it would cost; ``moves``: that a
    clip comes of the picture afterwards. What no picture may show is refused, and nothing of it
    stored."""
    if ConsentKind.TERMS not in ctx.given:
        return _terms_first(ctx, ctx.say("paint-terms-first"))
    if about := wishes.blocked(text):
        await prompts.give_up(ctx.tx, ctx.user, ctx.now)
        said = ctx.texts("paint-blocked", why=ctx.texts(f"paint-blocked-{about}"))
        return _ask_again(ctx, said)
    if len(text) > MOST_LETTERS:  # what is cut off could not be told as known or unknown
        await prompts.give_up(ctx.tx, ctx.user, ctx.now)
        return _ask_again(ctx, ctx.texts("paint-too-long", most=MOST_LETTERS))
    base = ctx.avatar.base if ctx.avatar else ctx.deps.settings.base
    wish = _of_avatar(ctx, wishes.read(text, wishes.vocabulary(base)), base)
    if wish.is_empty or (wishes.vocabulary(base) and not wish.known):
        await prompts.give_up(ctx.tx, ctx.user, ctx.now)
        unknown = ctx.texts.listing(list(wish.unknown))
        return _ask_again(ctx, ctx.texts("paint-nothing", count=len(wish.unknown), words=unknown))
    asked = await prompts.ask(ctx.tx, ctx.deps.cipher, ctx.user, wish, base, ctx.now, ctx.avatar)
    told = await _heard(ctx, asked, wish)
    if moves:
        told = replace(told, text=f"{told.text}\n{_then_moves(ctx)}")
    return Outcome((told,), State.WISH, _without_aim(ctx))


def is_wish(ctx: RequestContext, text: str) -> bool:
    """Whether the base knows every word of it: where words were asked for, "old photo" is a look,
    whatever it asks for elsewhere."""
    base = ctx.avatar.base if ctx.avatar else ctx.deps.settings.base
    vocabulary = wishes.vocabulary(base)
    wish = wishes.read(text, vocabulary)
    return vocabulary is not None and bool(wish.known) and not wish.unknown


async def hear_subject(ctx: RequestContext) -> Outcome:
    """In this state "woman" is a word to be painted, not the answer to another question."""
    return await hear(ctx, ctx.argument)


async def agree(ctx: RequestContext) -> Outcome:
    """A yes: to what was told last."""
    asked = await prompts.current(ctx.tx, ctx.user)
    if asked is None:
        return Outcome(state=State.WISH, then=Then.SCREEN)
    return await order(replace(ctx, argument=asked.id))


async def order(ctx: RequestContext) -> Outcome:
    """Hold the credits and owe the pictures of what that button's message told; pressed again,
    where they are. Raises :class:`NotFound` once it was forgotten, and for another's."""
    asked = await own_record(ctx, Prompt, PromptId(ctx.argument))
    first = asked.state is PromptState.ASKED
    shoot = await prompts.order(ctx.tx, ctx.deps.catalog, ctx.deps.cipher, asked, ctx.now)
    if first or shoot.state is ShootState.WAITING:
        return reply(await painting_message(ctx, shoot))
    again = button(ctx.texts, "portraits-button-again", Intent.AGAIN, shoot.id)
    return reply(ctx.say("paint-painted", column(again, wish_button(ctx))))


async def leave(ctx: RequestContext) -> Outcome:
    """Never mind: what was told is forgotten."""
    known = await prompts.give_up(ctx.tx, ctx.user, ctx.now)
    said = ctx.say("paint-left-words" if known else "paint-left")
    return Outcome((said,), data=_without_aim(ctx), then=Then.SCREEN)


async def under_way(ctx: RequestContext) -> tuple[Reply, ...]:
    """For somebody without an avatar who asks where they are: what is being painted of nobody."""
    waiting = await ctx.tx.find(
        Shoot, user_id=ctx.user.id, avatar_id=None, state=ShootState.WAITING, order="created_at"
    )
    return tuple([await painting_message(ctx, one) for one in waiting]) if not ctx.avatar else ()


def wish_button(ctx: RequestContext) -> Button:
    """The button that asks for the words."""
    return button(ctx.texts, "paint-button", Intent.PAINT)


async def _heard(ctx: RequestContext, asked: Prompt, wish: Wish) -> Say:
    """What was heard, what was not, of whom, and the price: all that the yes below agrees to."""
    say, told = ctx.texts, len(wish.known)
    lines = [
        say("paint-heard", words=say.listing(list(wish.heard[:told])))
        if wish.known
        else say("paint-heard-whole")
    ]
    if wish.unknown:
        words = say.listing(list(wish.unknown))
        lines.append(say("paint-unknown", count=len(wish.unknown), words=words))
    if wish.left_out:
        lines.append(say("paint-left-out", count=told, words=say.listing(list(wish.heard[told:]))))
    lines.append(say("paint-of-you" if asked.avatar_id else "paint-of-nobody"))
    balance = await ledger.balance(ctx.tx, ctx.user.id)
    cost = PAINT.price(ctx.deps.catalog)
    lines.append(say("paint-price", pictures=SHOOT_SIZE, credits=cost, balance=balance))
    return Say("\n".join(lines), _order_buttons(ctx, asked), "wish")


def _of_avatar(ctx: RequestContext, wish: Wish, base: str) -> Wish:
    """Who is painted is the avatar's to say: "man" and "woman" are not told as heard then."""
    vocabulary = wishes.vocabulary(base)
    if ctx.avatar is None or vocabulary is None:
        return wish
    who = {one.word for one in vocabulary.words if one.kind is WordKind.SUBJECT}
    names = (*wish.known, *wish.left_out)
    heard = zip(names, wish.heard, strict=True)
    return replace(
        wish,
        known=tuple(one for one in wish.known if one not in who),
        left_out=tuple(one for one in wish.left_out if one not in who),
        heard=tuple(form for name, form in heard if name not in who),
    )


def _then_moves(ctx: RequestContext) -> str:
    return ctx.texts("paint-then-moves", credits=FILM.price(ctx.deps.catalog))


def _ask_again(ctx: RequestContext, said: str) -> Outcome:
    text = f"{said}\n\n{ctx.texts('paint-prompt')}"
    refused = Say(text, _example_buttons(ctx), "wish", Tone.TROUBLE)
    return Outcome((refused,), State.WISH, _without_aim(ctx))


def _terms_first(ctx: RequestContext, *said: Reply) -> Outcome:
    """Nothing is painted for somebody who has not agreed to the terms."""
    return Outcome(said, State.AGREE, {**ctx.data, AIM: WISH}, Then.SCREEN)


def _without_aim(ctx: RequestContext) -> dict[str, str]:
    return {key: value for key, value in ctx.data.items() if key != AIM}


def _numbers() -> range:
    return range(1, EXAMPLES + 1)


def _example_buttons(ctx: RequestContext) -> Keyboard:
    examples = [
        button(ctx.texts, f"paint-example-{number}", Intent.PAINT, str(number))
        for number in _numbers()
    ]
    return column(*examples, button(ctx.texts, "alive-button-leave", Intent.PAINT, "no"))


def _order_buttons(ctx: RequestContext, asked: Prompt) -> Keyboard:
    cost = PAINT.price(ctx.deps.catalog)
    return column(
        button(ctx.texts, "paint-button-order", Intent.WISH, asked.id, credits=cost),
        button(ctx.texts, "paint-button-other", Intent.PAINT),
        button(ctx.texts, "alive-button-leave", Intent.PAINT, "no"),
    )
