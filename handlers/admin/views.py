"""The texts of the admin commands that show figures, queues and orders."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from handlers.texts import Texts
from shop.admin_actions import ID_DIGITS, OrderView, QueueView, Stats
from shop.admin_cases import CaseView, number
from shop.records import Currency, Order, OrderState, SupportCase

SHOWN: Final = 3500
"""Letters of a case that one message shows."""


def stats_text(texts: Texts, stats: Stats) -> str:
    earned = (texts.money(amount, currency) for currency, amount in stats.earned.items() if amount)
    off = [currency.value for currency, amount in stats.ledger_sums.items() if amount]
    head = texts(
        "admin-stats",
        users=stats.users,
        erased=stats.erased,
        held=stats.held,
        earned=texts.listing(list(earned)) or texts.money(0, Currency.CNY),
        credits=stats.credits,
        books=", ".join(off) or "0",
        selling="on" if stats.selling else "off",
        animating="on" if stats.animating else "off",
    )
    counts = [
        texts("admin-line", name=order_state(texts, state), value=count)
        for state, count in stats.orders.items()
    ]
    return "\n".join((head, *counts))


def queue_text(texts: Texts, view: QueueView) -> str:
    wait = texts.span(view.wait.low, view.wait.high) if view.wait else "—"
    return texts(
        "admin-queue",
        queue=view.kind,
        waiting=view.waiting,
        running=view.running,
        workers=view.workers,
        wait=wait,
    )


def order_text(texts: Texts, view: OrderView, *, with_address: bool = True) -> str:
    """``with_address``: the customer's chat address; else their id."""
    order = view.order
    return texts(
        "admin-order",
        id=order.id,
        person=(view.person if with_address else order.user_id) or "—",
        day=texts.day(order.created_at),
        product=order.product.value,
        state=order_state(texts, order.state),
        amount=texts.money(order.amount, order.currency),
        charges=len(view.charges),
        returned=texts.money(sum(part.amount for part in view.returned), order.currency),
        parts=len(view.returned),
        accepted=view.tally.accepted,
        sent=view.tally.sent,
        avatar=view.avatar.state.value if view.avatar else "—",
        reason=order.refund_reason or "—",
    )


def history_text(texts: Texts, view: OrderView, latest: int | None = None) -> str:
    """What happened to an order, a line each; the ``latest`` alone where so many are shown."""
    shown = view.events[-latest:] if latest else view.events
    return "\n".join(
        f"{texts.moment(one.at)}  {texts(f'history-{one.kind}', **_spoken(texts, one.values))}"
        for one in shown
    )


def orders_text(texts: Texts, orders: Sequence[Order]) -> str:
    """Orders, a line each, by the number that one types."""
    return "\n".join(
        texts(
            "admin-orders-line",
            number=order.id[:ID_DIGITS].upper(),
            day=texts.day(order.created_at),
            state=order_state(texts, order.state),
        )
        for order in orders
    )


def _spoken(texts: Texts, values: Mapping[str, str | int | datetime]) -> dict[str, str | int]:
    """Amounts as money, times as moments."""
    said = {
        name: texts.moment(value) if isinstance(value, datetime) else value
        for name, value in values.items()
    }
    if "currency" in values:
        amount, currency = int(str(values["amount"])), Currency(str(values["currency"]))
        said["amount"] = texts.money(amount, currency)
    return said


def case_line(texts: Texts, case: SupportCase) -> str:
    return texts(
        "admin-case-line",
        number=number(case),
        state=texts(f"admin-case-{case.state}"),
        day=texts.day(case.touched_at),
        count=case.lines,
    )


def case_text(texts: Texts, view: CaseView) -> str:
    """Its head and its lines, the earliest left out where they are too long together."""
    shown: list[str] = []
    for line in reversed(view.lines):
        said = texts(f"admin-case-{line.by}", words=_quoted(line.words), day=texts.day(line.at))
        if sum(map(len, shown)) + len(said) > SHOWN:
            break
        shown.insert(0, said)
    who = texts("admin-case-who", person=view.person or "—", order=view.order or "—")
    head = [case_line(texts, view.case), who]
    if len(shown) < len(view.lines):
        head.append(texts("admin-case-earlier", count=len(view.lines) - len(shown)))
    return "\n\n".join((*head, *shown))


def _quoted(words: str) -> str:
    """As nobody's but the writer's: each line is marked, and no command in it can be tapped."""
    return "".join(f"\n│ {line}" for line in words.replace("/", "/\u2060").splitlines())


def order_state(texts: Texts, state: OrderState) -> str:
    """As customers read it, except where that speaks to them."""
    if state is OrderState.STOPPED:
        return texts("admin-order-stopped")
    return texts(f"order-{state}")
