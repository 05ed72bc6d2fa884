"""Notifications: sealed, signed, posted by WeChat Pay's own schedule, and all that goes wrong."""

import asyncio
import json
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.wechatpay.keys import ALGORITHM, MerchantKeys, serial_of, sign
from tests.wechatpay.records import Notice, beijing

RETRY_SECONDS = (
    15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600,
)  # fmt: skip
"""From one post to the next, until it is answered 200 or 204: 24 h 4 min."""
ANSWER_SECONDS = 5.0


@dataclass
class NoticeFaults:
    """What goes wrong from now on. ``lost``: so many posts never arrive; ``doubled``: each is
    posted twice at once; ``tampered``: changed after it was signed; ``probes``: a wrong signature
    comes before each, as WeChat Pay tests whether one is looked at."""

    lost: int = 0
    doubled: bool = False
    tampered: bool = False
    probes: bool = False


@dataclass
class Notices:
    """Posts notifications. ``by_certificate``: signed in the name of the platform certificate;
    ``reach``: where on this machine public addresses are, which are named as the host."""

    keys: MerchantKeys
    clock: Callable[[], datetime]
    by_certificate: bool = False
    faults: NoticeFaults = field(default_factory=NoticeFaults)
    all: list[Notice] = field(default_factory=list)
    reach: dict[str, str] = field(default_factory=dict)

    def add(self, url: str, event_type: str, original: str, record: dict[str, Any]) -> Notice:
        """A new one, due now."""
        now = self.clock()
        plain = json.dumps(record, ensure_ascii=False).encode()
        body = {
            "id": str(uuid.uuid4()),
            "create_time": beijing(now),
            "resource_type": "encrypt-resource",
            "event_type": event_type,
            "summary": "支付成功" if original == "transaction" else "退款结果",
            "resource": {"original_type": original, **self.keys.seal(plain, original)},
        }
        notice = Notice(
            str(body["id"]), url, json.dumps(body, ensure_ascii=False).encode(), due_at=now
        )
        self.all.append(notice)
        return notice

    def headers(self, body: bytes) -> dict[str, str]:
        """Of a post that is made now."""
        timestamp, nonce = str(int(self.clock().timestamp())), secrets.token_hex(16)
        certificate = serial_of(self.keys.certificate)
        return {
            "Wechatpay-Serial": certificate if self.by_certificate else self.keys.public_key_id,
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": sign(self.keys.platform, timestamp, nonce, body),
        }

    def pending(self) -> list[Notice]:
        """Those that are due now."""
        now = self.clock()
        return [one for one in self.all if one.due_at is not None and one.due_at <= now]

    async def post_due(self) -> list[Notice]:
        """Post them, and note what was answered."""
        due = self.pending()
        async with ClientSession(timeout=ClientTimeout(total=ANSWER_SECONDS)) as http:
            for notice in due:
                await self._post(http, notice)
        return due

    async def _post(self, http: ClientSession, notice: Notice) -> None:
        faults = self.faults
        wait = RETRY_SECONDS[notice.tries] if notice.tries < len(RETRY_SECONDS) else None
        notice.tries += 1
        notice.due_at = None if wait is None else self.clock() + timedelta(seconds=wait)
        if faults.lost:
            faults.lost -= 1
            return
        if faults.probes:
            await self._send(http, notice, {"Wechatpay-Signature": f"WECHATPAY/SIGNTEST/{'A' * 9}"})
        posts = [self._send(http, notice, {}) for _ in range(2 if faults.doubled else 1)]
        statuses = await asyncio.gather(*posts)
        if {200, 204} & set(statuses):
            notice.due_at = None

    async def _send(self, http: ClientSession, notice: Notice, other: dict[str, str]) -> int:
        headers = self.headers(notice.body) | other
        body = (
            notice.body.replace(b"create_time", b"creata_time")
            if self.faults.tampered
            else notice.body
        )
        more = {"Wechatpay-Signature-Type": ALGORITHM, "Content-Type": "application/json"}
        more["Host"] = urlsplit(notice.url).netloc
        try:
            async with http.post(
                self._place(notice.url), data=body, headers=headers | more
            ) as answer:
                await answer.read()
                status = answer.status
        except (ClientError, TimeoutError):
            status = 0
        notice.answers.append(status)
        return status

    def _place(self, url: str) -> str:
        for public, here in self.reach.items():
            if url.startswith(public):
                return here + url.removeprefix(public)
        return url
