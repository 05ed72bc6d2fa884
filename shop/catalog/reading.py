"""Reads the catalogue's files and names every mistake in them at once."""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from shop.catalog.designs import KEYS as DESIGN_KEYS
from shop.catalog.designs import design
from shop.catalog.goods import GROUPS, PORTRAITS, CatalogError, Price, Stock, Template
from shop.people.users import LANGUAGES
from shop.records import Currency, Product, Subject

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,23}")
TEMPLATE_KEYS = {
    "group", "order", "subjects", "look", "prompt", "negative", "width", "height", "seeds",
    "name", "blurb",
}  # fmt: skip
PRICE_KEYS = {"product", "currency", "amount", "credits"}

Table = Mapping[str, Any]


class Mistakes(list[str]):
    """Collects what is wrong, each with the file and the key that it is about."""

    def unless(self, right: bool, where: str, what: str) -> None:
        if not right:
            self.append(f"{where}: {what}")


def read(folder: Path) -> Stock:
    """The stock in ``folder``. Raises :class:`CatalogError` with every mistake found."""
    mistakes = Mistakes()
    bases = _bases(folder / "bases.toml", mistakes)
    templates = [
        template
        for path in sorted((folder / "templates").glob("*.toml"))
        if (template := _template(path, folder, bases, mistakes)) is not None
    ]
    mistakes.unless(bool(templates), "templates", "there is none")
    prices, shoot_credits, referral_credits = _prices(folder / "prices.toml", mistakes)
    if mistakes:
        raise CatalogError("\n".join(mistakes))
    templates.sort(key=lambda one: (one.order, one.id))
    return Stock(tuple(templates), prices, shoot_credits, referral_credits, bases)


def _template(
    path: Path, folder: Path, bases: Collection[str], mistakes: Mistakes
) -> Template | None:
    table = _toml(path, mistakes)
    if not _keys(table, TEMPLATE_KEYS, path.name, mistakes, may=DESIGN_KEYS):
        return None
    before = len(mistakes)
    _check_template(table, path, mistakes)
    added = design(
        table, folder, bases, lambda right, what: mistakes.unless(right, path.name, what)
    )
    preview = folder / "previews" / f"{path.stem}.jpg"
    mistakes.unless(preview.is_file(), path.name, f"previews/{preview.name} is missing")
    if len(mistakes) > before:
        return None
    return Template(
        id=path.stem,
        names=dict(table["name"]),
        blurbs=dict(table["blurb"]),
        group=table["group"],
        order=table["order"],
        subjects=tuple(Subject(word) for word in table["subjects"]),
        look=tuple(table["look"]),
        prompt=table["prompt"],
        negative=table["negative"],
        width=table["width"],
        height=table["height"],
        seeds=tuple(table["seeds"]),
        preview=preview,
        **asdict(added),
    )


def _check_template(table: Table, path: Path, mistakes: Mistakes) -> None:
    where = path.name
    mistakes.unless(bool(ID.fullmatch(path.stem)), where, "the name is no id")
    mistakes.unless(table["group"] in GROUPS, where, f"group is none of {', '.join(GROUPS)}")
    mistakes.unless(type(table["order"]) is int, where, "order is no whole number")
    subjects = _words(table["subjects"])
    mistakes.unless(
        bool(subjects) and subjects <= {one.value for one in Subject}, where, "subjects"
    )
    mistakes.unless(_words(table["look"]) != set(), where, "look has no word")
    _check_prompt(table, where, mistakes)
    for side in ("width", "height"):
        mistakes.unless(_size(table[side]), where, f"{side} is no multiple of 8 in 256..2048")
    mistakes.unless(_seeds(table["seeds"]), where, f"seeds: {PORTRAITS} different ones, 0..2^31-1")
    _check_words(table["name"], 24, f"{where} name", mistakes)
    _check_words(table["blurb"], 160, f"{where} blurb", mistakes)


def _check_prompt(table: Table, where: str, mistakes: Mistakes) -> None:
    prompt = str(table["prompt"])
    bare = prompt.replace("{subject}", "", 1)
    mistakes.unless("{subject}" in prompt, where, "prompt lacks {subject}")
    mistakes.unless("{" not in bare and "}" not in bare, where, "prompt has other braces")
    mistakes.unless(isinstance(table["negative"], str), where, "negative is no text")


def _check_words(words: object, longest: int, where: str, mistakes: Mistakes) -> None:
    if not isinstance(words, dict) or set(words) != set(LANGUAGES):
        mistakes.append(f"{where}: needs exactly {', '.join(LANGUAGES)}")
        return
    for language, text in words.items():
        right = isinstance(text, str) and text.strip() == text and 0 < len(text) <= longest
        mistakes.unless(right, where, f"{language} is empty, padded or over {longest} characters")


def _bases(path: Path, mistakes: Mistakes) -> dict[str, frozenset[str]]:
    table = _toml(path, mistakes)
    mistakes.unless(bool(table), path.name, "there is no base")
    bases = {}
    for name, entry in table.items():
        if isinstance(entry, dict) and _keys(entry, {"looks"}, f"{path.name} {name}", mistakes):
            looks = _words(entry["looks"])
            mistakes.unless(bool(looks), f"{path.name} {name}", "looks has no word")
            bases[name] = frozenset(looks)
    return bases


def _prices(path: Path, mistakes: Mistakes) -> tuple[tuple[Price, ...], int, int]:
    table = _toml(path, mistakes)
    needed = {key: table[key] for key in table if key != "referral_credits"}
    if not _keys(needed, {"shoot_credits", "price"}, path.name, mistakes):
        return (), 0, 0
    shoot = table["shoot_credits"]
    mistakes.unless(type(shoot) is int and shoot > 0, path.name, "shoot_credits is no number > 0")
    referral = table.get("referral_credits", shoot)
    whole = type(referral) is int and referral >= 0
    mistakes.unless(whole, path.name, "referral_credits is no number >= 0")
    prices = [price for row in table["price"] if (price := _price(row, path.name, mistakes))]
    listed = sorted((one.product, one.currency, one.credits) for one in prices)
    mistakes.unless(
        all(one != other for one, other in pairwise(listed)), path.name, "a price is listed twice"
    )
    avatars = sorted(one.currency for one in prices if one.product is Product.AVATAR)
    mistakes.unless(bool(avatars), path.name, "an avatar has no price")
    mistakes.unless(len(set(avatars)) == len(avatars), path.name, "an avatar has two prices")
    return tuple(prices), shoot, referral


def _price(row: Table, where: str, mistakes: Mistakes) -> Price | None:
    if not _keys(row, PRICE_KEYS, where, mistakes):
        return None
    counts = all(type(row[key]) is int and row[key] > 0 for key in ("amount", "credits"))
    mistakes.unless(counts, where, f"amount and credits are whole numbers > 0: {dict(row)}")
    try:
        price = Price(
            Product(row["product"]), Currency(row["currency"]), row["amount"], row["credits"]
        )
    except ValueError as error:
        mistakes.append(f"{where}: {error}")
        return None
    mistakes.unless(price.currency is not Currency.CREDITS, where, "credits are no money")
    return price


def _toml(path: Path, mistakes: Mistakes) -> Table:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        mistakes.append(f"{path.name}: {error}")
        return {}


def _keys(
    table: Table,
    wanted: set[str],
    where: str,
    mistakes: Mistakes,
    *,
    may: frozenset[str] = frozenset(),
) -> bool:
    missing, unknown = wanted - set(table), set(table) - wanted - may
    mistakes.unless(not missing, where, f"lacks {', '.join(sorted(missing))}")
    mistakes.unless(not unknown, where, f"does not know {', '.join(sorted(unknown))}")
    return not missing and not unknown


def _words(value: object) -> set[str]:
    """The words of a list; nothing if it holds anything else."""
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        return set()
    return set(value)


def _size(value: object) -> bool:
    return isinstance(value, int) and 256 <= value <= 2048 and value % 8 == 0


def _seeds(value: object) -> bool:
    if not isinstance(value, list) or not all(type(seed) is int for seed in value):
        return False
    different = len(set(value)) == len(value) >= PORTRAITS
    return different and all(0 <= seed < 2**31 for seed in value)
