"""Asks WeChat Pay whether the merchant's number and keys are right, and changes nothing."""

import secrets
from collections.abc import AsyncIterator

from bot.wechat.pay.gateway import ABSENT, CERTIFICATES, NO_CERTIFICATES, GatewayRefused, PayGateway
from shop.errors import TillError
from shop.settings import Settings

NOT_ASKED = "EIDER_WECHATPAY_API_URL: WeChat Pay was not reached, or is busy"


async def probe_merchant(gateway: PayGateway, settings: Settings) -> AsyncIterator[str]:
    """What is wrong with the merchant: a sentence each.

    A bill that there is not is asked for: our signature is looked at before that. The platform
    certificates come sealed under the APIv3 key, and signed: a merchant who has the public key
    alone has none, and then neither that nor the APIv3 key can be tried before a payment.
    """
    nobody = f"check{secrets.token_hex(8)}"
    path = f"/v3/pay/transactions/out-trade-no/{nobody}?mchid={settings.wechatpay_merchant_id}"
    try:
        await gateway.get(path, expected=ABSENT)
    except TillError as trouble:
        if not _is(trouble, ABSENT):
            yield trouble.why or NOT_ASKED
            return
    try:
        await gateway.certificates()
    except TillError as trouble:
        if _is(trouble, NO_CERTIFICATES):
            return
        yield trouble.why or NOT_ASKED
        if not settings.wechatpay_public_key:  # then nothing else verifies an answer
            return
    try:
        await gateway.get(CERTIFICATES, expected=NO_CERTIFICATES)
    except TillError as trouble:
        yield trouble.why or NOT_ASKED


def _is(trouble: TillError, codes: frozenset[str]) -> bool:
    return isinstance(trouble, GatewayRefused) and trouble.code in codes
