"""``out_trade_no``: the number of one bill at WeChat Pay, from which the order's id can be read.

Such a number stands for one set of terms (price, kind, payer, expiry), and cannot be opened again
once it was closed. So an order has as many as it needs, counted from 1, one series for each kind:
all but the last of a series are over.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shop.errors import TillError
from shop.records import OrderId

LAST: Final = 99_999
"""Of a series: its owner alone has a bill changed, sixty times an hour at most."""

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_LENGTH: Final = 25  # of 128 bits in those digits
_ORDER: Final = re.compile("[0-9a-f]{32}")
_NUMBER: Final = re.compile(rf"([0-9a-z]{{{_LENGTH}}})([nj])([1-9][0-9]{{0,4}})")


class TradeKind(StrEnum):
    """How a bill is paid. The value stands in its number."""

    NATIVE = "n"  # a QR code is scanned
    JSAPI = "j"  # on a page within WeChat, by one person


@dataclass(frozen=True, slots=True)
class TradeNumber:
    """Which order's bill it is, of which kind, and which of that kind. As text it has 27 to 31
    characters, digits and small letters, of the 32 that WeChat Pay takes."""

    order_id: OrderId
    kind: TradeKind
    turn: int

    def __str__(self) -> str:
        if not _ORDER.fullmatch(self.order_id):
            raise TillError
        rest, digits = int(self.order_id, 16), ""
        while rest:
            rest, digit = divmod(rest, len(_DIGITS))
            digits = _DIGITS[digit] + digits
        return f"{digits:0>{_LENGTH}}{self.kind}{self.turn}"


def kind_of(number: str) -> TradeKind | None:
    """None where it is none of ours."""
    parts = _NUMBER.fullmatch(number)
    return TradeKind(parts[2]) if parts else None


def order_of(number: str) -> OrderId:
    """The order whose bill has that number; the number itself where it is none of ours, as of
    whatever else the merchant sells: no order has such an id."""
    parts = _NUMBER.fullmatch(number)
    if parts is None or (value := int(parts[1], len(_DIGITS))) >= 1 << 128:
        return OrderId(number)
    return OrderId(f"{value:032x}")
