"""Limits at the door: how much one person, one group and one address may ask for.

What comes in is counted before anything is read, decoded or stored for it. Whoever goes beyond a
limit hears once how long to wait, and is not heard until then. Payments and refunds are never
counted, nor is what an admin says, presses or sends in their own chat; their orders, bills and
inline queries are, and by address what the playground serves them. What a person has a right to
(cancel, erase, revoke, their data, help with a payment) has an allowance of its own, so that no
flood of theirs uses it up.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from handlers.chat import (
    Content,
    Incoming,
    Left,
    Paid,
    Person,
    Pressed,
    Refunded,
    Said,
    Say,
    SentPhoto,
    Tone,
)
from handlers.intents import Intent, read_action, read_words
from handlers.texts import Texts
from shop.errors import TooManyBills, TooManyCaseMessages, TooManyCodes, TooManyOrders

MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` at once, refilled evenly within ``seconds``: so never more than twice as
    many within any ``seconds``. ``name`` is that of its counters."""

    name: str
    most: int
    seconds: float


UPDATES: Final = Limit("updates", 60, MINUTE)
"""Per person, whatever else is not named here: one a second, for ever, is no conversation."""

RIGHTS: Final = Limit("rights", 60, MINUTE)
"""Per person: :data:`ALWAYS_HEARD`."""

PHOTOS: Final = Limit("photos", 120, HOUR)
"""Per person: four times what an order can use; files to verify count as well."""

ORDERS: Final = Limit("orders", 10, DAY)
"""Per person: avatar orders begun."""

BILLS: Final = Limit("bills", 60, HOUR)
"""Per person: bills asked for; each may be a call to the payment provider. A page that is one
counts by order as well."""

CODES: Final = Limit("codes", 20, HOUR)
"""Per person: codes to link chats, shown or typed. Far fewer wrong ones close the door:
:mod:`shop.people.link_codes`."""

CASES: Final = Limit("cases", 30, HOUR)
"""Per person: messages to a person of the studio, who reads each of them."""

SHARING: Final = Limit("sharing", 120, MINUTE)
"""Per person: looks for what can be shared, one for each letter that is typed."""

GROUP_COMMANDS: Final = Limit("group", 15, MINUTE)
"""Per group: commands answered there. Telegram lets us post twenty messages a minute."""

NEW_PEOPLE: Final = Limit("new-people", 30, HOUR)
"""Per address: people stored for the first time. A school class or an office fits in."""

ADDRESS_PHOTOS: Final = Limit("address-photos", 1500, HOUR)
"""Per address: photos of all its people, and files sent to the page /verify; a class of thirty
sends 900 if all fill an order."""

PAGES: Final = Limit("pages", 120, MINUTE)
"""Per address: pages served to newcomers; per person: to those that are known. Per bill and
address: how often its page asks whether it is paid."""

PICTURES: Final = Limit("pictures", 600, MINUTE)
"""Per person: pictures of the album, each of which is decrypted and signed: a page's two hundred
sets are eight hundred, and nobody scrolls that fast."""

FORGERIES: Final = Limit("forgeries", 20, MINUTE)
"""Per address: requests with a wrong secret or signature that are answered and logged each."""

LIMITS: Final = (
    UPDATES, RIGHTS, PHOTOS, ORDERS, BILLS, CASES, CODES, SHARING, GROUP_COMMANDS,
    NEW_PEOPLE, ADDRESS_PHOTOS, PAGES, PICTURES, FORGERIES,
)  # fmt: skip
"""All of them; ``EIDER_LIMIT_PERCENT`` scales them together."""

ALWAYS_HEARD: Final = frozenset(
    {
        Intent.AGREE, Intent.CANCEL, Intent.DECLINE, Intent.ERASE, Intent.MYDATA, Intent.PAY,
        Intent.PAYSUPPORT, Intent.REVOKE, Intent.UNLINK,
    }
)  # fmt: skip
"""What a person has a right to, with the answers to its questions, and paying."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A limit was reached: nothing more of it is taken for ``seconds``. ``first``: this is the
    request that reached it; the others of the same period are told nothing new."""

    limit: Limit
    seconds: float
    first: bool


class Limiter(Protocol):
    """Counts, for all processes together. Whose counts they are is never kept in clear."""

    async def take(self, limit: Limit, whose: str) -> Wait | None:
        """Count one more of ``whose``. None: it may pass. Otherwise it is not counted, and neither
        are others until :attr:`Wait.seconds` are over; then at least a quarter may pass at once.

        Raises :class:`shop.errors.Unavailable` when nobody can say.
        """


def name_of(person: Person) -> str:
    """Whose counts a person's are: of that chat, also after an erasure."""
    return f"{person.platform}:{person.id}"


def limit_of(content: Content) -> Limit | None:
    """The allowance that an update of a person's own chat is taken from; None: it is not limited.

    Telling that they blocked us or came back is a right like another: it is stored, not answered.
    """
    match content:
        case Paid() | Refunded():
            return None
        case SentPhoto():
            return PHOTOS
        case Left():
            return RIGHTS
        case Said(text):
            wanted = read_words(text)
        case Pressed(text):
            wanted = read_action(text)
        case _:
            wanted = None
    return RIGHTS if wanted and wanted[0] in ALWAYS_HEARD else UPDATES


async def take(limiter: Limiter, incoming: Incoming) -> Wait | None:
    """Count an update. None: it may be handled. Raises as :meth:`Limiter.take`."""
    if incoming.group:
        place = f"{incoming.person.platform}:{incoming.group}"
        return await limiter.take(GROUP_COMMANDS, place)
    limit = limit_of(incoming.content)
    return None if limit is None else await limiter.take(limit, name_of(incoming.person))


def sentence(say: Texts, wait: Wait) -> Say:
    """What was not taken, and for how long nothing more will be: for a chat that keeps nothing."""
    text = say(f"limit-{wait.limit.name}", wait=say.wait(wait.seconds))
    return Say(text, tone=Tone.TROUBLE)


class NotCounted(Exception):
    """A step needs that limit counted first, outside of its transaction."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(limit.name)
        self.limit = limit


Counted = Mapping[Limit, Wait | None]
"""What was counted of one update, beside the update itself."""
Answer = TypeVar("Answer")


async def counting(
    limiter: Limiter, person: Person, step: Callable[[Counted], Awaitable[Answer]]
) -> Answer:
    """What ``step`` returns, called anew with what it wants counted (:class:`NotCounted`). So no
    transaction, which others wait for, waits for the limiter. Raises as :meth:`Limiter.take`."""
    counted: dict[Limit, Wait | None] = {}
    while True:
        try:
            return await step(counted)
        except NotCounted as first:
            if first.limit in counted:
                raise
            counted[first.limit] = await limiter.take(first.limit, name_of(person))


def require_order(counted: Counted, say: Texts) -> None:
    """Count an order that is begun. Raises :class:`TooManyOrders` (wait), or :class:`NotCounted`
    before anything is changed."""
    if wait := _of(counted, ORDERS):
        raise TooManyOrders(wait=say.wait(wait.seconds))


def require_code(counted: Counted, say: Texts) -> None:
    """Count a code to link chats. Raises :class:`TooManyCodes` (wait), or :class:`NotCounted`."""
    if wait := _of(counted, CODES):
        raise TooManyCodes(wait=say.wait(wait.seconds))


def require_case(counted: Counted, say: Texts) -> None:
    """Count a message to a person of the studio. Raises :class:`TooManyCaseMessages` (wait), or
    :class:`NotCounted`."""
    if wait := _of(counted, CASES):
        raise TooManyCaseMessages(wait=say.wait(wait.seconds))


async def require_bill(limiter: Limiter, person: Person, say: Texts) -> None:
    """Count a bill that is asked for, outside of transactions. Raises :class:`TooManyBills` (wait),
    or Unavailable."""
    if wait := await limiter.take(BILLS, name_of(person)):
        raise TooManyBills(wait=say.wait(wait.seconds))


def _of(counted: Counted, limit: Limit) -> Wait | None:
    if limit not in counted:
        raise NotCounted(limit)
    return counted[limit]
