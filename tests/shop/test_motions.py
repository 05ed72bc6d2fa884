"""Motions: what a designer may write, what is refused and how it is said, and what is shipped."""

import io

import pytest
from PIL import Image

from shop.catalog import FOLDER, Catalog, CatalogError
from shop.catalog.loader import read_motion
from shop.errors import NotFound
from shop.labels.hidden import is_labelled
from shop.people.users import LANGUAGES
from shop.records import Keyframe, Motion, Track
from tests.shop.test_catalog import BASES, GOOD, PRICES

NOD = """
order = 3
seconds = 2.0
faces = true
[name]
zh_CN = "点头"
en = "Nod"
fr = "Oui"
ko = "끄덕"
[blurb]
zh_CN = "点头"
en = "Nod"
fr = "Oui"
ko = "끄덕"
[tracks]
pitch = [[0.0, 0.0], [1.0, 5.0], [2.0, 0.0]]
zoom = [[0.0, 1.1]]
"""


@pytest.fixture
def folder(tmp_path):
    for room in ("templates", "previews", "motions/previews"):
        (tmp_path / room).mkdir(parents=True)
    (tmp_path / "previews/blue.jpg").write_bytes(b"jpeg")
    (tmp_path / "prices.toml").write_text(PRICES)
    (tmp_path / "bases.toml").write_text(BASES)
    (tmp_path / "templates/blue.toml").write_text(GOOD, "utf-8")
    for name, order in (("nod", 3), ("bow", 2)):
        (tmp_path / f"motions/{name}.toml").write_text(NOD.replace("3", str(order), 1), "utf-8")
        (tmp_path / f"motions/previews/{name}.webp").write_bytes(name.encode())
    return tmp_path


def test_a_motion_is_read_in_the_shops_order_with_its_preview(folder):
    catalog = Catalog.load(folder)
    assert list(catalog.motions) == ["bow", "nod"]
    entry = catalog.motion("nod")
    pitch = (Keyframe(0.0, 0.0), Keyframe(1.0, 5.0), Keyframe(2.0, 0.0))
    assert entry.motion == Motion(
        "nod", 2.0, 25, True, ((Track.PITCH, pitch), (Track.ZOOM, (Keyframe(0.0, 1.1),)))
    )
    assert (entry.names["ko"], entry.blurbs["en"]) == ("끄덕", "Nod")
    assert catalog.motion_preview("nod") == b"nod"
    assert read_motion(folder / "motions/nod.toml") == entry.motion


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("seconds = 2.0", "", "nod.toml: lacks seconds"),
        ("seconds = 2.0", "seconds = 60.0", "nod.toml: seconds: "),
        ("seconds = 2.0", "seconds = 1.5", "tracks.pitch: goes on after the clip's 1.5 s"),
        ('fr = "Oui"\n', "", "nod.toml: name needs exactly"),
        ("[1.0, 5.0]", "[1.0, 45.0]", "tracks.pitch: goes beyond -10 to 10"),
        ("[1.0, 5.0]", "[0.0, 5.0]", "tracks.pitch goes back"),
        ("[2.0, 0.0]", "[2.0, 1.0]", "tracks.pitch: begins or ends away from 0"),
        ("1.1", "nan", "nod.toml: tracks.zoom.0.1: "),
        ("pitch = ", "wings = ", "nod.toml: tracks.wings"),
        ("pitch = [[0.0, 0.0], [1.0, 5.0], [2.0, 0.0]]\n", "", "faces: nothing in it moves one"),
        ("faces = true", "faces = true\nfps = 60", "nod.toml: does not know fps"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_key(folder, old, new, said):
    path = folder / "motions/nod.toml"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(CatalogError) as mistakes:
        Catalog.load(folder)
    assert said in str(mistakes.value)
    with pytest.raises(CatalogError, match=r"nod\.toml"):
        read_motion(path)


def test_a_motion_without_a_preview_is_a_mistake(folder):
    (folder / "motions/previews/nod.webp").unlink()
    with pytest.raises(CatalogError, match=r"motions/previews/nod\.webp is missing"):
        Catalog.load(folder)


def test_an_unknown_motion_is_not_found():
    with pytest.raises(NotFound):
        Catalog.load().motion("fly")
    with pytest.raises(NotFound):
        Catalog.load().motion_preview("fly")


def test_what_is_sold():
    motions = Catalog.load().motions
    heads = {"gentle", "smile", "nod", "turn", "look-around", "surprise"}
    assert {id for id, one in motions.items() if one.motion.faces} == heads
    assert set(motions) - heads == {"push-in", "pull-out", "pan", "orbit"}
    for language in LANGUAGES:
        assert len({one.names[language] for one in motions.values()}) == len(motions)


def test_every_preview_moves_is_labelled_and_all_are_small():
    previews = {id: Catalog.load().motion_preview(id) for id in Catalog.load().motions}
    assert sum(map(len, previews.values())) < 2_000_000
    for preview in previews.values():
        assert is_labelled(preview)
        with Image.open(io.BytesIO(preview)) as moving:
            assert moving.n_frames > 20
            assert max(moving.size) <= 320
    kept = {one.stem for one in (FOLDER / "motions/previews").glob("*.webp")}
    assert kept == set(previews), "beside them is the clip of all"
