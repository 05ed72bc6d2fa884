"""How many customer-service messages a person may be sent."""

from dataclasses import dataclass

from tests.wechatapi.records import Json, Refusal

DAYS_2 = 48 * 3600.0
RULES: dict[str, tuple[int | None, float]] = {
    "message": (5, DAYS_2),
    "click": (3, 60.0),
    "follow": (3, 60.0),
    "scan": (3, 60.0),
    "payment": (None, DAYS_2),
}
"""What a person did -> how many messages (None: any number), and for how many seconds. The table of
the service accounts' page on customer-service messages."""


@dataclass(slots=True)
class Allowance:
    """One of the rules, under way."""

    most: int | None
    until: float
    used: int = 0

    @property
    def spent(self) -> bool:
        return self.most is not None and self.used >= self.most


class Quota:
    """Each new deed opens its own allowance anew. WeChat does not say which of several open ones a
    message is taken from. ``strict``: from all of them, so a person who wrote (5) and clicked (3)
    may be sent 5 within the minute; a bot that keeps to that is safe with any reading. Otherwise
    from the one that ends first, so 8."""

    def __init__(self, strict: bool = True) -> None:
        self.strict = strict
        self.refusals = 0
        self._open: dict[str, dict[str, Allowance]] = {}

    def opened(self, openid: str, deed: str, now: float) -> None:
        """A person did one of :data:`RULES`."""
        most, seconds = RULES[deed]
        self._open.setdefault(openid, {})[deed] = Allowance(most, now + seconds)

    def take(self, openid: str, now: float) -> None:
        """A message is sent. Raises 45015 (no allowance is open) or 45047 (spent)."""
        live = [each for each in self._open.get(openid, {}).values() if each.until > now]
        free = sorted((each for each in live if not each.spent), key=lambda each: each.until)
        if not free:
            self.refusals += 1
            raise Refusal(45047 if live else 45015)
        for each in live if self.strict else free[:1]:
            each.used += 1

    def close(self, openid: str) -> None:
        """They left: nothing is open any more."""
        self._open.pop(openid, None)

    def left(self, openid: str, now: float) -> Json:
        """Deed -> how many are left, and for how many seconds."""
        return {
            deed: {
                "left": None if each.most is None else max(each.most - each.used, 0),
                "seconds": round(each.until - now),
            }
            for deed, each in self._open.get(openid, {}).items()
            if each.until > now
        }
