"""Which photos are marked as unlike the rest: by real faces of people who do not exist, and by made
vectors where only the rule counts."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.engine.messages import BadPhotos
from pipeline.images import unlike
from pipeline.images.unlike import compare
from shop.records import Compared

CUSTOMER = Path("deploy/demo/customer")


def faces_of(*people: int, own: float = 0.6, between: float = 0.1, seed: int = 1) -> np.ndarray:
    """So many faces of each person: those of one agree by about ``own``, of two by ``between``."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=512)
    rows = []
    for count in people:
        person = rng.normal(size=512)
        middle = np.sqrt(between) * common + np.sqrt(own - between) * person
        rows += [middle + np.sqrt(1 - own) * rng.normal(size=512) for _ in range(count)]
    vectors = np.array(rows)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def marked(vectors: np.ndarray, turned: set[int] = frozenset()) -> set[int]:
    aside = np.array([one in turned for one in range(len(vectors))])
    return set(np.flatnonzero(unlike.unlike(vectors, aside)).tolist())


@pytest.mark.parametrize(
    ("people", "odd"),
    [
        ((20,), set()),
        ((3,), set()),
        ((20, 1), {20}),
        ((1, 20), {0}),
        ((15, 23), set(range(15))),
        ((10, 10), set(range(10, 20))),  # no majority: not those of the first
        ((12, 5, 3), set(range(12, 20))),
        ((16, 1, 1, 1), {16, 17, 18}),
    ],
)
def test_the_fewer_are_marked_also_of_two_halves(people: tuple[int, ...], odd: set[int]) -> None:
    for seed in range(20):
        assert marked(faces_of(*people, seed=seed)) == odd


def test_photos_of_one_person_that_agree_badly_are_left_alone() -> None:
    """Of everyday photos, and a few from the side that agree with each other better."""
    assert marked(faces_of(20, own=0.35)) == set()
    own = faces_of(16, 4, own=0.6, between=0.4, seed=3)
    assert marked(own, turned={16, 17, 18, 19}) == set()


def test_where_nobody_agrees_nobody_is_marked() -> None:
    """Twenty strangers: no word is better than marks on nearly all of them."""
    assert all(marked(faces_of(*[1] * 20, seed=seed)) == set() for seed in range(20))


def test_real_faces_and_what_shows_none() -> None:
    *own, garden = [path.read_bytes() for path in sorted(CUSTOMER.glob("*.jpg"))]
    seen = []
    result = compare([*own, garden], lambda: seen.append(1))
    assert result.words == (*[Compared.ALIKE] * len(own), Compared.UNCLEAR)
    assert len(seen) == len(own) + 1, "it can be stopped between two photos"
    with pytest.raises(BadPhotos):
        compare([own[0], b"no JPEG"], lambda: None)
    assert compare(own[:2], lambda: None).words == (Compared.UNCLEAR,) * 2
