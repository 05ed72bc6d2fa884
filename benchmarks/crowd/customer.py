"""What customers of both chats have in common: what they wait for, how long, and what they note."""

import asyncio
import functools
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Final

from benchmarks.crowd.plan import Deed, Plan
from tests.doubles import photo

LOOK_SECONDS: Final = 0.25
AGAIN_SECONDS: Final = 45.0
"""After so long without an answer somebody presses, or says it, again."""

POOL: Final = 240
"""Photos that there are; nobody sends one twice, and several people send the same."""


class Lost(Exception):
    """Somebody was never answered; the text says what they waited for, and what stood there."""


@dataclass(slots=True)
class Promise:
    """What was said of the wait for an avatar: seconds from ``told``, and when it was ready."""

    low: float
    high: float
    told: float
    ready: float = 0.0

    @property
    def took(self) -> float:
        return self.ready - self.told


@dataclass(slots=True)
class Record:
    """What came of one customer. ``failed``: what they never got; ``asked_again``: how often they
    had to repeat something; what they then
    saw is in ``seen``, by a word each; ``sets_at``: when each set came, in Unix time."""

    number: int
    wechat: bool
    person: str
    deeds: list[str]
    failed: str = ""
    asked_again: int = 0
    apologies: int = 0
    sets_wanted: int = 0
    clips_wanted: int = 0
    erased: bool = False
    withdrew: bool = False
    cancelled: bool = False
    charges: list[str] = field(default_factory=list)
    promise: Promise | None = None
    seen: dict[str, int] = field(default_factory=dict)
    sets_at: list[int] = field(default_factory=list)
    unanswered: str = ""

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


class Customer:
    """``patience``: seconds that they wait for anything at all before they are lost.
    ``set_words`` and ``sorry_words``: what stands under a set, and in an apology."""

    set_words: ClassVar[re.Pattern[str]]
    sorry_words: ClassVar[re.Pattern[str]]

    def __init__(self, plan: Plan, person: str, patience: float) -> None:
        self.plan, self.dice = plan, plan.dice()
        self.patience = patience
        deeds = [deed for deed in Deed if deed in plan.deeds]
        self.record = Record(plan.number, plan.wechat, person, [str(deed) for deed in deeds])

    def does(self, deed: Deed) -> bool:
        return deed in self.plan.deeds

    async def think(self, seconds: float = 1.0) -> None:
        await asyncio.sleep(self.dice.uniform(0.3, 1.7) * seconds)

    async def until(
        self, true: Callable[[], object], what: str, again: Callable[[], object] | None = None
    ) -> None:
        """Wait for it, and do ``again`` what led to it, if it takes very long. Raises Lost."""
        began = last = time.monotonic()
        while not true():
            now = time.monotonic()
            if now - began > self.patience:
                raise Lost(f"{what}; {self.standing()}")
            if again and now - last > AGAIN_SECONDS:
                last, self.record.asked_again = now, self.record.asked_again + 1
                again()
            await asyncio.sleep(LOOK_SECONDS)

    def photos(self, count: int) -> list[bytes]:
        """So many, each another one."""
        return [_photo(number) for number in self.dice.sample(range(POOL), count)]

    def promised(self, words: re.Match[str] | None) -> None:
        """The first promise that they are given is the one that counts."""
        if words and self.record.promise is None:
            size = {"seconds": 1, "minutes": 60, "hours": 3600}[words["unit"]]
            low, high = int(words["low"]), int(words["high"] or words["low"])
            self.record.promise = Promise(low * size, high * size, time.time())

    def ready(self) -> None:
        if self.record.promise and not self.record.promise.ready:
            self.record.promise.ready = time.time()

    def texts(self) -> list[str]:
        """What stands in their chat."""
        raise NotImplementedError

    def sets(self) -> int:
        """How many sets of portraits came."""
        return sum(bool(self.set_words.search(text)) for text in self.texts())

    def apologised(self) -> bool:
        """Whether something failed that had not when this was asked last."""
        sorry = sum(bool(self.sorry_words.search(text)) for text in self.texts())
        new, self.record.apologies = sorry - self.record.apologies, sorry
        return new > 0

    def standing(self) -> str:
        """What stands in their chat last."""
        raise NotImplementedError

    async def live(self) -> None:
        """All that they do. Raises Lost."""
        raise NotImplementedError

    async def run(self) -> Record:
        try:
            await self.live()
        except Lost as lost:
            self.record.failed = str(lost)
        except Exception as error:
            self.record.failed = f"{error!r}; {self.standing()}"
        return self.record


@functools.cache
def _photo(number: int) -> bytes:
    return photo(number)
