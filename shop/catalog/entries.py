"""The catalogue's entries: templates (styles) and prices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from shop.records import Currency, Grade, Motion, Product, Subject

EVERYTHING: Final = "*"  # among a base's looks: it knows any
GROUPS: Final = ("id", "business", "everyday", "history", "film", "art")
SEED_RANGE: Final = 2**31  # a seed is at least 0 and below this
PORTRAITS: Final = 4  # seeds that a template has at least; a shoot paints as many
EXPRESSIONS: Final = ("soft_smile", "smile", "neutral", "surprise", "wink")  # the engine's words
USUAL_EXPRESSION: Final = "soft_smile"
OFFERED_EXPRESSIONS: Final = ("soft_smile", "smile", "neutral")  # what customers choose between
RETOUCHES: Final = ("skin", "light", "background")  # the engine's words for its painted steps


FRAMINGS: Final = ("close_up", "head_and_shoulders")  # the engine's words


class CatalogError(Exception):
    """The data files are wrong; the text names every mistake, one a line."""


@dataclass(frozen=True, slots=True)
class TemplateShot:
    """How one portrait of a shoot differs: ``words`` after the prompt, or a ``framing`` of its own;
    "" for what it leaves as it is.
    """

    words: str = ""
    framing: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A style in which a person can be painted. ``names`` and ``blurbs`` are by language.

    bases         the only base models that can paint it; empty: whichever know its ``look``
    style_lora    a designer's LoRA beside the customer's, applied by ``style_weight``; 0 without
    reference     a picture that is painted over, with ``strength`` 0..1 (1: nothing of it is left)
    mask          of the reference's size: white is painted anew, black stays; None: all of it
    retouch       painted steps after the portrait, words of ``RETOUCHES``, in this order
    shown_by      the class word of whoever is painted on its preview; None where nobody is
    expression    what the face is to do, one of ``EXPRESSIONS``; the prompt need not say it
    expressions   those of ``OFFERED_EXPRESSIONS`` that a customer may ask for instead
    framing       how much of the person is shown, one of ``FRAMINGS``; "": as the base usually does
    shots         the portraits of a shoot take them in turn; empty: they differ in their seeds
    background    "#rrggbb" that "background" paints behind the person; "" without
    grade         how its pictures are finished where a base cannot paint the look; None without
    graded_prompt the prompt for a base whose pictures are so finished; "" without
    """

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
    shown_by: Subject | None = None
    expression: str = USUAL_EXPRESSION
    expressions: tuple[str, ...] = OFFERED_EXPRESSIONS
    bases: tuple[str, ...] = ()
    style_lora: Path | None = None
    style_weight: float = 0.0
    reference: Path | None = None
    mask: Path | None = None
    strength: float = 0.0
    retouch: tuple[str, ...] = ()
    framing: str = ""
    shots: tuple[TemplateShot, ...] = ()
    background: str = ""
    grade: Grade | None = None
    graded_prompt: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Price:
    """``amount`` minor units of ``currency`` buy ``product`` and grant ``credits``; an avatar
    grants those of one shoot more, for its initial portraits (:func:`shop.orders.orders.place`).
    """

    product: Product
    currency: Currency
    amount: int
    credits: int


@dataclass(frozen=True, slots=True)
class MotionEntry:
    """A motion as it is sold. ``names`` and ``blurbs`` are by language; ``preview`` is an animated
    WebP."""

    motion: Motion
    names: Mapping[str, str]
    blurbs: Mapping[str, str]
    order: int
    preview: Path
