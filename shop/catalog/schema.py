"""The shape of the catalogue's TOML files, as pydantic models: unknown keys are refused, numbers
and words are checked, and what one key demands of another is checked with the later of the two.

Nothing is defaulted quietly: a key without the one that it belongs to is a mistake.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final, Literal, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    RootModel,
    ValidationInfo,
)

from shop.catalog import design_files
from shop.catalog.entries import (
    EXPRESSIONS,
    FRAMINGS,
    GROUPS,
    OFFERED_EXPRESSIONS,
    PORTRAITS,
    RETOUCHES,
    SEED_RANGE,
    USUAL_EXPRESSION,
    Price,
    TemplateShot,
)
from shop.catalog.grade_file import colour_code
from shop.people.users import LANGUAGES
from shop.records import Currency, Grade, Product, Subject

HEAVIEST: Final = 2.0  # of a style LoRA


@dataclass(frozen=True, slots=True)
class CatalogContext:
    """What a template's keys are checked against: the folder, its base models and its grades."""

    folder: Path
    bases: Collection[str]
    grades: Mapping[str, Grade] = field(default_factory=dict)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Word = Annotated[str, Field(min_length=1)]
Positive = Annotated[int, Field(strict=True, gt=0)]
Side = Annotated[int, Field(strict=True, ge=256, le=2048, multiple_of=8)]
Seed = Annotated[int, Field(strict=True, ge=0, lt=SEED_RANGE)]


def _different(seeds: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(seeds)) != len(seeds):
        raise ValueError("are not all different")
    return seeds


def _prompt(text: str) -> str:
    if "{subject}" not in text:
        raise ValueError("lacks {subject}")
    rest = text.replace("{subject}", "", 1)
    if "{" in rest or "}" in rest:
        raise ValueError("has other braces")
    return text


def complete_texts(texts: object) -> object:
    """Texts by language, none missing. Raises ValueError."""
    if not isinstance(texts, dict) or set(texts) != set(LANGUAGES):
        raise ValueError(f"needs exactly {', '.join(LANGUAGES)}")
    return texts


def up_to(longest: int) -> AfterValidator:
    """Checks a text: not empty, not padded, at most so many characters."""

    def check(text: str) -> str:
        if text.strip() != text or not 0 < len(text) <= longest:
            raise ValueError(f"is empty, padded or over {longest} characters")
        return text

    return AfterValidator(check)


def _words_of(words: object, known: Collection[str]) -> tuple[str, ...]:
    given = words if isinstance(words, list) else []
    right = bool(given) and all(isinstance(word, str) and word in known for word in given)
    if right and len(set(given)) == len(given):
        return tuple(given)
    raise ValueError(f"is no list of different words out of {', '.join(sorted(known))}")


def _context(info: ValidationInfo) -> CatalogContext:
    return cast("CatalogContext", info.context)


def _bases(words: object, info: ValidationInfo) -> tuple[str, ...]:
    return _words_of(words, _context(info).bases)


def _retouch(words: object) -> tuple[str, ...]:
    return _words_of(words, RETOUCHES)


def _expressions(words: object, info: ValidationInfo) -> tuple[str, ...]:
    given = _words_of(words, OFFERED_EXPRESSIONS)
    own = info.data.get("expression")
    if own in OFFERED_EXPRESSIONS and own not in given:
        raise ValueError(f"lacks the style's own {own}")
    return given


def _style_lora(name: object, info: ValidationInfo) -> Path:
    path = design_files.design_file(_context(info).folder, name, design_files.LORAS)
    design_files.check_lora(path)
    if info.data.get("bases") == ():
        raise ValueError("fits few base models: name them in bases")
    return path


def _reference(name: object, info: ValidationInfo) -> Path:
    path = design_files.design_file(_context(info).folder, name, design_files.PICTURES)
    design_files.check_reference(path, info.data)
    return path


def _mask(name: object, info: ValidationInfo) -> Path:
    if not _has(info, "reference"):
        raise ValueError("without reference")
    path = design_files.design_file(_context(info).folder, name, design_files.PICTURES)
    design_files.check_mask(path, info.data.get("reference"))
    return path


def _amount_of(other: str, most: float) -> BeforeValidator:
    """A number above 0, up to ``most``, that must be there with the key ``other`` and only then."""

    def check(value: object, info: ValidationInfo) -> float:
        if not _has(info, other):
            if value is not None:
                raise ValueError(f"without {other}")
            return 0.0
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 < value <= most:  # type: ignore[operator]
            raise ValueError(f"is no number above 0, up to {most:g}")
        return float(value)  # type: ignore[arg-type]

    return BeforeValidator(check)


def _background(colour: object, info: ValidationInfo) -> str:
    if colour is None and "retouch" not in info.data:
        return ""  # whether it is wanted is not known: retouch is wrong itself
    if "background" in info.data.get("retouch", ("background",)):
        return colour_code(colour)
    if colour is not None:
        raise ValueError('without "background" in retouch')
    return ""


def _grade(name: object, info: ValidationInfo) -> Grade:
    grades = _context(info).grades
    if not isinstance(name, str) or name not in grades:
        raise ValueError(f"is none of grades/: {', '.join(sorted(grades)) or 'there is none'}")
    return grades[name]


def _graded_prompt(text: object, info: ValidationInfo) -> str:
    if not _has(info, "grade"):
        if text is not None:
            raise ValueError("without grade")
        return ""
    if not isinstance(text, str):
        raise ValueError("is missing, which a grade needs: what is painted before it")
    return _prompt(text)


def _has(info: ValidationInfo, key: str) -> bool:
    """Whether the file has that earlier, optional key, be its value right or wrong."""
    return key not in info.data or info.data[key] is not None


Framing = Literal[FRAMINGS]  # type: ignore[valid-type]


class ShotEntry(_File):
    """One of ``[[shots]]``."""

    words: Word | None = None
    framing: Framing | None = None

    def shot(self) -> TemplateShot:
        return TemplateShot(self.words or "", self.framing or "")


def _shots(shots: tuple[ShotEntry, ...]) -> tuple[ShotEntry, ...]:
    if len({one.shot() for one in shots}) < len(shots):
        raise ValueError("are not all different")
    if len(shots) > PORTRAITS:
        raise ValueError(f"are more than the {PORTRAITS} portraits of a shoot")
    return shots


_EVEN_IF_ABSENT: Any = Field(None, validate_default=True)


class TemplateFile(_File):
    """``templates/{id}.toml``. The order of the fields counts: each is checked against those before
    it. Wants a :class:`CatalogContext`.
    """

    group: Literal[GROUPS]  # type: ignore[valid-type]
    order: Annotated[int, Field(strict=True)]
    subjects: Annotated[tuple[Subject, ...], Field(min_length=1)]
    look: Annotated[tuple[Word, ...], Field(min_length=1)]
    prompt: Annotated[str, AfterValidator(_prompt)]
    negative: str
    width: Side
    height: Side
    seeds: Annotated[tuple[Seed, ...], Field(min_length=PORTRAITS), AfterValidator(_different)]
    name: Annotated[dict[str, Annotated[str, up_to(24)]], BeforeValidator(complete_texts)]
    blurb: Annotated[dict[str, Annotated[str, up_to(160)]], BeforeValidator(complete_texts)]

    shown_by: Literal[Subject.WOMAN, Subject.MAN] | None = None
    expression: Literal[EXPRESSIONS] = USUAL_EXPRESSION  # type: ignore[valid-type]
    expressions: Annotated[tuple[str, ...], BeforeValidator(_expressions)] = OFFERED_EXPRESSIONS
    bases: Annotated[tuple[str, ...], BeforeValidator(_bases)] = ()
    style_lora: Annotated[Path | None, BeforeValidator(_style_lora)] = None
    style_weight: Annotated[float, _amount_of("style_lora", HEAVIEST)] = _EVEN_IF_ABSENT
    reference: Annotated[Path | None, BeforeValidator(_reference)] = None
    mask: Annotated[Path | None, BeforeValidator(_mask)] = None
    strength: Annotated[float, _amount_of("reference", 1.0)] = _EVEN_IF_ABSENT
    retouch: Annotated[tuple[str, ...], BeforeValidator(_retouch)] = ()
    background: Annotated[str, BeforeValidator(_background)] = _EVEN_IF_ABSENT
    grade: Annotated[Grade | None, PlainValidator(_grade)] = None
    graded_prompt: Annotated[str, BeforeValidator(_graded_prompt)] = _EVEN_IF_ABSENT
    framing: Framing | Literal[""] = ""
    shots: Annotated[tuple[ShotEntry, ...], AfterValidator(_shots)] = ()


ExpressionGroups = tuple[tuple[str, ...], ...]
"""Expressions that a base tells apart; those of one group are the same word to it."""


def _each_once(groups: ExpressionGroups) -> ExpressionGroups:
    named = [word for group in groups for word in group]
    if sorted(named) != sorted(OFFERED_EXPRESSIONS) or () in groups:
        raise ValueError(f"does not name each once: {', '.join(OFFERED_EXPRESSIONS)}")
    return groups


class _BaseEntry(_File):
    looks: Annotated[frozenset[Word], Field(min_length=1)]
    expressions: Annotated[ExpressionGroups, AfterValidator(_each_once)]
    finished: frozenset[Word] = frozenset()


class BasesFile(RootModel[Annotated[dict[str, _BaseEntry], Field(min_length=1)]]):
    """``bases.toml``: base model -> what it can show, which of it by finishing, and which
    expressions it tells apart."""


def _money(currency: Currency) -> Currency:
    if currency is Currency.CREDITS:
        raise ValueError("is credits, which are no money")
    return currency


class _PriceEntry(_File):
    product: Product
    currency: Annotated[Currency, AfterValidator(_money)]
    amount: Positive
    credits: Positive


def _unambiguous(prices: tuple[_PriceEntry, ...]) -> tuple[_PriceEntry, ...]:
    listed = sorted((one.product, one.currency, one.credits) for one in prices)
    avatars = [one.currency for one in prices if one.product is Product.AVATAR]
    wrong = {
        "a price is listed twice": any(one == other for one, other in pairwise(listed)),
        "an avatar has no price": not avatars,
        "an avatar has two prices in one currency": len(set(avatars)) < len(avatars),
    }
    if any(wrong.values()):
        raise ValueError(f"is wrong: {', '.join(what for what, is_so in wrong.items() if is_so)}")
    return prices


class PricesFile(_File):
    """``prices.toml``. ``referral_credits``, ``together_credits`` and ``video_credits`` are None
    where the file leaves them out."""

    shoot_credits: Positive
    film_credits: Positive
    together_credits: Positive | None = None
    video_credits: Positive | None = None
    gift_clip: Annotated[bool, Field(strict=True)] = False
    referral_credits: Annotated[int, Field(strict=True, ge=0)] | None = None
    price: Annotated[tuple[_PriceEntry, ...], AfterValidator(_unambiguous)]

    def prices(self) -> tuple[Price, ...]:
        return tuple(
            Price(one.product, one.currency, one.amount, one.credits) for one in self.price
        )
