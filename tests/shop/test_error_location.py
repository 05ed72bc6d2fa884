"""Where an error happened: our own places first, and no values."""

import json

from shop.error_location import INNERMOST, where

SECRET = "personal"


def _raised(work) -> Exception:
    try:
        work()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def _deep(levels: int) -> None:
    if levels:
        _deep(levels - 1)
    json.loads(SECRET)


def _translated() -> None:
    try:
        _deep(0)
    except ValueError as error:
        raise LookupError(SECRET) from error


def test_our_own_places_and_the_very_innermost() -> None:
    places = where(_raised(lambda: _deep(20)))
    assert len(places) == INNERMOST
    assert "json" in places[-1]
    assert all(__file__ in place for place in places[:-1])
    assert SECRET not in str(places)


def test_a_translated_error_happened_where_the_first_one_did() -> None:
    places = where(_raised(_translated))
    assert "json" in places[-1]
    assert __file__ in places[-2]


def test_an_error_that_nobody_raised_has_no_place() -> None:
    assert where(ValueError(SECRET)) == []
