"""Signed cookies: an unguessable id of the person at the page, with an HMAC."""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

from shop.encryption import derive_key

_PURPOSE = "playground/pass/1"
_PERSON = re.compile(r"[A-Za-z0-9_-]{1,64}")


class SignedCookie:
    """Signs and verifies cookies and tickets, with a key derived from the master key."""

    def __init__(self, master_key: bytes) -> None:
        self._key = derive_key(master_key, _PURPOSE)

    def stranger(self) -> str:
        """A new person's id: 128 random bits in hex."""
        return secrets.token_hex(16)

    def cookie(self, person: str) -> str:
        """What that person's browser keeps. Raises ValueError for an id that is not plain."""
        return self._seal("cookie", person)

    def ticket(self, person: str) -> str:
        """For a link that logs anybody who opens it in as that person: only the operator makes
        these.

        A cookie is no ticket: somebody could send you a link with theirs, and your photos would
        arrive in their chat.
        """
        return self._seal("ticket", person)

    def of_cookie(self, cookie: str) -> str | None:
        """The person, or None for a cookie with another signature."""
        return self._open("cookie", cookie)

    def of_ticket(self, ticket: str) -> str | None:
        """The person, or None for a ticket with another signature."""
        return self._open("ticket", ticket)

    def _seal(self, purpose: str, person: str) -> str:
        if not _PERSON.fullmatch(person):
            raise ValueError("a person's id is letters, digits, - and _")
        return f"{person}.{self._tag(purpose, person)}"

    def _open(self, purpose: str, sealed: str) -> str | None:
        person, _, tag = sealed.rpartition(".")
        if not _PERSON.fullmatch(person) or not tag.isascii():  # compare_digest takes ASCII only
            return None
        return person if hmac.compare_digest(tag, self._tag(purpose, person)) else None

    def _tag(self, purpose: str, person: str) -> str:
        tag = hmac.digest(self._key, f"{purpose}\0{person}".encode(), sha256)
        return urlsafe_b64encode(tag).decode().rstrip("=")
