"""One error tree for everything that a rule of the shop can refuse.

Each leaf carries the key of the message that tells a person what happened and what to do next;
the words themselves live in ``locales/``. A step does not catch these: the desk makes them a Say.
"""

from typing import ClassVar


class ShopError(Exception):
    """A rule said no. ``key`` names the message, ``details`` fills its blanks."""

    key: ClassVar[str] = "error-unknown"

    def __init__(self, **details: str | int) -> None:
        super().__init__(self.key)
        self.details = details


class Unavailable(Exception):
    """The database or the session store does not answer. Nobody's fault and soon over: an adapter
    that can have the event delivered again does so, and nothing of it was done yet."""


class NotFound(ShopError):
    """Nothing of that id belongs to this person (never tells whether it belongs to another)."""

    key = "error-not-found"


class Duplicate(ShopError):
    """A unique key exists already: the same outside event came twice. Twice is success."""

    key = "error-duplicate"


class NotAllowed(ShopError):
    """The record is in a state from which this step does not lead anywhere."""

    key = "error-not-allowed"


class Banned(ShopError):
    key = "error-banned"


class ConsentMissing(ShopError):
    key = "error-consent-missing"


class AlreadyPaid(ShopError):
    """The bill was paid before: a second payment would only travel back."""

    key = "error-already-paid"


class BillOutdated(ShopError):
    """The bill is not the order's any more: it was cancelled, or its price has changed."""

    key = "error-bill-outdated"


class SalesPaused(ShopError):
    key = "error-sales-paused"


class QueueTooLong(ShopError):
    """Selling stops when the wait would be longer than we dare to promise (details: minutes)."""

    key = "error-queue-too-long"


class TooFewPhotos(ShopError):
    """details: accepted, minimum."""

    key = "error-too-few-photos"


class StillChecking(ShopError):
    """Some photos have not been looked at yet (details: checking)."""

    key = "error-still-checking"


class EnoughPhotos(ShopError):
    """details: maximum."""

    key = "error-enough-photos"


class TooFewCredits(ShopError):
    """details: needed, balance."""

    key = "error-too-few-credits"


class AvatarMissing(ShopError):
    key = "error-avatar-missing"


class TemplateNotShown(ShopError):
    """The template exists, but the base model of this house cannot show it."""

    key = "error-template-not-shown"


class LikenessAtCeiling(ShopError):
    key = "error-likeness-ceiling"


class LikenessAtFloor(ShopError):
    key = "error-likeness-floor"


class WrongAmount(ShopError):
    """A till reports another amount or currency than the order's: held for a person to look at."""

    key = "error-wrong-amount"


class PhotoRefused(ShopError):
    """The bytes that came are no photo we can take; the leaves say why."""

    key = "photo-unreadable"


class PhotoUnreadable(PhotoRefused):
    key = "photo-unreadable"


class PhotoBomb(PhotoRefused):
    """More pixels than any camera makes: refused before it is decoded."""

    key = "photo-bomb"


class PhotoTooSmall(PhotoRefused):
    key = "photo-too-small"


class PhotoTooLarge(PhotoRefused):
    """More bytes than the platform or we can take (details: megabytes)."""

    key = "photo-too-large"


class TillError(ShopError):
    """The till could not be asked; nothing was charged."""

    key = "error-till"


class Forged(TillError):
    """A notification whose signature, time or shape is wrong. Answered 401, never applied."""

    key = "error-till"
