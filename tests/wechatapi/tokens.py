"""Access tokens: two kinds that do not touch each other."""

import secrets
from dataclasses import dataclass

from tests.wechatapi.clock import Clock
from tests.wechatapi.records import Refusal

LIFE = 7200.0
OVERLAP = 300.0
"""Seconds for which the old token still works beside a new one, and before whose end
``stable_token`` hands out a new one."""
FORCED_A_DAY = 20
FORCED_APART = 30.0
_SIZE = 136


@dataclass(slots=True)
class Token:
    """``until`` it works; ``replaced`` if it stopped before its time."""

    value: str
    until: float
    replaced: bool = False


class Tokens:
    """``grace`` is how long the old token of ``/cgi-bin/token`` still works once a new one was
    fetched: five minutes by the documentation, at once in many a report; tests set it to 0."""

    def __init__(self, clock: Clock) -> None:
        self.grace = OVERLAP
        self.fetched = 0
        self._clock = clock
        self._all: dict[str, Token] = {}
        self._plain: Token | None = None
        self._stable: Token | None = None
        self._forced: list[float] = []

    def fetch(self) -> tuple[str, int]:
        """``/cgi-bin/token``: always a new one, which replaces the one before."""
        old, self._plain = self._plain, self._new()
        if old is not None and old.until > self._clock() + self.grace:
            old.until, old.replaced = self._clock() + self.grace, True
        return self._plain.value, int(LIFE)

    def stable(self, force: bool) -> tuple[str, int]:
        """``/cgi-bin/stable_token``: the same one until five minutes before its end. ``force``
        kills it at once, unless one was forced less than 30 seconds ago, when nothing happens."""
        now, old = self._clock(), self._stable
        if force and self._may_force(now):
            self._forced.append(now)
            if old is not None:
                old.until, old.replaced = now, True
            old = None
        if old is None or old.until - now <= OVERLAP:
            self._stable = old = self._new()
        return old.value, int(old.until - now)

    def require(self, value: str | None) -> None:
        """Raises 41001, 40014, 40001 or 42001."""
        if not value:
            raise Refusal(41001)
        token = self._all.get(value)
        if token is None:
            raise Refusal(40001 if len(value) == _SIZE else 40014)
        if token.until <= self._clock():
            raise Refusal(40001 if token.replaced else 42001)

    def expire(self) -> None:
        """All tokens run out now, though the bot was promised two hours."""
        for each in self._all.values():
            each.until = min(each.until, self._clock())

    def revoke(self) -> None:
        """Somebody else took a token: none that the bot has works any more."""
        for each in self._all.values():
            each.until, each.replaced = min(each.until, self._clock()), True

    def _may_force(self, now: float) -> bool:
        self._forced = [each for each in self._forced if each > now - 86_400]
        if self._forced and now - self._forced[-1] < FORCED_APART:
            return False
        if len(self._forced) >= FORCED_A_DAY:
            raise Refusal(45009, fault=True)
        return True

    def _new(self) -> Token:
        self.fetched += 1
        token = Token(f"1_{secrets.token_urlsafe(_SIZE)}"[:_SIZE], self._clock() + LIFE)
        self._all[token.value] = token
        return token
