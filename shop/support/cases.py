"""The life of a support case: a person is asked for, with leave that words are passed on.

    case = await cases.begin(tx, cipher, user, now)        # one open case a person
    case = await cases.write(tx, cipher, case, text, now)  # the customer's words
    case = await cases.answer(tx, cipher, case, text, now) # the studio's, told to the customer
    case = await cases.close(tx, case, now)                # by either

Words are sealed under a key of the case's own. No photo is ever part of it. A case goes, with its
key, :data:`KEPT` after its last word, and with an erasure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import TypeAdapter

from shop.encryption import EnvelopeCipher, destroy
from shop.errors import CaseIsClosed, Duplicate, NotAllowed, NotFound, Unavailable
from shop.jobs import outbox
from shop.people.users import admin_name
from shop.people.users import lock as lock_user
from shop.ports import Above, Below, OneOf, Tx
from shop.records import CaseId, CaseState, SupportCase, User, new_id
from shop.transitions import move

LONGEST: Final = 480
"""Letters of one message: what WeChat takes as one with its heading, whatever the signs."""

MOST_LINES: Final = 200
"""Of one case: then it takes no more of the customer's."""

KEPT: Final = timedelta(days=30)
"""How long a case is kept after its last word."""

TRANSITIONS: Final[Mapping[CaseState, frozenset[CaseState]]] = {
    CaseState.OPEN: frozenset({CaseState.OPEN, CaseState.ANSWERED, CaseState.CLOSED}),
    CaseState.ANSWERED: frozenset({CaseState.OPEN, CaseState.ANSWERED, CaseState.CLOSED}),
}

_STILL: Final = OneOf((CaseState.OPEN, CaseState.ANSWERED))


class Side(StrEnum):
    CUSTOMER = "customer"
    STUDIO = "studio"


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a case."""

    by: Side
    at: datetime
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CaseContent:
    """What is sealed: ``where`` is the chat in which the customer gave leave, as admins call it
    (:func:`shop.people.users.admin_name`). From there alone words are passed on, and of their
    chats that one alone is told."""

    where: str = field(repr=False)
    lines: tuple[Line, ...] = ()


_CONTENT: Final = TypeAdapter(CaseContent)


async def transition(
    tx: Tx, case: SupportCase, state: CaseState, now: datetime, **changes: object
) -> SupportCase:
    """Change a case's state: the only function that does. The caller has locked its owner.

    Raises :class:`NotFound`, or :class:`NotAllowed` for a step that :data:`TRANSITIONS` lacks.
    """
    return await move(tx, case, TRANSITIONS, state, touched_at=now, **changes)


async def current(tx: Tx, user: User) -> SupportCase | None:
    """The person's case that is not closed, if there is one."""
    found = await tx.find(SupportCase, user_id=user.id, state=_STILL, limit=1)
    return found[0] if found else None


async def begin(tx: Tx, cipher: EnvelopeCipher, user: User, now: datetime) -> SupportCase:
    """The person gave leave: their open case, or a new one, which is empty. Raises
    :class:`Unavailable` where another one is begun and closed meanwhile."""
    await lock_user(tx, user.id)
    if (open_case := await current(tx, user)) is not None:
        return open_case
    id = CaseId(new_id())
    key_id = await cipher.new_key(tx, now)
    sealed = await cipher.seal(
        tx, key_id, _CONTENT.dump_json(CaseContent(admin_name(user))), _path(id)
    )
    case = SupportCase(id, user.id, CaseState.OPEN, now, now, key_id, sealed=sealed)
    try:
        await tx.add(case)
    except Duplicate as error:
        raise Unavailable("another case was begun") from error
    return case


async def write(
    tx: Tx, cipher: EnvelopeCipher, case: SupportCase, words: str, now: datetime
) -> SupportCase:
    """The customer's words are added. Raises :class:`NotFound`, :class:`CaseIsClosed`,
    :class:`NotAllowed` for a case that is full, and ValueError for words of no or too many
    letters."""
    if case.lines >= MOST_LINES:
        raise NotAllowed
    return await _add(tx, cipher, case, Side.CUSTOMER, words, CaseState.OPEN, now)


async def answer(
    tx: Tx, cipher: EnvelopeCipher, case: SupportCase, words: str, now: datetime
) -> SupportCase:
    """The studio's words are added; a notice tells them to the customer. Raises as :func:`write`,
    but for a full case."""
    answered = await _add(tx, cipher, case, Side.STUDIO, words, CaseState.ANSWERED, now)
    await outbox.notify(tx, case.user_id, "case_answer", now, case=case.id, line=answered.lines - 1)
    return answered


async def close(tx: Tx, case: SupportCase, now: datetime) -> SupportCase:
    """Nothing more is passed on. Raises :class:`NotFound`, or :class:`CaseIsClosed`."""
    await lock_user(tx, case.user_id)
    _require_open(await tx.get(SupportCase, case.id, lock=True))
    return await transition(tx, case, CaseState.CLOSED, now, closed_at=now)


async def content(tx: Tx, cipher: EnvelopeCipher, case: SupportCase) -> CaseContent:
    """Where leave was given, and what was written, in order."""
    plain = await cipher.open(tx, case.key_id, case.sealed, _path(case.id))
    return _CONTENT.validate_json(plain)


async def is_here(tx: Tx, cipher: EnvelopeCipher, case: SupportCase, user: User) -> bool:
    """Whether the person is in the chat where they gave leave."""
    return (await content(tx, cipher, case)).where == admin_name(user)


async def waiting(tx: Tx, limit: int) -> list[SupportCase]:
    """Cases that are not closed and have words, those that wait for the studio first, the longest
    waiting first."""
    found: list[SupportCase] = []
    for state in (CaseState.OPEN, CaseState.ANSWERED):
        found += await tx.find(
            SupportCase, state=state, lines=Above(0), order="touched_at", limit=limit
        )
    return found[:limit]


async def count_waiting(tx: Tx) -> int:
    """How many of them there are."""
    return await tx.count(SupportCase, state=_STILL, lines=Above(0))


async def erase(tx: Tx, user: User) -> None:
    """Nothing of the person's cases is left. The caller has locked them."""
    for case in await tx.find(SupportCase, user_id=user.id):
        await remove(tx, case)


async def stale(tx: Tx, before: datetime) -> list[SupportCase]:
    """Cases in which nothing was written, and which nobody closed, since that time."""
    return await tx.find(SupportCase, touched_at=Below(before), order="touched_at")


async def expire(tx: Tx, case: SupportCase, before: datetime, now: datetime) -> bool:
    """Remove one that is still stale; of one that was not closed, its customer is told."""
    await lock_user(tx, case.user_id)
    fresh = await tx.get(SupportCase, case.id, lock=True)
    if fresh is None or fresh.touched_at >= before:
        return False
    if fresh.state is not CaseState.CLOSED and fresh.lines:
        await outbox.notify(tx, fresh.user_id, "case_closed", now)
    await remove(tx, fresh)
    return True


async def close_one_of_two(tx: Tx, kept: User, joining: User, now: datetime) -> None:
    """Two accounts become one, and both people are locked: one open case is left, the older one."""
    pair = [one for user in (kept, joining) if (one := await current(tx, user)) is not None]
    if len(pair) > 1:
        await close(tx, max(pair, key=lambda one: one.created_at), now)


async def _add(
    tx: Tx,
    cipher: EnvelopeCipher,
    case: SupportCase,
    by: Side,
    words: str,
    state: CaseState,
    now: datetime,
) -> SupportCase:
    if not 0 < len(words) <= LONGEST:
        raise ValueError(f"a message of a case has 1 to {LONGEST} letters")
    await lock_user(tx, case.user_id)
    fresh = _require_open(await tx.get(SupportCase, case.id, lock=True))
    former = await content(tx, cipher, fresh)
    whole = replace(former, lines=(*former.lines, Line(by, now, words)))
    sealed = await cipher.seal(tx, fresh.key_id, _CONTENT.dump_json(whole), _path(fresh.id))
    return await transition(tx, fresh, state, now, sealed=sealed, lines=len(whole.lines))


def _require_open(case: SupportCase | None) -> SupportCase:
    if case is None:
        raise NotFound
    if case.state is CaseState.CLOSED:
        raise CaseIsClosed
    return case


async def remove(tx: Tx, case: SupportCase) -> None:
    """Nothing of it is left, and nobody is told. The caller has locked its owner."""
    await destroy(tx, case.key_id)
    await tx.remove(SupportCase, id=case.id)


def _path(id: CaseId) -> str:
    """What the sealed words are authenticated with."""
    return f"cases/{id}"
