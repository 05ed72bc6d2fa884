"""The shop's exceptions: one tree for everything that a rule can refuse.

Each leaf carries the key of the message that tells a person what happened and what to do next; the
texts are in ``locales/``. Steps of the dialogue do not catch these: the dispatcher answers them.
"""

from typing import ClassVar


class ShopError(Exception):
    """A rule refused. ``key`` names the message, ``details`` are its arguments."""

    key: ClassVar[str] = "error-unknown"

    def __init__(self, **details: str | int) -> None:
        super().__init__(self.key)
        self.details = details


class Unavailable(Exception):
    """The database, the session store or the blob store does not answer; nothing of the event was
    done. A temporary fault: an adapter that can have the event delivered again does so."""


class StoreBroken(Unavailable):
    """The database answers, but lacks a table or the right to use it: an outage that somebody has
    to mend."""


class SchemaUnfit(Unavailable):
    """The tables are of a version that this code cannot work on: an outage that ends when somebody
    migrates them, or installs the code that they want. Its text says which of the two."""


class NotBooked(Unavailable):
    """A till's report of a payment or a refund could not be stored, whatever broke: it must not be
    acknowledged. See :class:`shop.orders.booking_failures.BookingFailures`."""


class TransactionConflict(Unavailable):
    """The database undid a transaction for another one's sake (a deadlock, or two that could not
    both be right). Done again it is likely to succeed: :func:`shop.transactions.run_transaction`.
    """


class CannotStart(Exception):
    """What a process needs is not there: a database, Redis, a port. Its text is one sentence for
    the operator, without the secrets that an address may hold. ``status`` is the exit status: 1
    where another start may succeed, 2 where the operator must put a setting right first."""

    status: ClassVar[int] = 1


class NotFound(ShopError):
    """Nothing of that id belongs to this person (never tells whether it belongs to another)."""

    key = "error-not-found"


class Duplicate(ShopError):
    """A unique key exists already, as when an outside event is delivered twice."""

    key = "error-duplicate"


class NotAllowed(ShopError):
    """The record is in a state from which this step does not lead anywhere."""

    key = "error-not-allowed"


class CaseIsClosed(ShopError):
    """Nothing is passed on any more in that support case."""

    key = "error-case-closed"


class NumberTooShort(ShopError):
    """Too few digits of an order's or a case's number were typed (details: digits)."""

    key = "error-number-too-short"


class NumberAmbiguous(ShopError):
    """More than one order or case begins with what was typed (details: numbers, two of them)."""

    key = "error-number-ambiguous"


class Banned(ShopError):
    key = "error-banned"


class ConsentMissing(ShopError):
    key = "error-consent-missing"


class AlreadyPaid(ShopError):
    """The bill was paid before: a second payment would be refunded."""

    key = "error-already-paid"


class BillOutdated(ShopError):
    """The bill is not the order's any more: it was cancelled, or its price has changed."""

    key = "error-bill-outdated"


class SalesPaused(ShopError):
    key = "error-sales-paused"


class QueueTooLong(ShopError):
    """Sales stop while the wait would be longer than the settings allow (details: minutes)."""

    key = "error-queue-too-long"


class NobodyGenerates(ShopError):
    """No worker is there that makes clips by the video base."""

    key = "error-nobody-generates"


class NobodyWorks(ShopError):
    """Nobody who could do the work has been seen for long: it is not sold. Whoever is told so is
    told when it is sold again (:mod:`shop.orders.openings`)."""

    key = "error-nobody-works"


class TooManyOrders(ShopError):
    """The person has begun as many orders as a day allows (details: wait, in words)."""

    key = "error-too-many-orders"


class TooManyBills(ShopError):
    """The person has asked for as many bills as an hour allows (details: wait, in words)."""

    key = "error-too-many-bills"


class TooManyCodes(ShopError):
    """As many codes to link chats were asked for or typed as an hour allows (details: wait)."""

    key = "error-too-many-codes"


class TooManyCaseMessages(ShopError):
    """As much was written to a person of the studio as an hour allows (details: wait)."""

    key = "error-too-many-case-messages"


class LinkExpired(ShopError):
    """The code that was typed is good no more: its time is over, or it was used."""

    key = "error-link-expired"


class TwoOrdersOpen(ShopError):
    """Two chats with an avatar order under way in each cannot be linked: one would have to end."""

    key = "error-two-orders-open"


class TooManyChats(ShopError):
    """Nobody links more chats than that (details: maximum)."""

    key = "error-too-many-chats"


class TooFewPhotos(ShopError):
    """details: accepted, minimum, missing."""

    key = "error-too-few-photos"


class StillChecking(ShopError):
    """Some photos have not been checked yet (details: checking)."""

    key = "error-still-checking"


class EnoughPhotos(ShopError):
    """details: maximum."""

    key = "error-enough-photos"


class TooFewCredits(ShopError):
    """details: needed, balance."""

    key = "error-too-few-credits"


class AvatarMissing(ShopError):
    key = "error-avatar-missing"


class ClipsPaused(ShopError):
    """Admins have paused clips, or, for one that would be a gift, all sales."""

    key = "error-clips-paused"


class NoFaceToMove(ShopError):
    """The motion moves faces, and none in the picture can be moved: the camera still may."""

    key = "error-no-face-to-move"


class TemplateNotShown(ShopError):
    """The template exists, but the base model in use cannot show it."""

    key = "error-template-not-shown"


class LikenessAtCeiling(ShopError):
    key = "error-likeness-ceiling"


class BeautyAtCeiling(ShopError):
    key = "error-beauty-ceiling"


class WrongAmount(ShopError):
    """A till reports an amount that is not positive."""

    key = "error-wrong-amount"


class PartTooLarge(ShopError):
    """A part to give back that is not less than what is left of the payment (details: left, in
    minor units)."""

    key = "error-part-too-large"


class RefundsWholeOnly(ShopError):
    """The till gives back a payment whole, or not at all."""

    key = "error-refunds-whole-only"


class PhotoRefused(ShopError):
    """The bytes are no photo that can be used; the leaves say why."""

    key = "photo-unreadable"


class PhotoUnreadable(PhotoRefused):
    key = "photo-unreadable"


class PhotoIsVideo(PhotoRefused):
    """A film: it cannot be used where photos are taken."""

    key = "photo-video"


class PhotoBomb(PhotoRefused):
    """More pixels than any camera makes: refused before it is decoded."""

    key = "photo-bomb"


class PhotoTooSmall(PhotoRefused):
    key = "photo-too-small"


class PhotoTooNarrow(PhotoRefused):
    """A strip, such as a long screenshot, in which no face could keep enough pixels."""

    key = "photo-too-narrow"


class PhotoPainted(PhotoRefused):
    """Its label states that a model made it, all of it: no photo of anybody."""

    key = "photo-painted"


class PhotoTooLarge(PhotoRefused):
    """More bytes than the sanitizer takes (details: megabytes)."""

    key = "photo-too-large"


class TillError(ShopError):
    """The till did not answer, or refused; nothing was charged. ``why``: one sentence for the
    operator where it is known, without secrets; "" where asking again later is all there is."""

    key = "error-till"

    def __init__(self, why: str = "", **details: str | int) -> None:
        super().__init__(**details)
        self.why = why


class Forged(TillError):
    """A notification whose signature, time or shape is wrong. Answered 401, never applied."""

    key = "error-till"


class Stale(Forged):
    """A notification whose signature is right and whose time is not: the clocks of the two hosts
    differ, or somebody sends again what they read (details: seconds, by which ours is ahead)."""
