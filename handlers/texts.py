"""Localized messages from ``locales/``, with money, dates, numbers and time spans.

Messages are Fluent (https://projectfluent.org): plurals and numbers by CLDR. A missing key or
variable raises, so that a test finds it and not a customer.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from fluent.runtime import FluentBundle, FluentResource

from shop.people.users import LANGUAGES
from shop.records import Currency

FOLDER: Final = Path(__file__).parent.parent / "locales"
MINOR_UNITS: Final[Mapping[Currency, int]] = {
    Currency.CNY: 100,
    Currency.XTR: 1,
    Currency.CREDITS: 1,
}
"""How many minor units make one unit of a currency."""

SLACK: Final = 0.1
"""Share of a unit by which a span may be longer than said: 241 seconds are 4 minutes."""

Value = str | int

_COMMAND: Final = re.compile(r"(?<![\w/])/([a-z]+)")
_LOOSE: Final = {
    "zh_CN": re.compile(r"(?<=[\u3400-\u9fff]) (?=\u201c)|(?<=\u201d) (?=[\u3400-\u9fff])"),
    "ko": re.compile(r"(?<=\u201d) (?=(?:\ub85c|\ub77c\uace0|\ub97c|\uc744)(?!\w))"),
}
"""The spaces that a command needs beside it, and a quoted word does not."""
_WITHIN: Final = {"zh_CN": re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")}
"""The space that a sum in yuan needs before a word; one in Stars ends in a word, and does not."""
UNSPACED: Final = frozenset({"zh_CN", "ko"})
"""Languages whose regular expressions (``words-...``) are of text without spaces."""
_PARTED: Final = ("words-", "admin-")
"""What lists words that are parted, to be typed."""


class TextError(LookupError):
    """A message or one of its variables is missing: a mistake in the code or in a translation."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a channel lacks, as far as texts speak of it. ``typed``: buttons; its people type, and
    ``/cancel`` is said to them as the word that does the same. ``pictures``: files; what would be
    one is a picture. ``words``: commands alone, on a page with buttons. ``open``: a way to tell
    somebody who has closed it; ``contact``: to tell somebody who has not written for long.
    ``numbers``: marks on what somebody sent; photos are named by their numbers. ``zone``: that of
    the studio (IANA's name), by whose calendar days are told."""

    typed: bool = False
    pictures: bool = False
    words: bool = False
    open: bool = False
    contact: bool = False
    numbers: bool = False
    zone: str = "UTC"

    def of(self, key: str) -> tuple[str, ...]:
        """The keys under which a message may stand, the most fitting first."""
        lacks = {
            "typed": self.typed,
            "pictures": self.pictures,
            "numbers": self.numbers,
            "open": self.open,
            "contact": self.contact,
        }
        return (*(f"{key}-{name}" for name, lacking in lacks.items() if lacking), key)


class Texts:
    """The messages of one language: ``texts("tally-head", sent=3, accepted=2)``."""

    def __init__(self, language: str, wording: Wording = Wording()) -> None:
        self.language = language
        self._wording = wording
        self._bundle = _bundle(language)

    def __call__(self, key: str, **variables: Value) -> str:
        """Raises :class:`TextError`."""
        keys = self._wording.of(key)
        text = self._message(
            next((one for one in keys if self._bundle.has_message(one)), key), variables
        )
        by_words = self._wording.typed or self._wording.words
        if not by_words or not _COMMAND.search(text):
            return text
        loose = _LOOSE.get(self.language)
        text = _COMMAND.sub(self._word_for, text)
        return loose.sub("", text) if loose else text

    def word(self, command: str) -> str:
        """What may be typed instead of that command, as ``words-...`` lists it first."""
        return self._message(f"words-{command}", {}).partition("|")[0].strip()

    def _word_for(self, found: re.Match[str]) -> str:
        if not self._bundle.has_message(f"words-{found[1]}"):
            return found[0]
        return self._message("typed-word", {"word": self.word(found[1])})

    def _message(self, key: str, variables: Mapping[str, Value]) -> str:
        if not self._bundle.has_message(key):
            raise TextError(f"{self.language}: no message {key}")
        message = self._bundle.get_message(key)
        if message.value is None:
            raise TextError(f"{self.language}: {key} has no text")
        text, errors = self._bundle.format_pattern(message.value, dict(variables))
        if errors:
            raise TextError(f"{self.language}: {key}: {errors[0]}")
        within = None if key.startswith(_PARTED) else _WITHIN.get(self.language)
        return within.sub("", str(text)) if within else str(text)

    def channel(self, name: str) -> str:
        """A chat platform's name as people call it; as its registry does where no text says."""
        key = f"channel-{name}"
        return self(key) if self._bundle.has_message(key) else name

    def money(self, amount: int, currency: Currency) -> str:
        """``amount`` in minor units: ¥9.90; 9,90 ¥; 125 Stars."""
        units = MINOR_UNITS[currency]
        pattern = "#,##0.00" if units > 1 else "#,##0"
        number = format_decimal(amount / units, format=pattern, locale=self.language)
        return self(f"money-{currency.value}", amount=number, count=amount)

    def day(self, at: date) -> str:
        """A day; of a moment, the one that it is in the studio's zone."""
        if isinstance(at, datetime):
            at = at.astimezone(ZoneInfo(self._wording.zone))
        return str(format_date(at, format="medium", locale=self.language))

    def moment(self, at: datetime) -> str:
        """A day and the time of it, to the second, in the studio's zone: for operators."""
        zone = ZoneInfo(self._wording.zone)
        return str(format_datetime(at, "yyyy-MM-dd HH:mm:ss", tzinfo=zone, locale=self.language))

    def percent(self, share: float) -> str:
        """``share`` is 0..1 and may be more."""
        return str(format_percent(share, locale=self.language))

    def strength(self, weight: float) -> str:
        """A LoRA's weight as the number of a dial, in tenths: 0.8 is 8, 0.95 is 9.5. A setting, and
        no measure: so no percentage."""
        return str(format_decimal(round(weight * 10, 1), format="0.#", locale=self.language))

    def prose(self, *sentences: str) -> str:
        """Sentences in a row."""
        return ("" if self.language in _WITHIN else " ").join(sentences)

    def listing(self, things: Sequence[str]) -> str:
        return str(format_list(things, locale=self.language))

    def span(self, low: float, high: float | None = None) -> str:
        """A number of seconds, or a range of them, in words: "5 to 8 minutes". The longer end is
        rounded up: a customer forgives a wait that was shorter than promised."""
        longest = max(low, high or low)
        unit, size = _unit(longest)
        least, most = max(1, round(low / size)), max(1, math.ceil(longest / size - SLACK))
        if unit == "seconds":
            least, most = (max(5, -(-each // 5) * 5) for each in (least, most))
        if high is None or least >= most:
            return self(f"span-{unit}", low=most)
        return self(f"span-{unit}-range", low=least, high=most)

    def wait(self, seconds: float) -> str:
        """A number of seconds in words that is never too short: whoever comes back then is in
        time."""
        unit, size = _unit(seconds)
        whole = max(1, math.ceil(seconds / size))
        return self(f"span-{unit}", low=-(-whole // 5) * 5 if unit == "seconds" else whole)


def _unit(seconds: float) -> tuple[str, int]:
    """The largest unit of which that is at least two."""
    return next((each for each in _UNITS if seconds >= each[1] * 2), _UNITS[-1])


_UNITS: Final = (("hours", 3600), ("minutes", 60), ("seconds", 1))


@cache
def texts(language: str, wording: Wording = Wording()) -> Texts:
    """The messages of a supported language; raises :class:`TextError` for any other."""
    if language not in LANGUAGES:
        raise TextError(f"no such language: {language}")
    return Texts(language, wording)


def every() -> Iterable[Texts]:
    """All the languages, the first market's first."""
    return (texts(language) for language in LANGUAGES)


@cache
def _bundle(language: str) -> FluentBundle:
    # No isolation marks: our languages all run from left to right, and people copy these texts.
    bundle = FluentBundle([language.replace("_", "-")], use_isolating=False)
    for path in sorted((FOLDER / language).glob("*.ftl")):
        bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))
    return bundle
