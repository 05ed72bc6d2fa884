"""What is found on photos: faces, views, sharpness, decency, age; and what is refused."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFilter

from pipeline.engine.inspection import View
from pipeline.engine.messages import BadPhotos
from pipeline.images import faces, photo, safety
from pipeline.models import recipe
from pipeline.training import dataset
from pipeline.worker.results import to_photo_findings
from shop.photos.quality import RULES, evaluate
from shop.records import Flaw

SETTINGS = recipe.load("mini").dataset


@pytest.fixture(scope="module")
def portrait(good_photos: tuple[Path, ...]) -> np.ndarray:
    found = [photo.decode(path.read_bytes()) for path in good_photos]
    return next(
        p for p in found if len(faces.find(p)) == 1 and faces.view(faces.find(p)[0]) == "front"
    )


def as_jpeg(pixels: np.ndarray, **more: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=95, **more)
    return out.getvalue()


def test_every_sample_photo_shows_one_decent_adult(good_photos: tuple[Path, ...]) -> None:
    for path in good_photos:
        found = photo.inspect(path.read_bytes())
        assert found.faces == 1, path.name
        assert found.indecency < 0.5, path.name
        assert found.youth < 0.5, path.name
        assert 0.1 < found.face_share <= 1, path.name
        assert len(found.phash) == len(found.phash_mirrored) == 64


def test_a_blurred_photo_is_softer(portrait: np.ndarray) -> None:
    blurred = np.asarray(Image.fromarray(portrait).filter(ImageFilter.GaussianBlur(4)))
    sharp, soft = (photo.inspect(as_jpeg(p)).sharpness for p in (portrait, blurred))
    assert sharp > 60 > soft


def test_a_photo_lying_on_its_side_is_understood(portrait: np.ndarray) -> None:
    upright = photo.inspect(as_jpeg(portrait))
    for quarter_turns in (1, 3):
        lying = photo.inspect(as_jpeg(np.rot90(portrait, quarter_turns)))
        assert (lying.faces, lying.turns, upright.turns) == (1, 4 - quarter_turns, 0)
        assert (lying.width, lying.height) == (upright.width, upright.height)


def test_exif_turns_are_obeyed(portrait: np.ndarray) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    turned = photo.decode(as_jpeg(np.rot90(portrait), exif=exif))
    assert turned.shape == portrait.shape


def test_two_people_are_two_and_passers_by_none(portrait: np.ndarray) -> None:
    beside = np.concatenate([portrait, portrait[:, ::-1]], axis=1)
    assert photo.inspect(as_jpeg(beside)).faces == 2
    far = np.full_like(portrait, 128)
    tiny = cv2.resize(portrait, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    far[: tiny.shape[0], : tiny.shape[1]] = tiny
    assert photo.inspect(as_jpeg(np.concatenate([portrait, far], axis=1))).faces == 1


def test_no_face_is_no_face() -> None:
    found = photo.inspect(as_jpeg(np.full((200, 200, 3), 90, np.uint8)))
    assert (found.faces, found.face_share, found.sharpness, found.youth) == (0, 0, 0, 0)
    assert found.view is View.UNKNOWN


def test_mirroring_swaps_hashes_and_views(good_photos: tuple[Path, ...]) -> None:
    views = set()
    for path in good_photos:
        pixels = photo.decode(path.read_bytes())
        one, other = photo.inspect(as_jpeg(pixels)), photo.inspect(as_jpeg(pixels[:, ::-1]))
        expected = dataset.MIRRORED.get(one.view, one.view)
        assert other.view is expected, path.name
        distance = (int(one.phash, 16) ^ int(other.phash_mirrored, 16)).bit_count()
        assert distance <= 12, path.name
        views.add(one.view)
    assert View.FRONT in views
    assert views & {View.LEFT, View.RIGHT}, "no profile among the samples"


def test_left_is_where_the_nose_points_to_the_pictures_left() -> None:
    def seen(nose: float) -> View:
        points = np.array([[30, 40], [70, 40], [nose, 60], [38, 80], [62, 80]], dtype=float)
        return faces.view(faces.Face(10, 10, 80, 90, 1, points))

    assert [seen(x) for x in (32, 50, 68)] == [View.LEFT, View.FRONT, View.RIGHT]


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_what_did_not_come_from_the_sanitizer_is_not_even_opened(
    kind: str, portrait: np.ndarray
) -> None:
    out = io.BytesIO()
    Image.fromarray(portrait).save(out, kind)
    with pytest.raises(BadPhotos):
        photo.decode(out.getvalue())


def test_the_two_bad_sample_photos_are_bad(good_photos: tuple[Path, ...]) -> None:
    folder = good_photos[0].parent
    garden, blurred = folder / "20-garden.jpg", folder / "19-blurred.jpg"
    if not garden.is_file():
        pytest.skip("this sample person has no bad photos")
    assert photo.inspect(garden.read_bytes()).faces == 0
    soft = to_photo_findings(photo.inspect(blurred.read_bytes()))
    assert soft.covered > RULES.covered  # a bare face: so soft that it looks covered
    assert evaluate(soft, []).flaw is Flaw.BLURRED


def test_bombs_and_junk_are_refused() -> None:
    bomb = bytearray(as_jpeg(np.zeros((64, 64, 3), np.uint8)))
    size = bomb.index(b"\xff\xc0") + 5  # height and width, in the header of the frame
    bomb[size : size + 4] = (30_000).to_bytes(2, "big") * 2
    with pytest.raises(BadPhotos, match="too many pixels"):
        photo.decode(bytes(bomb))
    whole = as_jpeg(np.zeros((64, 64, 3), np.uint8))
    for junk in (b"", b"hello", whole[: len(whole) // 2]):
        with pytest.raises(BadPhotos, match="not a readable photo"):
            photo.decode(junk)


def test_crops_put_the_eyes_where_the_framing_says(good_photos: tuple[Path, ...]) -> None:
    for path in good_photos:
        pixels, found = faces.find_turned(photo.decode(path.read_bytes()))
        cut = faces.crop(pixels, found[0], 256, 0.25, 0.43)
        again = faces.find(cut)
        assert len(again) == 1, path.name
        middle, distance = faces.eyes(again[0])
        assert middle == pytest.approx([128, 0.43 * 256], abs=10), path.name
        assert distance == pytest.approx(0.25 * 256, rel=0.2), path.name
        assert abs(faces.roll(again[0])) < 6, path.name


def test_examples_are_captioned_and_the_same_for_the_same_seed(
    good_photos: tuple[Path, ...],
) -> None:
    photos = [path.read_bytes() for path in good_photos[:6]]
    seen: list[int] = []
    made = dataset.build_examples(photos, SETTINGS, "ohwx man", 5, seen.append).training
    assert seen == [1, 2, 3, 4, 5, 6]
    assert len(made) == 6 * SETTINGS.variants
    assert all(e.pixels.shape == (SETTINGS.resolution, SETTINGS.resolution, 3) for e in made)
    assert all(e.caption.startswith("ohwx man") and ", ," not in e.caption for e in made)
    again = dataset.build_examples(photos, SETTINGS, "ohwx man", 5).training
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(made, again, strict=True))
    other = dataset.build_examples(photos, SETTINGS, "ohwx man", 6).training
    assert not all(np.array_equal(a.pixels, b.pixels) for a, b in zip(made, other, strict=True))


def test_a_mirrored_profile_is_captioned_as_seen() -> None:
    words = recipe.load("sdxl").dataset
    behind = dataset.Backdrop
    left = dataset.caption(words, "x", "y", View.LEFT, behind.OTHER)
    assert left.endswith("turned to the left")
    assert dataset.caption(SETTINGS, "ohwx man", "", View.FRONT, behind.OTHER) == "ohwx man"
    told = dataset.caption(SETTINGS, "ohwx man", "", View.FRONT, behind.GREY)
    assert told == "ohwx man, greyground"
    sentence = recipe.load("z-image").dataset
    assert dataset.caption(sentence, "x", "y", View.FRONT, behind.OTHER).endswith("the camera.")


def test_plain_backgrounds_are_told_apart(good_photos: tuple[Path, ...]) -> None:
    seen = {}
    for path in good_photos:
        pixels = photo.decode(path.read_bytes())
        seen[path.stem] = dataset.classify_backdrop(
            faces.crop(pixels, faces.find(pixels)[0], 128, 0.235)
        )
    selfie = next(found for name, found in seen.items() if "selfie" in name)
    assert selfie is dataset.Backdrop.OTHER
    studio = [found for name, found in seen.items() if "selfie" not in name]
    assert studio.count(dataset.Backdrop.GREY) >= 0.8 * len(studio)
    flat = {255: "white", 128: "grey", 20: "dark"}
    for light, name in flat.items():
        assert dataset.classify_backdrop(np.full((128, 128, 3), light, np.uint8)) == name
    blue = np.full((128, 128, 3), (40, 80, 200), np.uint8)
    assert dataset.classify_backdrop(blue) is dataset.Backdrop.OTHER


def test_photos_with_two_faces_or_none_train_nobody(portrait: np.ndarray) -> None:
    two = as_jpeg(np.concatenate([portrait, portrait], axis=1))
    none = as_jpeg(np.zeros((99, 99, 3), np.uint8))
    with pytest.raises(BadPhotos, match="1 of 4 photos show exactly one face"):
        dataset.build_examples([as_jpeg(portrait), two, none, b"junk"], SETTINGS, "ohwx man", 1)


def test_the_gate_names_what_is_wrong(portrait: np.ndarray) -> None:
    gate = recipe.load("sdxl").gate
    blurred = np.asarray(Image.fromarray(portrait).filter(ImageFilter.GaussianBlur(6)))
    two = np.concatenate([portrait, portrait], axis=1)
    assert safety.judge(portrait, gate, adult=True).passed
    assert safety.judge(blurred, gate, adult=True).fault == "soft"
    assert safety.judge(two, gate, adult=True).fault == "several faces"
    assert safety.judge(np.zeros((99, 99, 3), np.uint8), gate, adult=True).fault == "no face"


def test_a_gate_for_youth_holds_only_adult_requests(
    portrait: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = recipe.load("sdxl").gate
    monkeypatch.setattr(safety, "painted_youth", lambda pixels, face: 0.95)
    assert safety.judge(portrait, gate, adult=True).fault == "young"
    assert safety.judge(portrait, gate, adult=False).passed
    monkeypatch.setattr(safety, "indecency", lambda pixels: 0.9)
    assert safety.judge(portrait, gate, adult=False).fault == "indecent"


def test_likeness_is_measurable_but_apart(good_photos: tuple[Path, ...]) -> None:
    paths = good_photos
    one, other = (faces.embedding(photo.decode(p.read_bytes())) for p in paths[2:4])
    assert one is not None
    assert other is not None
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert float(one @ other) > 0.3
    assert faces.embedding(np.zeros((64, 64, 3), np.uint8)) is None


def test_a_finder_that_raves_finds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """On tiny pictures YuNet has told of faces of no size, a hundred thousand pixels away."""
    far, flat, real = np.zeros((3, 15), np.float32)
    far[:4], flat[:4], real[:4] = (115195, 160343, 40, 40), (30, 30, 0, 0), (20, 20, 40, 40)

    class Raving:
        def setInputSize(self, size: object) -> None:  # noqa: N802 - OpenCV's name
            pass

        def detect(self, picture: object) -> tuple[int, np.ndarray]:
            return 3, np.stack([far, flat, real])

    monkeypatch.setattr(faces, "finder", Raving)
    (found,) = faces.find(np.zeros((90, 90, 3), np.uint8))
    assert (found.left, found.width) == (20, 40)
    assert faces.find(np.zeros((32, 32, 3), np.uint8)) == ()
