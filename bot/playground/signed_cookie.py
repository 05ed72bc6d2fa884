"""Signed cookies, tickets and page codes: an unguessable id of the person at the page, with an
HMAC."""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from shop.encryption import derive_key

COOKIE = "eider_chat"
"""The cookie's name in the browser."""

_PURPOSE = "playground/pass/1"
_PERSON = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TICKET = re.compile(
    rf"(?P<person>{_PERSON.pattern})\.(?P<until>[0-9]{{1,12}})\.(?P<id>[0-9a-f]{{32}})"
)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a pass link says: who enters by it, and until when. ``id`` is its own, to be kept
    until then by whoever sees to it that it is used once."""

    person: str
    until: datetime
    id: str


class SignedCookie:
    """Signs and verifies cookies and tickets, with a key derived from the master key."""

    def __init__(self, signing_key: bytes) -> None:
        self._key = derive_key(signing_key, _PURPOSE)

    def stranger(self) -> str:
        """A new person's id: 128 random bits in hex."""
        return secrets.token_hex(16)

    def cookie(self, person: str) -> str:
        """What that person's browser keeps. Raises ValueError for an id that is not plain."""
        return self._seal("cookie", require_plain(person))

    def owner(self, person: str) -> str:
        """A name for them that proves nothing: by it a page keeps apart what different persons left
        in one browser."""
        return self._tag("owner", require_plain(person))

    def ticket(self, person: str, until: datetime) -> str:
        """For a link that logs whoever opens it first in as that person: only the operator makes
        these. ``until`` counts in whole seconds. Raises ValueError as :meth:`cookie`.

        A cookie is no ticket: somebody could send you a link with theirs, and your photos would
        arrive in their chat.
        """
        return self._seal("ticket", _dated(person, until))

    def page_code(self, person: str, until: datetime) -> str:
        """What tells another page of ours who is at this one. It is neither cookie nor ticket."""
        return self._seal("page", _dated(person, until))

    def of_cookie(self, cookie: str) -> str | None:
        """The person, or None for a cookie with another signature."""
        person = self._open("cookie", cookie)
        return person if person and _PERSON.fullmatch(person) else None

    def of_ticket(self, ticket: str) -> Ticket | None:
        """What it says, or None for a ticket with another signature. Whether it is still good is
        not looked at here."""
        return _said(self._open("ticket", ticket))

    def of_page_code(self, code: str) -> Ticket | None:
        """As :meth:`of_ticket`."""
        return _said(self._open("page", code))

    def _seal(self, purpose: str, content: str) -> str:
        return f"{content}.{self._tag(purpose, content)}"

    def _open(self, purpose: str, sealed: str) -> str | None:
        content, _, tag = sealed.rpartition(".")
        if not (content.isascii() and tag.isascii()):  # compare_digest takes ASCII only
            return None
        return content if hmac.compare_digest(tag, self._tag(purpose, content)) else None

    def _tag(self, purpose: str, content: str) -> str:
        tag = hmac.digest(self._key, f"{purpose}\0{content}".encode(), sha256)
        return urlsafe_b64encode(tag).decode().rstrip("=")


def _dated(person: str, until: datetime) -> str:
    return f"{require_plain(person)}.{int(until.timestamp())}.{secrets.token_hex(16)}"


def _said(content: str | None) -> Ticket | None:
    said = _TICKET.fullmatch(content or "")
    if said is None:
        return None
    return Ticket(said["person"], datetime.fromtimestamp(int(said["until"]), UTC), said["id"])


def require_plain(person: str) -> str:
    """The same; raises ValueError for a person's id that is not letters, digits, - and _."""
    if not _PERSON.fullmatch(person):
        raise ValueError("a person's id is 1 to 64 letters, digits, - and _")
    return person
