"""Posts the sandbox provider's notifications to the shop, until the shop acknowledges them."""

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout

from shop.adapters.tills.sandbox import SandboxNotification, SandboxTill

_SECONDS = 5.0  # a shop that takes longer is notified again later

log = structlog.get_logger()


class PaymentNotifier:
    """Posts notifications to ``url``, the shop's ``/pay/sandbox``, and knows nothing else of it."""

    def __init__(self, provider: SandboxTill, url: str) -> None:
        self._provider = provider
        self._url = url

    async def post(self, notification: SandboxNotification) -> bool:
        """Post it once. False when the shop did not answer 2xx: :meth:`post_due` will."""
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=_SECONDS)) as http,
                http.post(
                    self._url, data=notification.body, headers=dict(notification.headers)
                ) as answer,
            ):
                taken = 200 <= answer.status < 300
        except (ClientError, TimeoutError):
            taken = False
        if taken:
            await self._provider.acknowledge(notification.event_id)
        else:
            log.warning("payment_not_taken", payment=notification.event_id)
        return taken

    async def post_due(self) -> int:
        """Post every notification that is due, and return their number. Called every few
        seconds."""
        due = await self._provider.pending()
        for notification in due:
            await self.post(notification)
        return len(due)
