"""Invoices, in Stars above all, and the answer to whether one may be paid."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.botapi.records import Call
from tests.botapi.rules.findings import Broken

_START = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MONTH = 2_592_000
_MOST_A_MONTH = 10_000


def rules(call: Call, values: Mapping[str, Any], local: bool) -> Iterator[Broken]:
    """Of sendInvoice, createInvoiceLink and answerPreCheckoutQuery."""
    if call.method in ("sendInvoice", "createInvoiceLink"):
        yield from _invoice(call.method, values)
    if call.method == "answerPreCheckoutQuery":
        yield from _answer(values)


def _answer(values: Mapping[str, Any]) -> Iterator[Broken]:
    if not values.get("ok") and not values.get("error_message"):
        yield Broken(
            "answerPreCheckoutQuery: no without an error_message",
            'Bad Request: parameter "error_message" is required',
        )


def _invoice(method: str, values: Mapping[str, Any]) -> Iterator[Broken]:
    start = values.get("start_parameter")
    if start and not _START.fullmatch(start):
        yield Broken(
            f"{method}: start_parameter {start!r} has other signs than A-Za-z0-9_-",
            "Bad Request: START_PARAM_INVALID",
        )
    currency = values.get("currency", "")
    prices = values.get("prices")
    amounts = _amounts(prices) if isinstance(prices, list) else []
    if currency == "XTR":
        yield from _stars(method, values, amounts)
    elif not re.fullmatch("[A-Z]{3}", str(currency)):
        yield Broken(f"{method}: currency {currency!r}", "Bad Request: CURRENCY_INVALID")
    elif not values.get("provider_token"):
        yield Broken(
            f"{method}: {currency} without a provider_token",
            "Bad Request: PAYMENT_PROVIDER_INVALID",
        )
    if isinstance(prices, list) and not amounts:
        yield Broken(f"{method}: no price", "Bad Request: there must be at least one price")
    elif amounts and sum(amounts) <= 0:
        yield Broken(
            f"{method}: the total is {sum(amounts)}",
            "Bad Request: CURRENCY_TOTAL_AMOUNT_INVALID",
        )


def _amounts(prices: list[Any]) -> list[int]:
    whole = [each.get("amount") for each in prices if isinstance(each, dict)]
    return [each for each in whole if isinstance(each, int)]


def _stars(method: str, values: Mapping[str, Any], amounts: list[int]) -> Iterator[Broken]:
    if values.get("provider_token"):
        yield Broken(
            f"{method}: a provider_token for Stars", "Bad Request: PAYMENT_PROVIDER_INVALID"
        )
    if len(values.get("prices") or []) > 1:
        yield Broken(
            f"{method}: Stars want exactly one price", "Bad Request: STARS_INVOICE_INVALID"
        )
    if values.get("max_tip_amount") or values.get("suggested_tip_amounts"):
        yield Broken(f"{method}: no tips in Stars", "Bad Request: STARS_INVOICE_INVALID")
    period = values.get("subscription_period")
    if period and (period != _MONTH or sum(amounts) > _MOST_A_MONTH):
        yield Broken(
            f"{method}: {sum(amounts)} Stars each {period} seconds",
            "Bad Request: SUBSCRIPTION_PERIOD_INVALID",
        )
