"""What designers add to templates: style LoRAs, references, masks, retouch."""

import json

import pytest
from PIL import Image

from shop.catalog import FOLDER, Catalog, CatalogError
from shop.catalog.schema import TemplateFile
from shop.records import Subject
from tests.shop.test_catalog import BASES, EACH_APART, GOOD, PRICES

STYLE = 'bases = ["sdxl"]\nstyle_lora = "grain.safetensors"\nstyle_weight = 0.6\n'
STAGE = 'reference = "stage.png"\nmask = "mask.png"\nstrength = 0.7\n'
RETOUCH = 'retouch = ["skin", "background"]\nbackground = "#438EDB"\n'


def lora(name: str = "unet.to_q.lora_A.weight", cut: int = 0) -> bytes:
    header = json.dumps({name: {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}).encode()
    return len(header).to_bytes(8, "little") + header + bytes(16 - cut)


@pytest.fixture
def folder(tmp_path):
    for room in ("templates", "previews", "designs"):
        (tmp_path / room).mkdir()
    (tmp_path / "previews/blue.jpg").write_bytes(b"jpeg")
    (tmp_path / "prices.toml").write_text(PRICES)
    (tmp_path / "bases.toml").write_text(BASES + f'[sdxl]\nlooks = ["*"]\n{EACH_APART}')
    designs = tmp_path / "designs"
    (designs / "grain.safetensors").write_bytes(lora())
    (designs / "half.safetensors").write_bytes(lora(cut=1))
    (designs / "whole-model.safetensors").write_bytes(lora("unet.to_q.weight"))
    (designs / "pointer.safetensors").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    Image.new("RGB", (512, 640), "navy").save(designs / "stage.png")
    Image.new("RGB", (640, 640), "navy").save(designs / "square.png")
    Image.new("RGB", (128, 160), "navy").save(designs / "small.png")
    Image.new("L", (512, 640), 255).save(designs / "mask.png")
    Image.new("L", (512, 640), 0).save(designs / "black.png")
    Image.new("L", (256, 320), 255).save(designs / "half-mask.png")
    (designs / "broken.png").write_bytes(b"\x89PNG\r\n")
    return tmp_path


def load(folder, added):
    (folder / "templates/blue.toml").write_text(added + GOOD, "utf-8")
    return Catalog.load(folder)


def test_all_of_it_is_read(folder):
    [blue] = load(folder, STYLE + STAGE + RETOUCH).templates
    designs = folder / "designs"

    assert (blue.style_lora, blue.style_weight) == (designs / "grain.safetensors", 0.6)
    assert (blue.reference, blue.mask, blue.strength) == (
        designs / "stage.png", designs / "mask.png", 0.7,
    )  # fmt: skip
    assert (blue.retouch, blue.background) == (("skin", "background"), "#438edb")


def test_none_of_it_has_to_be_there(folder):
    [blue] = load(folder, "").templates
    assert (blue.style_lora, blue.reference, blue.mask) == (None, None, None)
    assert (blue.retouch, blue.background) == ((), "")


def test_a_style_for_one_base_is_not_sold_on_another(folder):
    catalog = load(folder, STYLE)
    shown, lacking = catalog.offered("mini", Subject.WOMAN)
    assert (shown, [one.id for one in lacking]) == ((), ["blue"])
    assert [one.id for one in catalog.offered("sdxl", Subject.WOMAN)[0]] == ["blue"]


@pytest.mark.parametrize(
    ("given", "old", "new", "what"),
    [
        (STYLE, "style_weight = 0.6\n", "", "style_weight is no number"),
        (STYLE, "0.6", "2.5", "style_weight is no number"),
        (STYLE, "0.6", '"0.6"', "style_weight is no number"),
        (STYLE, 'style_lora = "grain.safetensors"\n', "", "style_weight without style_lora"),
        (STYLE, 'bases = ["sdxl"]\n', "", "name them in bases"),
        (STYLE, '"sdxl"', '"sd-xl"', "bases is no list of different words out of mini, sdxl"),
        (STYLE, '["sdxl"]', "[]", "bases is no list"),
        (STYLE, '["sdxl"]', "[[1], {a = 1}]", "bases is no list"),
        (STYLE, "grain", "grian", "designs/grian.safetensors is missing"),
        (STYLE, "grain", "../grain", "no file name"),
        (STYLE, "grain.safetensors", "grain.ckpt", "no file name"),
        (STYLE, "grain", "half", "no whole LoRA"),
        (STYLE, "grain", "pointer", "no whole LoRA"),
        (STYLE, "grain", "whole-model", "no whole LoRA"),
        (STYLE, "style_lora", "style_lore", "does not know style_lore"),
        (STAGE, "strength = 0.7\n", "", "strength is no number"),
        (STAGE, "0.7", "0", "strength is no number"),
        (STAGE, "0.7", "1.1", "strength is no number"),
        (STAGE, "0.7", "true", "strength is no number"),
        (STAGE, 'reference = "stage.png"\n', "", "mask without reference"),
        (STAGE, "stage", "square", "not of the shape"),
        (STAGE, "stage", "small", "smaller than 256"),
        (STAGE, "stage", "broken", "broken.png is no picture"),
        (STAGE, "mask.png", "black.png", "nothing white"),
        (STAGE, "mask.png", "half-mask.png", "not of the reference's size"),
        (RETOUCH, '"skin", ', '"skinn", ', "retouch is no list of different words out of back"),
        (RETOUCH, '"skin", ', '"background", ', "retouch is no list"),
        (RETOUCH, ', "background"]', "]", "background without"),
        (RETOUCH, "#438EDB", "blue", "background is no colour"),
        (RETOUCH, 'background = "#438EDB"\n', "", "background is no colour"),
    ],
)
def test_each_mistake_is_named(folder, given, old, new, what):
    assert old in given
    with pytest.raises(CatalogError, match=what):
        load(folder, given.replace(old, new))


def test_the_designers_page_knows_every_key():
    page = (FOLDER.parents[1] / "docs/templates.md").read_text("utf-8")
    assert [
        key for key in TemplateFile.model_fields if f"`{key}" not in page.replace("[", "")
    ] == []


def test_our_id_photos_stand_before_their_own_colour():
    ids = {one.id: one for one in Catalog.load(FOLDER).templates if one.group == "id"}
    plain = {id: one.background for id, one in ids.items() if one.retouch == ("background",)}
    assert plain == {"id-blue": "#438edb", "id-red": "#ff0000", "id-white": "#ffffff"}
