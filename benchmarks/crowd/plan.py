"""Who comes, when, and what they are going to do: the same for the same seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from benchmarks.day.trace import DAY, moment


class Deed(StrEnum):
    """What a customer does besides sending photos and paying for an avatar."""

    CANCELS_PHOTOS = "cancels while sending photos"
    CANCELS_BILL = "cancels at the bill"
    PAYS_LATE = "pays late"
    PAYS_TWICE = "pays twice"
    PRESSES_TWICE = "presses everything twice"
    SENDS_MORE = "sends photos while the avatar is made"
    MORE = "more like me"
    RESTYLE = "another style"
    ANOTHER = "another set"
    CLIP = "a clip"
    TOP_UP = "tops up"
    WITHDRAWS = "withdraws"
    ERASES = "erases everything"


SHARES: Final = {
    Deed.CANCELS_PHOTOS: 0.04, Deed.CANCELS_BILL: 0.04, Deed.PAYS_LATE: 0.08,
    Deed.PAYS_TWICE: 0.05, Deed.PRESSES_TWICE: 0.1, Deed.SENDS_MORE: 0.1, Deed.MORE: 0.3,
    Deed.RESTYLE: 0.3, Deed.ANOTHER: 0.2, Deed.CLIP: 0.15, Deed.TOP_UP: 0.1,
    Deed.WITHDRAWS: 0.04, Deed.ERASES: 0.08,
}  # fmt: skip
"""How many of all do each; what comes later in the list is done later."""

IN_WECHAT: Final = 0.2
ENDS: Final = frozenset({Deed.CANCELS_PHOTOS, Deed.CANCELS_BILL})
IN_TELEGRAM: Final = frozenset(
    {Deed.PAYS_TWICE, Deed.RESTYLE, Deed.CLIP, Deed.TOP_UP, Deed.SENDS_MORE}
)
"""What nobody does in WeChat here."""

FIRST: Final[tuple[tuple[bool, frozenset[Deed]], ...]] = (
    (False, frozenset({Deed.PAYS_TWICE, Deed.MORE, Deed.SENDS_MORE})),
    (True, frozenset({Deed.MORE})),
    (False, frozenset({Deed.PRESSES_TWICE, Deed.RESTYLE, Deed.CLIP, Deed.TOP_UP})),
    (False, frozenset({Deed.CANCELS_BILL})),
    (False, frozenset({Deed.PAYS_LATE, Deed.ANOTHER, Deed.ERASES})),
    (False, frozenset({Deed.WITHDRAWS})),
    (True, frozenset({Deed.CANCELS_PHOTOS})),
)
"""Those who are in every crowd, so that the smallest one has everything; whether in WeChat."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``at`` is when they come, in seconds from the beginning; ``photos`` how many they send."""

    number: int
    at: float
    wechat: bool
    photos: int
    deeds: frozenset[Deed]

    def dice(self) -> random.Random:
        """Theirs alone."""
        return random.Random(f"crowd {self.number} {self.at}")


def crowd(customers: int, seconds: float, seed: int) -> Iterator[Plan]:
    """A day of them within so many seconds, as ``benchmarks/day`` has people come."""
    for number in range(customers):
        dice = random.Random(f"{seed} {number}")
        at, photos = moment(dice) / DAY * seconds, dice.choice((12, 13, 14, 16, 20))
        wechat = dice.random() < IN_WECHAT
        deeds = frozenset(deed for deed, share in SHARES.items() if dice.random() < share)
        if number < len(FIRST):
            wechat, deeds = FIRST[number]
        elif deeds & ENDS:
            deeds = frozenset({next(deed for deed in SHARES if deed in deeds)})
        yield Plan(number, at, wechat, photos, deeds - IN_TELEGRAM if wechat else deeds)
