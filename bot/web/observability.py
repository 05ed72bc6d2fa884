"""Counts the web process's answers as they pass."""

import time
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry, Counter, Histogram

_OTHER: Final = "OTHER"  # anybody may invent a method: each would be a line for ever


class RequestMetrics:
    """The metrics of HTTP, in a registry until they are closed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._requests = Counter(
            "eider_http_requests", "Answers", ("route", "method", "status"), registry=registry
        )
        self._seconds = Histogram(
            "eider_http_seconds", "Seconds to an answer", ("route",), registry=registry
        )

    @web.middleware
    async def count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Middleware: every answer is counted under its route, never under its path."""
        resource = request.match_info.route.resource
        route = resource.canonical if resource else "unknown"
        method = request.method if request.method in hdrs.METH_ALL else _OTHER
        began, status = time.monotonic(), 500
        try:
            answer = await handler(request)
            status = answer.status
        except web.HTTPException as refusal:
            status = refusal.status
            raise
        finally:
            self._requests.labels(route, method, str(status)).inc()
            self._seconds.labels(route).observe(time.monotonic() - began)
        return answer

    def malformed(self) -> None:
        """Count a request that was not HTTP."""
        self._requests.labels("malformed", _OTHER, "400").inc()

    def close(self) -> None:
        """Leave the registry to the next application."""
        self._registry.unregister(self._requests)
        self._registry.unregister(self._seconds)
