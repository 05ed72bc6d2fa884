"""What a shelf holds: templates and prices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from shop.records import Currency, Product, Subject

GROUPS: Final = ("id", "business", "everyday", "history", "film", "art")
PORTRAITS: Final = 4  # seeds that a template has at least; a shoot paints as many


class CatalogError(Exception):
    """The data files are wrong; the text names every mistake, one a line."""


@dataclass(frozen=True, slots=True)
class Template:
    """A style in which a person can be painted. ``names`` and ``blurbs`` are by language."""

    id: str
    names: Mapping[str, str]
    blurbs: Mapping[str, str]
    group: str
    order: int
    subjects: tuple[Subject, ...]
    look: tuple[str, ...]
    prompt: str = field(repr=False)
    negative: str = field(repr=False)
    width: int
    height: int
    seeds: tuple[int, ...]
    preview: Path


@dataclass(frozen=True, slots=True)
class Price:
    """``amount`` minor units of ``currency`` buy ``product`` and grant ``credits``."""

    product: Product
    currency: Currency
    amount: int
    credits: int


@dataclass(frozen=True, slots=True)
class Stock:
    """Everything that the files hold; ``bases`` are looks by base model."""

    templates: tuple[Template, ...]
    prices: tuple[Price, ...]
    shoot_credits: int
    referral_credits: int
    bases: Mapping[str, frozenset[str]]
