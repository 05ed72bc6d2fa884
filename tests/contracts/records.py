"""Records for the contract tests: any at all, and few enough to collide."""

from datetime import UTC, datetime
from enum import StrEnum
from types import UnionType
from typing import Any, NewType, Union, get_args, get_origin

from hypothesis import strategies as st

from shop.adapters.schema import hints
from shop.records import (
    Currency,
    Journal,
    Order,
    OrderId,
    OrderState,
    Posting,
    Product,
    User,
    UserId,
)
from tests.channels import PLAYGROUND

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)

_words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_whole = st.integers(-(2**63), 2**63 - 1)
_real = st.floats(allow_nan=False, allow_infinity=False)
_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: _words,
    bytes: st.binary(max_size=40),
    bool: st.booleans(),
    int: _whole,
    float: _real,
    datetime: st.datetimes(timezones=st.just(UTC)),
}


def any_value(hint: Any) -> st.SearchStrategy[Any]:
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    if hint in _PLAIN:
        return _PLAIN[hint]
    if get_origin(hint) in (Union, UnionType):
        return st.one_of(
            *(st.none() if part is type(None) else any_value(part) for part in get_args(hint))
        )
    if get_origin(hint) is tuple:
        return st.lists(any_value(get_args(hint)[0]), max_size=5).map(tuple)
    if get_origin(hint) is dict:
        return st.dictionaries(_words, st.one_of(_words, _whole, _real), max_size=5)
    assert issubclass(hint, StrEnum)
    return st.sampled_from(hint)


def any_record(kind: type[Any]) -> st.SearchStrategy[Any]:
    return st.builds(kind, **{name: any_value(hint) for name, hint in hints(kind).items()})


def user(id: str, **changes: Any) -> User:
    given = {"platform_id": id} | changes
    return User(
        id=UserId(id),
        platform=given.pop("platform", PLAYGROUND),
        language="zh_CN",
        language_chosen=False,
        created_at=given.pop("created_at", NOON),
        **given,
    )


def order(id: str, **changes: Any) -> Order:
    given: dict[str, Any] = {
        "user_id": "u",
        "product": Product.AVATAR,
        "state": OrderState.COLLECTING,
        "created_at": NOON,
        "touched_at": NOON,
    }
    return Order(id=OrderId(id), **(given | changes))


def journal(id: str, key: str | None = None) -> Journal:
    return Journal(id=id, key=key or id, kind="test", at=NOON)


def posting(id: str, account: str, amount: int, currency: Currency = Currency.CNY) -> Posting:
    return Posting(id=id, journal_id="j", account=account, currency=currency, amount=amount)
