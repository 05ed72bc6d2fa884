"""Asks our own public address what WeChat will ask it: does the way from outside lead here?"""

import secrets
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.wechat.callback import PATH
from bot.wechat.domain_file import content_of
from bot.wechat.envelope import Envelope
from shop.ports import Clock
from shop.settings import Settings

_SECONDS: Final = 10.0
_MOST: Final = 4096  # bytes of an answer


async def probe(settings: Settings, envelope: Envelope, clock: Clock) -> AsyncIterator[str]:
    """What is wrong with the server address, and with the domain file if one is named: a sentence
    each."""
    echo, nonce, timestamp = (
        secrets.token_hex(8),
        secrets.token_hex(8),
        str(int(clock().timestamp())),
    )
    query = {
        "signature": envelope.signature(timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "echostr": echo,
    }
    asked = [(PATH, query, echo)]
    if name := settings.wechat_domain_file:
        asked.append((f"/{name}", {}, content_of(name)))
    timeout = ClientTimeout(_SECONDS)
    async with ClientSession(timeout=timeout, trust_env=True) as session:
        for path, parameters, wanted in asked:
            url = f"{settings.public_url}{path}"
            try:
                async with session.get(url, params=parameters, allow_redirects=False) as answer:
                    found = await answer.content.read(_MOST)
            except (ClientError, OSError) as trouble:
                yield f"{url} does not answer from here: {type(trouble).__name__}"
                continue
            if answer.status != 200 or found.decode("utf-8", "replace") != wanted:
                yield (
                    f"{url} answers {answer.status}, and not as it should: does `serve` run with "
                    "these settings, and does the proxy pass it this path?"
                )
