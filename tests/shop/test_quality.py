import pytest

from shop.photos import quality
from shop.photos.quality import MissingView, PhotoHashes
from shop.records import Flaw, OrderId, Photo, PhotoId, PhotoState, UserId
from tests.shop.conftest import findings

ACCEPTED, REJECTED, HELD = PhotoState.ACCEPTED, PhotoState.REJECTED, PhotoState.HELD


@pytest.mark.parametrize(
    ("changes", "state", "flaw"),
    [
        ({}, ACCEPTED, None),
        ({"faces": 0, "face_share": 0.0, "sharpness": 0.0}, REJECTED, Flaw.NO_FACE),
        ({"faces": 2}, REJECTED, Flaw.SEVERAL_FACES),
        ({"face_share": 0.09}, REJECTED, Flaw.FACE_TOO_SMALL),
        ({"face_share": 0.2, "width": 300, "height": 2000}, REJECTED, Flaw.FACE_TOO_SMALL),
        ({"face_share": 0.2, "width": 400, "height": 2000}, ACCEPTED, None),
        ({"sharpness": 59.9}, REJECTED, Flaw.BLURRED),
        ({"sharpness": 60.0}, ACCEPTED, None),
        ({"indecency": 0.8}, REJECTED, Flaw.INDECENT),
        ({"indecency": 0.79}, HELD, Flaw.INDECENT),
        ({"indecency": 0.5}, HELD, Flaw.INDECENT),
        ({"indecency": 0.49}, ACCEPTED, None),
        ({"covered": 0.5}, REJECTED, Flaw.COVERED),
        ({"covered": 0.49}, ACCEPTED, None),
        ({"covered": 0.9, "sharpness": 59.9}, REJECTED, Flaw.BLURRED),  # too soft to judge
        ({"covered": 0.9, "sharpness": 60.0}, REJECTED, Flaw.COVERED),
        ({"covered": 0.9, "faces": 2}, REJECTED, Flaw.SEVERAL_FACES),
        ({"youth": 0.9}, HELD, Flaw.MINOR),
        ({"youth": 0.89}, ACCEPTED, None),  # for the album to say
        ({"youth": 0.9, "indecency": 0.6}, HELD, Flaw.MINOR),  # the graver suspicion
        ({"faces": 0, "indecency": 0.9}, REJECTED, Flaw.INDECENT),
        ({"faces": 0, "youth": 0.9}, REJECTED, Flaw.NO_FACE),  # nobody needs to look at that
    ],
)
def test_the_lines(changes, state, flaw):
    assert quality.evaluate(findings(1, **changes), []) == quality.PhotoVerdict(state, flaw)


def flipped(phash, bits):
    return f"{int(phash, 16) ^ ((1 << bits) - 1):064x}"


@pytest.mark.parametrize(("bits", "flaw"), [(0, Flaw.DUPLICATE), (12, Flaw.DUPLICATE), (13, None)])
def test_near_duplicates_also_in_the_mirror(bits, flaw):
    own = findings(1)
    for side in (own.phash, own.phash_mirrored):
        others = [findings(2).hashes, PhotoHashes(flipped(side, bits))]
        assert quality.evaluate(own, others).flaw is flaw


@pytest.mark.parametrize(("bits", "flaw"), [(0, Flaw.DUPLICATE), (48, Flaw.DUPLICATE), (49, None)])
def test_the_same_face_in_any_alignment_is_the_same_photo(bits, flaw):
    own = findings(1)
    for aligned in own.face_hashes:
        face = (int.from_bytes(aligned) ^ ((1 << bits) - 1)).to_bytes(72).hex()
        others = [findings(2).hashes, PhotoHashes("", face)]
        assert quality.evaluate(own, others).flaw is flaw


def test_what_has_no_hash_is_like_nothing():
    nothing = PhotoHashes("", "")
    assert quality.evaluate(findings(1), [nothing]).flaw is None
    assert quality.evaluate(findings(1, face_hashes=()), [findings(2).hashes]).flaw is None
    assert findings(1, face_hashes=()).hashes.face == ""


@pytest.mark.parametrize(
    ("youths", "young"),
    [
        ([], False),
        ([0.5], True),
        ([0.49], False),
        ([0.8] * 6 + [0.0] * 17, False),  # what one adult woman's album looked like
        ([0.8] * 12 + [0.0] * 11, True),
        ([0.8] * 11 + [0.0] * 12, False),
        ([0.2, 0.8], True),  # between two: their middle
    ],
)
def test_a_person_is_perhaps_a_minor_by_the_median(youths, young):
    assert quality.is_young(youths) is young


def photo(now, view="front", close=False):
    return Photo(
        PhotoId("p"), OrderId("o"), UserId("u"), ACCEPTED, "", "", now, view=view, close=close
    )


def test_wishes_name_what_is_missing(now):
    assert quality.missing_views([]) == tuple(
        MissingView[name]
        for name in ("FRONT", "PROFILE_LEFT", "PROFILE_RIGHT", "CLOSE_UP", "HALF_BODY")
    )
    fronts = [photo(now, close=True)] * 3
    assert quality.missing_views([*fronts, photo(now, "left"), photo(now, "unknown")]) == (
        MissingView.PROFILE_RIGHT,
    )
    assert not quality.missing_views([*fronts, photo(now, "left"), photo(now, "right")])
