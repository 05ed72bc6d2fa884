"""Signed links to personal pages, and the signed cookies of those who were let in.

A link says whose page it is, by our own id, in which channel it was given, and until when it
opens; it is no key: whoever opens it must be that person. A session says who was recognised in a
browser, by the channel's id, and until when. Both are told from each other, and from what else the
master key signs, by what is signed with them.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from bot.channels import ChannelRegistry
from bot.pages.personal_page import PersonalPage
from shop.encryption import derive_key
from shop.ports import Clock
from shop.records import ChannelName, User, UserId
from shop.settings import Settings

LINK_DAYS: Final = 7
"""A link opens for at least so many days, and ends with one (UTC): all links of a day are one, so
that a message which bears it does not change."""

SESSION_LASTS: Final = timedelta(hours=12)
LOGIN_LASTS: Final = timedelta(minutes=10)

_TAG_BYTES: Final = 16  # 128 bits
_DAY: Final = timedelta(days=1)
_CLAIM: Final = re.compile(
    r"(?P<user>[0-9a-z-]{1,64})\.(?P<channel>[a-z][a-z0-9_]{0,31})\.(?P<until>[0-9a-f]{1,10})"
    r"(\.(?P<person>[A-Za-z0-9_-]{1,172}))?"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a link or a session says: whose page, for people of which channel, and until when.
    ``person``: of a session, who was recognised, by the channel's id."""

    user: UserId
    channel: ChannelName
    until: datetime
    person: str = field(default="", repr=False)


class PageLinks:
    """Makes and reads one page's links, sessions and login states; a key of their own, from the
    master key."""

    def __init__(
        self, page: PersonalPage, signing_key: bytes, public_url: str, clock: Clock
    ) -> None:
        """``public_url`` as people reach the web process, without a slash at its end."""
        self._key = derive_key(signing_key, page.purpose)
        self._path = page.path
        self._public_url = public_url
        self._clock = clock

    def address(self, user: User) -> str:
        """The address of their page: for whoever holds it but is not them, a refusal."""
        return f"{self._public_url}{self._path}/{self.token(user)}"

    def token(self, user: User) -> str:
        """What follows the path in that address."""
        midnight = self._clock().replace(hour=0, minute=0, second=0, microsecond=0)
        return self._seal("link", user.id, user.platform, midnight + (LINK_DAYS + 1) * _DAY)

    def way_back(self, token: str) -> str:
        """The absolute address to which a login returns."""
        return f"{self._public_url}{self._path}/{token}/in"

    def open_token(self, token: str) -> Claim | None:
        """What a link says, also one that is over; None for a forged one."""
        return self._open("link", token)

    def session(self, user: UserId, channel: ChannelName, person: str) -> str:
        """What the browser of somebody who was recognised keeps: their own id, and ours."""
        return self._seal("session", user, channel, self._clock() + SESSION_LASTS, person)

    def open_session(self, cookie: str) -> Claim | None:
        """Whose session it is; None for a forged one and for one that is over."""
        claim = self._open("session", cookie)
        return claim if claim and not self.is_over(claim) else None

    def is_over(self, claim: Claim) -> bool:
        return self._clock() >= claim.until

    def nonce(self) -> str:
        """What the browser keeps while it is away for a login."""
        return secrets.token_hex(16)

    def state(self, token: str, nonce: str) -> str:
        """What a login must bring back: bound to the link and to the browser. Hex, 64 digits, as
        WeChat wants letters and digits alone, at most 128."""
        return hmac.digest(self._key, f"state\0{token}\0{nonce}".encode(), sha256).hex()

    def is_state(self, given: str, token: str, nonce: str) -> bool:
        """Whether it is that link's and that browser's."""
        wanted = self.state(token, nonce)
        return bool(nonce) and hmac.compare_digest(
            given.encode("utf-8", "replace"), wanted.encode()
        )

    def _seal(
        self, purpose: str, user: UserId, channel: ChannelName, until: datetime, person: str = ""
    ) -> str:
        claim = f"{user}.{channel}.{int(until.timestamp()):x}"
        if person:
            claim = f"{claim}.{_plain(person.encode())}"
        return f"{claim}.{self._tag(purpose, claim)}"

    def _open(self, purpose: str, sealed: str) -> Claim | None:
        claim, _, tag = sealed.rpartition(".")
        said = _CLAIM.fullmatch(claim)
        if said is None or not tag.isascii():  # compare_digest takes ASCII only
            return None
        if not hmac.compare_digest(tag, self._tag(purpose, claim)):
            return None
        until = datetime.fromtimestamp(int(said["until"], 16), UTC)
        person = said["person"] or ""
        padded = person + "=" * (-len(person) % 4)
        return Claim(
            UserId(said["user"]), ChannelName(said["channel"]), until,
            urlsafe_b64decode(padded).decode(),
        )  # fmt: skip

    def _tag(self, purpose: str, claim: str) -> str:
        tag = hmac.digest(self._key, f"{purpose}\0{claim}".encode(), sha256)[:_TAG_BYTES]
        return _plain(tag)


def _plain(data: bytes) -> str:
    """Letters, digits, - and _."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def page_addresses(
    page: PersonalPage, settings: Settings, channels: ChannelRegistry, clock: Clock
) -> Callable[[User], str]:
    """What finds the address of a person's page, by these settings: "" where the public address was
    not set, and for people of a channel that cannot say who looks at a page."""
    links = PageLinks(page, settings.signing_key, settings.public_url, clock)
    known = "public_url" in settings.model_fields_set  # the default is nobody's address but ours
    opened = {one.name for one in channels.enabled(settings) if one.has_pages(settings)}

    def address(user: User) -> str:
        return links.address(user) if known and user.platform in opened else ""

    return address
