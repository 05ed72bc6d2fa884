"""Whether the photos of an order are perhaps a minor's, and which of them wait for a person. Pure.

Held photos are what an admin is shown; the line is :func:`shop.photos.quality.is_young`.
"""

from collections.abc import Sequence
from dataclasses import replace

from shop.photos import quality
from shop.photos.quality import PhotoFindings
from shop.records import Flaw, Photo, PhotoState, User

_SEEN = (PhotoState.ACCEPTED, PhotoState.HELD)


def looks_young(album: Sequence[Photo]) -> bool:
    """By the median of the photos that show the customer: those that count, and what was refused
    for its age.
    """
    return quality.is_young([
        one.youth
        for one in album
        # What was never looked at, such as the same bytes again, would count as an adult's.
        if one.state in _SEEN or (one.flaw is Flaw.MINOR and one.youth > 0)
    ])  # fmt: skip


def as_stated(findings: PhotoFindings, sender: User) -> PhotoFindings:
    """What was found in a photo; of a sender who says that they are a minor, with that age."""
    return replace(findings, youth=1.0) if sender.stated_minor_at else findings


def to_hold(album: Sequence[Photo]) -> tuple[Photo, ...]:
    """What looks young and counts, of an album that looks young."""
    if not looks_young(album):
        return ()
    return tuple(
        one
        for one in album
        if one.state is PhotoState.ACCEPTED and one.youth >= quality.RULES.young
    )


def to_accept(album: Sequence[Photo]) -> tuple[Photo, ...]:
    """What was held, of an album that does not look young; not what surely does by itself."""
    if looks_young(album):
        return ()
    return tuple(
        one
        for one in album
        if one.state is PhotoState.HELD
        and one.flaw is Flaw.MINOR
        and one.youth < quality.RULES.surely_young
    )
