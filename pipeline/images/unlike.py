"""Which of the photos that are meant to be of one person are unlike the rest: only with the
customer's separate consent to it.

The embeddings live in this process's memory for as long as :func:`compare` runs; no number leaves
it, and none is logged. The rule was chosen on people who do not exist
(docs/benchmarks/unlike.md), so that a wrong mark is rarer than a missed one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import ClusterNode, linkage, to_tree

from pipeline.engine.comparison import ComparisonResult
from pipeline.engine.inspection import View
from pipeline.images import faces
from pipeline.images.photo import decode
from shop.records import Compared

# Photos that can show somebody else as a group; fewer are judged one by one.
LEAST_GROUP = 3
# Cosine between two groups / within them: below, they are two people.
TWO_PEOPLE = 0.72
# A photo is unlike the others below this share of how alike they are, within these bounds; one
# that is turned aside below less, since SFace knows profiles less well.
SHARE = 0.62
BOUNDS = 0.25, 0.40
TURNED = 0.8
ROUNDS = 3

Embeddings = NDArray[np.float32]  # (photos, 128), unit length
Cosines = NDArray[np.float32]  # (photos, photos)
Flags = NDArray[np.bool_]  # (photos,)


def compare(photos: Sequence[bytes], between_photos: Callable[[], None]) -> ComparisonResult:
    """A word for each of these JPEGs. UNCLEAR: no face could be compared, or too few of the others.

    ``between_photos`` is called before each. BadPhotos: one cannot be decoded.
    """
    vectors, turned, places = [], [], []
    for place, photo in enumerate(photos):
        between_photos()
        upright, found = faces.find_turned(decode(photo))
        vector = faces.embedding(upright)
        if vector is not None:
            vectors.append(vector)
            turned.append(faces.view(found[0]) is not View.FRONT)
            places.append(place)
    words = [Compared.UNCLEAR] * len(photos)
    if len(places) >= LEAST_GROUP:
        marked = unlike(np.stack(vectors), np.array(turned))
        for place, mark in zip(places, marked, strict=True):
            words[place] = Compared.UNLIKE if mark else Compared.ALIKE
    return ComparisonResult(tuple(words))


def unlike(embeddings: Embeddings, turned: Flags) -> Flags:
    """Which of at least :data:`LEAST_GROUP` faces are unlike the rest; ``turned``: seen from the
    side. Of two groups as large, the one without the first face; of single faces never so many that
    most are marked."""
    cosines = embeddings @ embeddings.T
    rest, others = _groups(cosines, turned)
    for _ in range(ROUNDS):
        alike = _mean_to(cosines, rest)
        low, high = BOUNDS
        bar = float(np.clip(SHARE * np.median(alike[rest]), low, high))
        marked = others | (alike < np.where(turned, TURNED, 1.0) * bar)
        if 2 * marked.sum() > len(marked):
            return others
        rest = ~marked
    return marked


def _groups(cosines: Cosines, turned: Flags) -> tuple[Flags, Flags]:
    """The largest group of faces, and those of other people's groups; single odd ones are in
    neither. By average linkage (UPGMA), from the whole down."""
    count = len(cosines)
    node: ClusterNode = to_tree(linkage((1 - cosines)[np.triu_indices(count, 1)], "average"))
    others = np.zeros(count, dtype=bool)
    while not node.is_leaf():
        larger, smaller = sorted((node.left, node.right), key=_size, reverse=True)
        most, few = (np.array(one.pre_order()) for one in (larger, smaller))
        if len(few) >= LEAST_GROUP:
            if 2 * turned[few].sum() > len(few) or not _two_people(cosines, most, few):
                break
            others[few] = True
        elif cosines[np.ix_(most, few)].mean() > BOUNDS[1] or len(most) < LEAST_GROUP:
            break
        node = larger
    rest = np.zeros(count, dtype=bool)
    rest[node.pre_order()] = True
    return rest, others


def _size(node: ClusterNode) -> tuple[int, int]:
    """By which the larger of two groups is found; of two as large, the one with the earliest."""
    members = node.pre_order()
    return len(members), -min(members)


def _two_people(cosines: Cosines, one: NDArray[np.int_], other: NDArray[np.int_]) -> bool:
    """Whether each is one person's, by how alike its faces are, and not the same's."""
    within = [_within(cosines, one), _within(cosines, other)]
    apart = cosines[np.ix_(one, other)].mean() < TWO_PEOPLE * np.mean(within)
    return bool(apart and min(within) > BOUNDS[0])


def _within(cosines: Cosines, group: NDArray[np.int_]) -> float:
    pairs = np.triu_indices(len(group), 1)
    return float(cosines[np.ix_(group, group)][pairs].mean())


def _mean_to(cosines: Cosines, group: Flags) -> NDArray[np.float32]:
    """Of each face, the mean cosine to the others of the group."""
    total = cosines[:, group].sum(axis=1) - np.where(group, np.diag(cosines), 0)
    return np.asarray(total / np.maximum(1, group.sum() - group))
