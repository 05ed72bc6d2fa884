"""How people in Telegram open our pages: as a Mini App, whose ``initData`` Telegram has signed.

It is checked as https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
says: an HMAC-SHA-256 over all fields but ``hash``, sorted, with a key made of the bot's token.
"""

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qsl

from bot.channels import PageLogin
from bot.web.body import json_of
from shop.ports import Clock

LASTS: Final = timedelta(hours=1)
"""How old ``initData`` may be: it is made when the page is opened, and serves a reload as well."""

AHEAD: Final = timedelta(minutes=1)
"""How far Telegram's clock may be ahead of ours."""

_FIELDS: Final = 40  # there are some ten of them
_WEB: Final = "https://web.telegram.org"


def telegram_page_login(token: str, clock: Clock) -> PageLogin:
    """For the bot of that token."""

    async def redeem(init_data: str) -> str | None:
        return verified_user(init_data, token, clock())

    return PageLogin(redeem, fragment="tgWebAppData", embedded_by=_WEB)


def verified_user(init_data: str, token: str, now: datetime) -> str | None:
    """The id of whoever opened the Mini App; None where that is forged, too old, or not told."""
    try:
        pairs = parse_qsl(
            init_data, keep_blank_values=True, strict_parsing=True, max_num_fields=_FIELDS
        )
    except ValueError:
        return None
    fields = dict(pairs)
    if len(fields) < len(pairs):  # which of two was signed?
        return None
    given = fields.pop("hash", "")
    if not hmac.compare_digest(_utf8(given), _signature(fields, token).encode()):
        return None
    if not _is_fresh(fields.get("auth_date", ""), now):
        return None
    return _user_id(fields.get("user", ""))


def _signature(fields: dict[str, str], token: str) -> str:
    signed = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    key = hmac.digest(b"WebAppData", token.encode(), sha256)
    return hmac.digest(key, _utf8(signed), sha256).hex()


def _is_fresh(auth_date: str, now: datetime) -> bool:
    if not (auth_date.isascii() and auth_date.isdecimal() and len(auth_date) <= 11):
        return False
    at = datetime.fromtimestamp(int(auth_date), UTC)
    return at - AHEAD <= now < at + LASTS


def _user_id(user: str) -> str | None:
    try:
        said = json_of(_utf8(user))
    except ValueError:
        return None
    number = said.get("id") if isinstance(said, dict) else None
    return str(number) if type(number) is int and number > 0 else None


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
