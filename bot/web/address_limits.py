"""Limits by address: what an HTTP request costs its client, whoever it says it is."""

import math
from typing import Final

from aiohttp import web

from bot.web.client_address import client_address
from handlers.limits import FORGERIES, Limit, Limiter, Wait
from shop.errors import Unavailable

RETRY_AFTER: Final = "Retry-After"


async def take(limiter: Limiter, limit: Limit, request: web.BaseRequest) -> Wait | None:
    """Count one more of the request's client. Raises as :meth:`handlers.limits.Limiter.take`."""
    return await limiter.take(limit, f"address:{client_address(request)}")


def retry_after(wait: Wait) -> dict[str, str]:
    """The header of a 429, in whole seconds, at least one."""
    return {RETRY_AFTER: str(max(1, math.ceil(wait.seconds)))}


async def forged(
    limiter: Limiter, request: web.BaseRequest, refusal: web.HTTPException
) -> tuple[web.HTTPException, bool]:
    """How to answer a wrong secret or signature, and whether to log it: by ``refusal``, and from
    the limit on by 429, logged once in a period.

    Nobody's true signature is asked for here, so that a payment is never limited, even one that
    comes from a forger's address; but one whose key cannot be had now may be, and comes again.
    Without Redis every one is answered by ``refusal``.
    """
    try:
        wait = await take(limiter, FORGERIES, request)
    except Unavailable:
        return refusal, True
    if wait is None:
        return refusal, True
    return web.HTTPTooManyRequests(headers=retry_after(wait)), wait.first
