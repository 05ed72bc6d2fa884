"""``tradebill``: WeChat Pay's own account of a day, in Beijing's time: payments and refunds.

A day's bill is made the next day at ten. It is a table in Chinese, every field behind a backtick,
money in yuan; then a line of totals.
"""

import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Final

from shop.errors import TillError
from shop.ports import StatementPeriod

BEIJING: Final = timezone(timedelta(hours=8))
READY: Final = time(10)
"""When yesterday's bill is there, in Beijing."""
DAYS: Final = 30
"""How many days a statement goes back; WeChat Pay has three months of them."""
LARGEST_BILL: Final = 256 * 1024 * 1024  # bytes of a day, uncompressed: half a million payments

_COLUMNS: Final = (
    "交易时间", "微信订单号", "商户订单号", "用户标识", "交易状态", "货币种类", "商户退款单号",
    "退款状态", "订单金额", "申请退款金额",
)  # fmt: skip
_TOTALS: Final = "总交易单数"
_MONEY: Final = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class BillRow:
    """One movement. ``refund_number`` is "" for a payment; amounts are in fen."""

    at: datetime
    charge: str
    number: str
    payer: str = field(repr=False)
    state: str  # SUCCESS, REFUND or REVOKED
    currency: str
    refund_number: str
    refund_state: str
    amount: int
    refunded: int


def period(now: datetime) -> StatementPeriod:
    """The days whose bills are there at ``now``."""
    local = now.astimezone(BEIJING)
    last = local.date() - timedelta(days=1 if local.time() >= READY else 2)
    since = datetime.combine(last - timedelta(days=DAYS - 1), time(0), BEIJING)
    return StatementPeriod(since, since + timedelta(days=DAYS))


def days(covered: StatementPeriod) -> list[date]:
    """The dates of their bills."""
    first = covered.since.astimezone(BEIJING).date()
    return [
        first + timedelta(days=number) for number in range((covered.until - covered.since).days)
    ]


def unpacked(data: bytes, sha1: str) -> bytes:
    """The bill's bytes, which may have come compressed, if that is their hash. Raises
    :class:`shop.errors.TillError`."""
    if data.startswith(b"\x1f\x8b"):
        data = _inflated(data)
    given = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    if given != sha1.lower():
        raise TillError
    return data


def rows(data: bytes) -> Iterator[BillRow]:
    """Its movements. Raises :class:`shop.errors.TillError` for a table that is not understood, and
    for one that is not whole."""
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise TillError from None
    names = lines[0].split(",") if lines else []
    if not set(_COLUMNS) <= set(names):
        raise TillError
    count = 0
    for place, line in enumerate(lines[1:], start=1):
        if line.startswith(_TOTALS):
            _require_whole(lines[place + 1 :], count)
            return
        if line:
            count += 1
            yield _row(dict(zip(names, _fields(line), strict=False)))
    raise TillError  # it was cut off


def _fields(line: str) -> list[str]:
    """A name of goods may have a comma."""
    return [one.strip() for one in line.removeprefix("`").split(",`")]


def _row(named: dict[str, str]) -> BillRow:
    try:
        at = datetime.strptime(named["交易时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
        return BillRow(
            at=at,
            charge=named["微信订单号"],
            number=named["商户订单号"],
            payer=named["用户标识"],
            state=named["交易状态"],
            currency=named["货币种类"],
            refund_number="" if named["交易状态"] == "SUCCESS" else named["商户退款单号"],
            refund_state=named["退款状态"],
            amount=_fen(named["订单金额"]),
            refunded=_fen(named["申请退款金额"]),
        )
    except (KeyError, ValueError, InvalidOperation):
        raise TillError from None


def _require_whole(rest: list[str], count: int) -> None:
    totals = _fields(rest[0]) if rest else []
    if not totals or totals[0] != str(count):
        raise TillError


def _fen(text: str) -> int:
    """Of yuan, with at most two places. Raises ValueError."""
    if not _MONEY.fullmatch(text):
        raise ValueError(text)
    return int(Decimal(text) * 100)


def _inflated(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        found = unpacker.decompress(data, LARGEST_BILL)
    except zlib.error:
        raise TillError from None
    if not unpacker.eof:
        raise TillError
    return found
