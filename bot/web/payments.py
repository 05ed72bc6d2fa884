"""``/pay/{till}``: notifications of payments and refunds. Verified first, then booked in one
transaction.

200 only after the commit: after anything else the till posts again, and again is success. Whatever
keeps a payment from being booked is answered 503, except what coming again would not mend, which is
200, booked nowhere, and logged as an error to alert on: one for an order that does not exist
(``payment_for_unknown_order``; the reconciliation reports it by the till's statement), and one of
no positive amount, by which no money came in (``payment_without_amount``). Every refusal has a body
of JSON, ``{"code": ..., "message": ...}``, as providers ask for.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog
from aiohttp import web

from bot.web.address_limits import RETRY_AFTER, forged
from bot.web.body import read_body
from handlers.limits import Limiter
from shop import tracing
from shop.errors import Forged, NotBooked, Stale, TillError, WrongAmount
from shop.orders import orders, refund_reports
from shop.orders.booking_failures import PAYMENT, REFUND, BookingFailures, TillReport
from shop.outages import CLOCKS_DIFFER, REPEATS, told
from shop.ports import Database, Till, Tx
from shop.records import Order, PaymentEvent, RefundEvent
from shop.transactions import run_transaction

LARGEST = 64 * 1024  # bytes of a notification; real ones have one or two thousand

log = structlog.get_logger()


class Payments:
    """The route of the tills' notifications. ``flush`` is called after a commit; ``refused`` is
    told till and reason of each that was not believed: ``forged`` or ``stale``."""

    def __init__(
        self,
        database: Database,
        tills: Mapping[str, Till],
        limiter: Limiter,
        flush: Callable[[], Awaitable[None]],
        failures: BookingFailures,
        refused: Callable[[str, str], None],
    ) -> None:
        self._database = database
        self._tills = tills
        self._limiter = limiter
        self._flush = flush
        self._failures = failures
        self._refused = refused

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/pay/{till}", self._notified)]

    async def _notified(self, request: web.Request) -> web.Response:
        """Whatever is refused is said in JSON."""
        till = self._tills.get(request.match_info["till"])
        if till is None:
            raise web.HTTPNotFound
        try:
            with tracing.span("payment", till=till.name):
                await self._take(till, request)
        except web.HTTPException as refusal:
            return _refused(refusal)
        except NotBooked:
            return _refused(web.HTTPServiceUnavailable(headers={RETRY_AFTER: "5"}))
        return web.Response(text="ok")

    async def _take(self, till: Till, request: web.Request) -> None:
        body = bytes(await read_body(request, LARGEST))
        try:
            event = await till.read(request.headers, body)
        except Stale as stale:  # nobody who guesses: not counted against their address
            self._refused(till.name, "stale")
            seconds = int(stale.details["seconds"])
            repeats = {REPEATS: f"payment_stale: {till.name}"}
            log.warning(
                "payment_stale", till=till.name, seconds=seconds, why=CLOCKS_DIFFER, **repeats
            )
            raise web.HTTPUnauthorized from None
        except Forged:
            self._refused(till.name, "forged")
            refusal, logged = await forged(self._limiter, request, web.HTTPUnauthorized())
            if logged:
                log.warning("payment_forged", till=till.name, status=refusal.status)
            raise refusal from None
        except TillError as error:  # whoever it is: counted as a forger's, and a till's comes again
            unavailable = web.HTTPServiceUnavailable(headers={RETRY_AFTER: "5"})
            refusal, _ = await forged(self._limiter, request, unavailable)
            repeats = {REPEATS: f"payment_not_verified: {till.name}"}
            why = {"why": error.why} if error.why else {}
            log.warning("payment_not_verified", till=till.name, **why, **repeats)
            raise refusal from None
        match event:
            case PaymentEvent():
                await self._book(event)
            case RefundEvent():
                await self._book_refund(event)
            case None:
                log.info("notification_without_effect", till=till.name)

    async def _book(self, event: PaymentEvent) -> None:
        ids = {"till": event.till, "charge": event.charge, "order": event.order_id}
        one = TillReport(PAYMENT, event.till, event.charge, event.order_id)
        try:
            order = await run_transaction(self._database, partial(_confirm, event))
            if order is None:
                # Another deployment's at the same till: acknowledged, or it would come for days.
                # Reconciliation finds it in the till's statement.
                log.error("payment_for_unknown_order", **ids)
                return
        except WrongAmount:
            log.error("payment_without_amount", **ids)
            return
        except Exception as error:  # boundary: no payment is acknowledged and lost
            raise await self._failures.report(one, error) from error
        log.info("payment_booked", state=order.state.value, **ids)
        await self._failures.booked(one)
        await self._flush_outbox()

    async def _book_refund(self, event: RefundEvent) -> None:
        one = TillReport(REFUND, event.till, event.charge, refund=event.refund)
        try:
            booked = await refund_reports.take(self._database, event, self._failures.admins)
        except WrongAmount:
            log.error("refund_without_amount", till=event.till, charge=event.charge)
            return
        except Exception as error:  # boundary: as of a payment
            raise await self._failures.report(one, error) from error
        log.info(
            "refund_reported", till=event.till, charge=event.charge, state=event.state.value,
            booked=booked,
        )  # fmt: skip
        if booked:
            await self._failures.booked(one)
        await self._flush_outbox()

    async def _flush_outbox(self) -> None:
        """The report is booked, whether what it left in the outbox is signalled now or not."""
        try:
            await self._flush()
        except Exception as error:  # boundary: the outbox worker's own look finds it
            log.warning("payment_flush_failed", **told(error))


def _refused(refusal: web.HTTPException) -> web.Response:
    """The same as an answer with a body that providers read."""
    body = {"code": "FAIL", "message": refusal.reason}
    headers = {name: refusal.headers[name] for name in (RETRY_AFTER,) if name in refusal.headers}
    return web.json_response(body, status=refusal.status, headers=headers)


async def _confirm(event: PaymentEvent, tx: Tx) -> Order | None:
    """None: there is no such order. What else is not found must not be taken for that."""
    if await tx.get(Order, event.order_id) is None:
        return None
    return await orders.confirm_payment(tx, event, await tx.now())
