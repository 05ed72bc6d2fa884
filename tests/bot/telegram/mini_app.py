"""Telegram's side of a Mini App: the initData that it signs, written from the documentation."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from urllib.parse import urlencode

TOKEN = "7000000001:" + "A" * 35


def signed(fields: Mapping[str, str], token: str = TOKEN) -> str:
    """The fields with their hash, as they stand in a Mini App's address."""
    check = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    key = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    tag = hmac.new(key, check.encode(), hashlib.sha256).hexdigest()
    return urlencode({**fields, "hash": tag})


def opened_by(id: int, token: str = TOKEN) -> str:
    """What that person's app puts there now."""
    user = json.dumps({"id": id, "first_name": "Ada"})
    return signed({"auth_date": str(int(time.time())), "query_id": "AAH", "user": user}, token)
