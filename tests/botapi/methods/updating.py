"""How the bot learns what happened: it asks, or is told at an address of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.botapi.delivery import Hook
from tests.botapi.records import Call, Failure, Json, refused
from tests.botapi.registry import method

if TYPE_CHECKING:
    from tests.botapi.api import BotApi

_PORTS = (443, 80, 88, 8443)
_HERE = ("127.0.0.1", "localhost", "::1")
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")


@method("getUpdates")
async def get_updates(api: BotApi, call: Call) -> list[Json]:
    if api.webhook:
        raise Failure(
            409,
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first",
        )
    values, updates = call.values, api.updates
    poll = updates.interrupt()
    updates.confirm(values.get("offset") or 0)
    _ask_for(api, call)
    limit = min(max(values.get("limit") or 100, 1), 100)
    return await updates.wait(poll, values.get("timeout") or 0, limit)


@method("setWebhook")
async def set_webhook(api: BotApi, call: Call) -> bool:
    values = call.values
    if not values.get("url"):
        return await _without(api, call)
    hook = _hook(api, values, call)
    if values.get("drop_pending_updates"):
        api.updates.pending.clear()
    _ask_for(api, call)
    api.updates.interrupt()
    await api.delivery.set(hook)
    return True


@method("deleteWebhook")
async def delete_webhook(api: BotApi, call: Call) -> bool:
    return await _without(api, call)


async def _without(api: BotApi, call: Call) -> bool:
    await api.delivery.stop()
    if call.values.get("drop_pending_updates"):
        api.updates.pending.clear()
    return True


@method("getWebhookInfo")
def get_webhook_info(api: BotApi, call: Call) -> Json:
    hook = api.delivery.hook
    more = {
        "ip_address": hook.ip,
        "last_error_date": hook.error_at,
        "last_error_message": hook.error,
        "max_connections": hook.connections if hook.url else 0,
        "allowed_updates": api.updates.allowed,
    }
    return {
        "url": hook.url,
        "has_custom_certificate": hook.certificate,
        "pending_update_count": len(api.updates.pending),
        **{name: value for name, value in more.items() if value},
    }


def _ask_for(api: BotApi, call: Call) -> None:
    kinds = call.values.get("allowed_updates")
    for each in api.updates.unknown(kinds):
        api.problems.append(f"{call.method}: {each!r} is no kind of update")
    api.updates.ask_for(kinds)


def _hook(api: BotApi, values: Any, call: Call) -> Hook:
    """Raises a refusal. Plain HTTP is for servers of one's own, and for this machine, where the
    double stands for whatever ends TLS."""
    address = urlsplit(values["url"])
    if not address.hostname:
        raise refused("invalid webhook URL specified")
    if api.store.local is None and address.hostname not in _HERE:
        if address.scheme != "https":
            raise refused("bad webhook: An HTTPS URL must be provided for webhook")
        if (address.port or 443) not in _PORTS:
            raise refused("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    secret = values.get("secret_token") or ""
    if not _SECRET.fullmatch(secret):
        raise refused("secret token contains unallowed characters")
    most = 100 if api.store.local is None else 100_000
    connections = min(max(values.get("max_connections") or 40, 1), most)
    ip, certificate = values.get("ip_address") or "", "certificate" in call.files
    return Hook(values["url"], secret, connections, ip, certificate)
