"""Steps of bringing a picture alive: who is on it, the photo, how it moves.

A photo needs no avatar: its sender says who is on it, and that choice is the consent; then the next
photo, and that one alone, is its source. A portrait is its owner's own, and is asked about once.
What was asked for last gets the photo: in the middle of an order a clip may be prepared, and any
other answer leads back to the order, while the clip waits for its photo or its motion.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from handlers.chat import Keyboard, Reply, Say, SentPhoto, Tone
from handlers.context import Outcome, RequestContext, Then, reload_context, reply, reply_and_show
from handlers.intents import Intent, button, column, pairs
from handlers.progress.clips import film_message, motion_title, source_message
from handlers.session import AIM, ALBUM, PHOTO, TOGETHER, WISH, State
from handlers.steps import motions, together
from shop.avatars import portraits
from shop.clips import clips, endings, filming, offer, sources
from shop.clips.sources import StoredSource
from shop.errors import NotFound, PhotoRefused, ShopError
from shop.people import consent
from shop.records import (
    Clip,
    ClipState,
    ConsentKind,
    Portrait,
    PortraitId,
    Relation,
    Shoot,
    ShootId,
)

_TAKES_NO_PHOTOS: Final = frozenset({State.WELCOME, State.AGREE, State.STUDIO, State.WAITING})


async def begin(ctx: RequestContext) -> Outcome:
    """Begin a clip: of a photo, of the portrait that the button names, of one of a set, or of two
    pictures together. Raises :class:`shop.errors.ClipsPaused` before anything is asked."""
    if ctx.argument == TOGETHER:
        return await _begin_together(ctx)
    await offer.require_offered(ctx.tx)
    wanted = await _portrait(ctx, ctx.argument) if ctx.argument else None
    if isinstance(wanted, Outcome):
        return wanted
    data = {**ctx.data, AIM: wanted.id if wanted else PHOTO}
    if ConsentKind.TERMS not in ctx.given:
        return Outcome(state=State.AGREE, data=data, then=Then.SCREEN)
    if wanted is None or ConsentKind.MOTION not in ctx.given:
        return Outcome(state=State.RELATION, data=data, then=Then.SCREEN)
    return await _begin(replace(ctx, data=data), Relation.SELF, wanted)


async def _begin_together(ctx: RequestContext) -> Outcome:
    """With the picture that is there already; without one, that comes first."""
    if ctx.clip is not None and together.waits_or_can_join(ctx.clip):
        return await together.choose(replace(ctx, argument=""))
    if ctx.clip is not None and ctx.clip.relation_beside is not None:
        return Outcome(state=State.CLIP, then=Then.SCREEN)
    begun = await begin(replace(ctx, argument=""))
    return replace(begun, replies=(ctx.say("together-begin"), *begun.replies))


async def relation_screen(ctx: RequestContext) -> Outcome:
    """Ask who is on the picture; of a portrait of theirs, whether it may come alive."""
    if together.is_asked(ctx):
        return reply(together.question(ctx, "together-ask"))
    return reply(_question(ctx, "alive-portrait-ask" if _aims_at_portrait(ctx) else "alive-ask"))


async def relation_prompt(ctx: RequestContext) -> Say:
    if together.is_asked(ctx):
        return together.question(ctx, "together-prompt")
    key = "alive-portrait-prompt" if _aims_at_portrait(ctx) else "alive-prompt"
    return _question(ctx, key)


async def ask_relation_again(ctx: RequestContext) -> Outcome:
    """A plain yes does not say who is on it; of a portrait it does."""
    if _aims_at_portrait(ctx):
        return await choose_relation(replace(ctx, argument=Relation.SELF))
    return Outcome(state=State.RELATION, then=Then.SCREEN)


async def choose_relation(ctx: RequestContext) -> Outcome:
    """Who is on it, which is the consent; then the photo is asked for."""
    if together.is_asked(ctx) and ctx.state is State.RELATION:
        return await together.choose(ctx)
    if ctx.argument not in set(Relation):
        return Outcome(state=State.RELATION, then=Then.SCREEN)
    if ConsentKind.TERMS not in ctx.given:
        data = {**ctx.data, AIM: ctx.data[AIM] if _aims_at_portrait(ctx) else PHOTO}
        return Outcome(state=State.AGREE, data=data, then=Then.SCREEN)
    relation = Relation(ctx.argument)
    aimed = ctx.data[AIM] if _aims_at_portrait(ctx) and ctx.state is State.RELATION else ""
    await consent.give(ctx.tx, ctx.user, ConsentKind.MOTION, ctx.now)
    portrait = await ctx.tx.get(Portrait, PortraitId(aimed)) if aimed else None
    if aimed and (portrait is None or portrait.user_id != ctx.user.id):
        raise NotFound
    return await _begin(ctx, Relation.SELF if portrait else relation, portrait)


async def screen(ctx: RequestContext) -> Outcome:
    """What the clip that is being prepared waits for: its photo, a look at it, or a motion."""
    clip = _clip(ctx)
    match clip.state:
        case ClipState.COLLECTING if clip.relation_beside is not None:
            key = f"together-send-{clip.relation_beside}"
            return reply(ctx.say(key, together.waiting_buttons(ctx)))
        case ClipState.COLLECTING:
            return reply(ctx.say(f"alive-send-{clip.relation}", _leave_buttons(ctx)))
        case ClipState.PREPARING:
            return reply(await source_message(ctx, clip))
        case _:
            return await motions.menu(ctx, clip)


async def screen_again(ctx: RequestContext) -> Outcome:
    """The clip's question is still open."""
    return Outcome(state=State.CLIP, then=Then.SCREEN)


async def fallback_prompt(ctx: RequestContext) -> Say:
    clip = _clip(ctx)
    if clip.state is ClipState.READY:
        return await motions.prompt(ctx, clip)
    if clip.state is ClipState.COLLECTING and clip.relation_beside is not None:
        return ctx.say("together-prompt-photo", together.waiting_buttons(ctx))
    waits = clip.state is ClipState.COLLECTING
    return ctx.say("alive-prompt-photo" if waits else "alive-looking", _leave_buttons(ctx))


async def under_way(ctx: RequestContext) -> tuple[Reply, ...]:
    """For somebody who asks where they are: the clips that are being made, and the one that waits
    for them."""
    waiting = await ctx.tx.find(
        Clip, user_id=ctx.user.id, state=ClipState.WAITING, order="created_at"
    )
    said: list[Reply] = [await film_message(ctx, one) for one in waiting]
    if ctx.clip is not None:
        key = "alive-waits-photo" if ctx.clip.state is ClipState.COLLECTING else "alive-waits"
        go_on = button(ctx.texts, "alive-button-on", Intent.MOTION)
        leave = button(ctx.texts, "alive-button-leave", Intent.MOTION, "no")
        said.append(ctx.say(key, column(go_on, leave), message_key="alive-waits"))
    return tuple(said)


def takes_source(ctx: RequestContext) -> bool:
    """Whether a photo is for the clip: that was asked last, or nothing else takes one."""
    if ctx.clip is None or ctx.user.banned:
        return False
    waits = ctx.clip.state is ClipState.COLLECTING and ctx.state in _TAKES_NO_PHOTOS
    return waits or ctx.state is State.CLIP


def wants_source(ctx: RequestContext, photo: SentPhoto) -> bool:
    """Whether this photo's bytes may be fetched for the clip: of an album the first is."""
    return takes_source(ctx) and not _is_taken(ctx, photo.album)


async def clip_for_photo(ctx: RequestContext) -> Clip:
    """The clip to which a photo belongs that comes now: another one, of the same person, where the
    present one has its photo; of two photos it takes the place of the second. Raises as
    :func:`shop.clips.clips.begin`."""
    clip = _clip(ctx)
    if clip.state is ClipState.COLLECTING or clip.relation is None:
        return clip
    if clip.relation_beside is not None:
        return await clips.send_beside_again(ctx.tx, clip, ctx.now)
    return await clips.begin(ctx.tx, ctx.deps.cipher, ctx.user, clip.relation, ctx.now)


async def take_source(ctx: RequestContext, album: str) -> Outcome:
    """Take the photo that was fetched, or say why not."""
    match ctx.source:
        case StoredSource(clip_id=id):
            clip = await ctx.tx.get(Clip, id)
            if clip is None:
                raise NotFound
            preparing = await sources.admit(ctx.tx, clip, ctx.source, ctx.now)
            looking = await source_message(ctx, preparing)
            return Outcome((looking,), State.CLIP, {**ctx.data, ALBUM: album})
        case PhotoRefused(key=key, details=details):
            again = ctx.texts("alive-prompt-photo")
            said = f"{ctx.texts(f'source-{key}', **details)} {again}"
            return reply(
                Say(said, _leave_buttons(ctx), "photo-note", Tone.TROUBLE), state=State.CLIP
            )
        case ShopError() as refusal:
            raise refusal
    return reply(ctx.say("alive-one-photo", message_key="photo-note"), state=ctx.state)


async def choose_motion(ctx: RequestContext) -> Outcome:
    """Let the clip be made, moving as chosen; without a motion, show where its preparation is."""
    if ctx.argument == "no":
        return await leave(ctx)
    if ctx.clip is None:
        return await nothing_to_move(ctx)
    entry = ctx.deps.catalog.motions.get(ctx.argument)
    if entry is None or ctx.clip.state is not ClipState.READY:
        return reply_and_show(state=State.CLIP)
    owed = await filming.request(ctx.tx, ctx.deps.catalog, ctx.clip, entry.motion, ctx.now)
    return reply(await film_message(ctx, owed))


async def leave(ctx: RequestContext) -> Outcome:
    """Never mind: what was prepared is given up, and what was sent for it erased; else a clip that
    waits for its work is stopped."""
    data = {key: value for key, value in ctx.data.items() if key != AIM}
    if together.is_asked(ctx) and ctx.state is State.RELATION:
        return Outcome(state=State.CLIP, data=data, then=Then.SCREEN)
    key, count = "alive-left", 0
    if ctx.clip is None and (stopped := await stop_waiting(ctx)):
        return replace(stopped, data=data)
    if ctx.clip is not None:
        await clips.give_up(ctx.tx, ctx.clip, ctx.now)
        count = len(ctx.clip.sources)
        key = "alive-left-photo" if count else key
    return Outcome((ctx.say(key, count=count),), data=data, then=Then.SCREEN)


async def stop_waiting(ctx: RequestContext) -> Outcome | None:
    """Stop the newest clip that waits for its work and can be stopped; where that of all has begun,
    show how far the newest is. None: no clip waits."""
    waiting = await ctx.tx.find(
        Clip, user_id=ctx.user.id, state=ClipState.WAITING, order="-created_at"
    )
    for clip in waiting:
        if await filming.stop(ctx.tx, clip, ctx.now):
            return reply(_stopped(ctx, clip))
    if not waiting:
        return None
    motion = motion_title(ctx.deps.catalog, ctx.texts, waiting[0].motion)
    late = ctx.say("clip-stop-late", motion=motion)
    return reply(late, await film_message(ctx, waiting[0]))


def _stopped(ctx: RequestContext, clip: Clip) -> Say:
    motion = motion_title(ctx.deps.catalog, ctx.texts, clip.motion)
    back = "gift" if clip.gift else "credits"
    return ctx.say(
        "clip-stopped", alive_button(ctx), tone=Tone.RECEIPT,
        motion=motion, back=back, credits=clip.credits,
    )  # fmt: skip


async def withdraw(ctx: RequestContext) -> Outcome:
    """Withdraw the consent to motion: what is not finished ends."""
    ended = await endings.withdraw_consent(ctx.tx, ctx.user, ctx.now)
    reloaded = await reload_context(ctx, State.NEW)
    said = reloaded.say("alive-withdrawn", tone=Tone.RECEIPT, count=ended)
    return reply(said, state=reloaded.state)


def alive_button(ctx: RequestContext) -> Keyboard:
    """A row with the button that begins a clip of a photo."""
    return column(button(ctx.texts, "alive-button", Intent.ALIVE))


async def _begin(ctx: RequestContext, relation: Relation, portrait: Portrait | None) -> Outcome:
    data = {key: value for key, value in ctx.data.items() if key not in (AIM, ALBUM)}
    await clips.begin(ctx.tx, ctx.deps.cipher, ctx.user, relation, ctx.now, portrait=portrait)
    return Outcome(state=State.CLIP, data=data, then=Then.SCREEN)


async def _portrait(ctx: RequestContext, id: str) -> Portrait | Outcome:
    """The person's portrait of that id; of a set of several, the question which. Raises
    :class:`NotFound`, also for another's."""
    found = await ctx.tx.get(Portrait, PortraitId(id))
    if found is not None and found.user_id == ctx.user.id:
        return found
    shoot = await ctx.tx.get(Shoot, ShootId(id))
    if shoot is None or shoot.user_id != ctx.user.id:
        raise NotFound
    painted = await portraits.pictures_of_shoot(ctx.tx, shoot)
    if not painted:
        raise NotFound
    return painted[0] if len(painted) == 1 else reply(_which(ctx, painted))


def _which(ctx: RequestContext, painted: Sequence[Portrait]) -> Say:
    numbered = (
        button(ctx.texts, "share-button-one", Intent.ALIVE, one.id, number=number)
        for number, one in enumerate(painted, start=1)
    )
    where = button(ctx.texts, "button-where", Intent.WHERE)
    return ctx.say("alive-which", (*pairs(*numbered), (where,)))


async def nothing_to_move(ctx: RequestContext) -> Outcome:
    """A motion was chosen, and nothing is being prepared: it was chosen before, or too long ago."""
    made = await under_way(ctx)
    if made:
        return reply(*made)
    return reply(ctx.say("alive-nothing", alive_button(ctx)))


def _question(ctx: RequestContext, key: str) -> Say:
    if _aims_at_portrait(ctx):
        yes = [button(ctx.texts, "alive-portrait-yes", Intent.RELATION, Relation.SELF)]
    else:
        yes = [
            button(ctx.texts, f"alive-who-{one}", Intent.RELATION, one.value) for one in Relation
        ]
    leave = button(ctx.texts, "alive-button-leave", Intent.CANCEL)
    hours = ctx.deps.settings.upload_hours
    return ctx.say(key, column(*yes, leave), hours=hours)


def _leave_buttons(ctx: RequestContext) -> Keyboard:
    return column(button(ctx.texts, "alive-button-leave", Intent.MOTION, "no"))


def _aims_at_portrait(ctx: RequestContext) -> bool:
    return ctx.data.get(AIM, PHOTO) not in (PHOTO, TOGETHER, WISH)


def _is_taken(ctx: RequestContext, album: str) -> bool:
    return bool(album) and ctx.data.get(ALBUM) == album


def _clip(ctx: RequestContext) -> Clip:
    if ctx.clip is None:
        raise NotFound
    return ctx.clip
