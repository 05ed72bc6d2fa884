"""The life of a prompt: a customer says in their own words what is to be painted.

    prompt = await prompts.ask(tx, cipher, user, wish, base, now, avatar)   # told, costs nothing
    shoot = await prompts.order(tx, catalog, cipher, prompt, now)           # holds the credits

What was heard of the words is stored between the two, and as long as it can be painted again,
sealed under a key of the prompt's own; what the base does not know is forgotten when it is ordered.
A sentence in which :func:`shop.catalog.wishes.blocked` finds something must not come here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from shop.avatars import portraits
from shop.avatars.portraits import PAINT, SHOOT_SIZE
from shop.catalog import Catalog
from shop.catalog.wishes import Wish
from shop.encryption import EnvelopeCipher, destroy
from shop.errors import AvatarMissing, ConsentMissing, NotAllowed, NotFound
from shop.jobs import jobs, outbox
from shop.money import ledger
from shop.people import consent
from shop.people.users import lock as lock_user
from shop.people.users import lock_unbanned
from shop.ports import Below, Tx
from shop.records import (
    CHAT,
    Avatar,
    AvatarState,
    ConsentKind,
    Portrait,
    Prompt,
    PromptId,
    PromptState,
    Shoot,
    ShootId,
    ShootKind,
    ShootState,
    User,
    new_id,
)
from shop.transitions import move

TRANSITIONS: Final[Mapping[PromptState, frozenset[PromptState]]] = {
    PromptState.ASKED: frozenset({PromptState.ORDERED, PromptState.ENDED}),
    PromptState.ORDERED: frozenset({PromptState.ENDED}),
}

_WISH: Final = TypeAdapter(Wish)


async def transition(
    tx: Tx, prompt: Prompt, state: PromptState, now: datetime, **changes: object
) -> Prompt:
    """Change a prompt's state: the only function that does. The caller has locked its owner.

    Raises :class:`NotFound`, or :class:`NotAllowed` for a step that :data:`TRANSITIONS` lacks.
    """
    return await move(tx, prompt, TRANSITIONS, state, touched_at=now, **changes)


async def ask(
    tx: Tx,
    cipher: EnvelopeCipher,
    user: User,
    wish: Wish,
    base: str,
    now: datetime,
    avatar: Avatar | None = None,
) -> Prompt:
    """Store what was heard, so that its customer can order what they were told; what they were
    asked about before is forgotten. Of ``avatar``, or of nobody.

    Raises :class:`Banned`, :class:`ConsentMissing` without the terms, or :class:`NotAllowed` for a
    wish of which nothing was heard.
    """
    await lock_unbanned(tx, user.id)
    await _require_terms(tx, user)
    if wish.is_empty:
        raise NotAllowed
    for former in await tx.find(Prompt, user_id=user.id, state=PromptState.ASKED, lock=True):
        await _end(tx, former, now)
    id = PromptId(new_id())
    key_id = await cipher.new_key(tx, now)
    prompt = Prompt(
        id=id,
        user_id=user.id,
        state=PromptState.ASKED,
        base=base,
        created_at=now,
        touched_at=now,
        avatar_id=avatar.id if avatar else None,
        key_id=key_id,
        sealed=await cipher.seal(tx, key_id, _WISH.dump_json(wish), _path(id)),
    )
    await tx.add(prompt)
    return prompt


async def order(
    tx: Tx, catalog: Catalog, cipher: EnvelopeCipher, prompt: Prompt, now: datetime
) -> Shoot:
    """Its customer agrees to what they were told: hold the credits, and owe the pictures. Ordered
    again (a second press), it is the shoot that this prompt was ordered with first.

    Raises :class:`Banned`, :class:`ConsentMissing`, :class:`AvatarMissing`,
    :class:`TooFewCredits`, or :class:`NotFound` for one that was forgotten meanwhile.
    """
    user = await lock_unbanned(tx, prompt.user_id)
    fresh = await tx.get(Prompt, prompt.id, lock=True)
    if fresh is None or fresh.key_id is None:
        raise NotFound
    if fresh.state is PromptState.ORDERED:
        first = await tx.find(Shoot, prompt_id=fresh.id, order="created_at", limit=1)
        if not first:
            raise NotFound
        return first[0]
    await _require_terms(tx, user)
    wish = replace(await find_wish(tx, cipher, fresh), unknown=(), left_out=())
    sealed = await cipher.seal(tx, fresh.key_id, _WISH.dump_json(wish), _path(fresh.id))
    ordered = await transition(tx, fresh, PromptState.ORDERED, now, sealed=sealed)
    return await _shoot(tx, catalog, ordered, ShootKind.STYLE, now, None)


async def again(
    tx: Tx,
    catalog: Catalog,
    prompt: Prompt,
    kind: ShootKind,
    now: datetime,
    seeds: Sequence[int] | None = None,
) -> Shoot:
    """The same words once more: with other seeds, or with these (:func:`portraits.seeds_again`) at
    the avatar's present likeness. Raises as :func:`order`, :class:`NotAllowed` for one that was
    never ordered."""
    await lock_unbanned(tx, prompt.user_id)
    fresh = await tx.get(Prompt, prompt.id, lock=True)
    if fresh is None or fresh.key_id is None:
        raise NotFound
    if fresh.state is not PromptState.ORDERED:
        raise NotAllowed
    return await _shoot(tx, catalog, fresh, kind, now, seeds)


async def find_wish(tx: Tx, cipher: EnvelopeCipher, prompt: Prompt) -> Wish:
    """What was heard. Raises :class:`NotFound` once it was forgotten."""
    if prompt.key_id is None:
        raise NotFound
    plain = await cipher.open(tx, prompt.key_id, prompt.sealed, _path(prompt.id))
    return _WISH.validate_json(plain)


async def current(tx: Tx, user: User) -> Prompt | None:
    """What the person was told last and has not ordered, if there is anything."""
    found = await tx.find(
        Prompt, user_id=user.id, state=PromptState.ASKED, order="-created_at", limit=1
    )
    return found[0] if found else None


async def give_up(tx: Tx, user: User, now: datetime) -> bool:
    """The person does not want what they were told: it is forgotten. False: there was nothing."""
    await lock_user(tx, user.id)
    asked = await tx.find(Prompt, user_id=user.id, state=PromptState.ASKED, lock=True)
    for prompt in asked:
        await _end(tx, prompt, now)
    return bool(asked)


async def erase(tx: Tx, prompt: Prompt, why: str, now: datetime) -> None:
    """Leave nothing of a prompt: its key now, and of nobody's the portraits with it, whose blobs go
    by an outbox message; what is being painted ends. Nothing happens to one that has ended."""
    await lock_user(tx, prompt.user_id)
    fresh = await tx.get(Prompt, prompt.id, lock=True)
    if fresh is None or fresh.state is PromptState.ENDED:
        return
    for shoot in await tx.find(Shoot, prompt_id=fresh.id, state=ShootState.WAITING):
        await portraits.fail(tx, shoot, why, now, silent=True)
    await tx.remove(Portrait, prompt_id=fresh.id)
    await _end(tx, fresh, now)
    if fresh.avatar_id is None and fresh.state is PromptState.ORDERED:
        await outbox.enqueue(tx, CHAT, "erase_blobs", {"prefix": f"portraits/{fresh.id}"}, now)


async def stale(tx: Tx, before: datetime) -> list[Prompt]:
    """What people were told before that time and never ordered."""
    return await tx.find(
        Prompt, state=PromptState.ASKED, touched_at=Below(before), order="touched_at"
    )


async def expire(tx: Tx, prompt: Prompt, before: datetime, now: datetime) -> bool:
    """Forget one that is still stale."""
    await lock_user(tx, prompt.user_id)
    fresh = await tx.get(Prompt, prompt.id, lock=True)
    if fresh is None or fresh.state is not PromptState.ASKED or fresh.touched_at >= before:
        return False
    await _end(tx, fresh, now)
    return True


async def _end(tx: Tx, prompt: Prompt, now: datetime) -> Prompt:
    await destroy(tx, prompt.key_id)
    return await transition(tx, prompt, PromptState.ENDED, now, key_id=None, sealed=b"")


async def _shoot(
    tx: Tx,
    catalog: Catalog,
    prompt: Prompt,
    kind: ShootKind,
    now: datetime,
    seeds: Sequence[int] | None,
) -> Shoot:
    avatar = await tx.get(Avatar, prompt.avatar_id, lock=True) if prompt.avatar_id else None
    if prompt.avatar_id and (avatar is None or avatar.state is not AvatarState.READY):
        raise AvatarMissing
    shoot = Shoot(
        id=ShootId(new_id()),
        user_id=prompt.user_id,
        avatar_id=prompt.avatar_id,
        template="",
        kind=kind,
        state=ShootState.WAITING,
        weight=avatar.weight if avatar else 0.0,
        checkpoint=avatar.checkpoint if avatar else 0,
        beauty=avatar.beauty if avatar else 0.0,
        seeds=tuple(seeds or portraits.draw_seeds(SHOOT_SIZE)),
        credits=PAINT.price(catalog),
        created_at=now,
        prompt_id=prompt.id,
    )
    await ledger.hold(tx, shoot.user_id, portraits.subject(shoot), shoot.credits, now)
    await tx.add(shoot)
    await jobs.enqueue(tx, PAINT, shoot.id, shoot.user_id, now)
    return shoot


async def _require_terms(tx: Tx, user: User) -> None:
    if not await consent.is_given(tx, user, ConsentKind.TERMS):
        raise ConsentMissing


def _path(id: PromptId) -> str:
    """What the sealed words are authenticated with."""
    return f"prompts/{id}"
