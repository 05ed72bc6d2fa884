"""A linear classifier beside the phrases: which examples a text is like.

``python -m benchmarks.questions.teach`` makes its weights; here they are only added up.
"""

import gzip
import json
import math
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final, NamedTuple

from handlers.questions.phrases import languages_of, plain

OTHER: Final = "-"
"""The class of what asks nothing of ours."""

WEIGHTS: Final = files(__package__).joinpath("weights.json.gz")


def features(typed: str) -> Counter[str]:
    """What the classifier sees of a text, with how often: its words, pairs of words and their
    parts of 3 and 4 letters; of Chinese and Korean, parts of 1 to 3 signs. Numbers are all one."""
    words = re.sub(r"\d+", "0", plain(typed)).split()
    if languages_of(typed) == ("en", "fr"):
        return Counter(_latin(words))
    between = "_" if languages_of(typed) == ("ko",) else ""
    return Counter(_parts(f"^{between.join(words)}$", (1, 2, 3)))


def _latin(words: list[str]) -> Iterator[str]:
    ends = ["^", *words, "$"]
    yield from (f"{one} {two}" for one, two in pairwise(ends))
    for word in words:
        yield f"={word}"
        yield from _parts(f"_{word}_", (3, 4))


def _parts(text: str, lengths: tuple[int, ...]) -> Iterator[str]:
    for length in lengths:
        yield from (text[at : at + length] for at in range(len(text) - length + 1))


def vector(seen: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, float]:
    """The features that are known, by how rare each is, to length 1. What is known of none says
    nothing."""
    raw = {one: math.sqrt(count) * rarity[one] for one, count in seen.items() if one in rarity}
    length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
    return {one: value / length for one, value in raw.items()}


class Classifier(NamedTuple):
    """``rarity``: of each feature, log(1 + texts / texts that have it). ``weights``: of each
    feature, a signed byte for each class, to be multiplied by ``scale``. ``bias``: by class."""

    classes: tuple[str, ...]
    rarity: dict[str, float]
    weights: dict[str, memoryview]
    bias: tuple[float, ...]
    scale: float

    def scores(self, typed: str) -> dict[str, float]:
        """By class, about 1 where it is meant and about 0 where not."""
        sums = [0.0] * len(self.classes)
        for feature, value in vector(features(typed), self.rarity).items():
            for at, weight in enumerate(self.weights[feature]):
                sums[at] += value * weight
        told = zip(self.classes, self.bias, sums, strict=True)
        return {name: bias + self.scale * total for name, bias, total in told}


@cache
def classifier() -> Classifier:
    """As it was taught last."""
    kept = json.loads(gzip.decompress(WEIGHTS.read_bytes()))
    classes, rarity = tuple(kept["classes"]), kept["rarity"]
    rows = memoryview(b64decode(kept["weights"])).cast("b")
    width = len(classes)
    weights = {one: rows[at * width : (at + 1) * width] for at, one in enumerate(rarity)}
    return Classifier(classes, rarity, weights, tuple(kept["bias"]), kept["scale"])
