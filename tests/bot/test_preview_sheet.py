"""A page of styles as one picture: named and numbered as the choices are, and labelled."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from redis.asyncio import Redis

from bot import preview_sheet
from bot.choices import numbered
from bot.preview_sheet import PreviewSheets, can_write
from bot.wechat.api import LARGEST_IMAGE
from handlers.chat import Button, Picture, Show
from shop.catalog import Catalog
from shop.labels import hidden
from shop.labels.signing import NoCredentials
from tests.bot.wechat.studio import WechatStudio

CATALOG = Catalog.load()


def tile(template: str, caption: str = "") -> Picture:
    data = CATALOG.preview(template)
    return Picture(f"preview:{template}", data, "image/jpeg", "", "1", f"s:{template}", caption)


async def drawn(*tiles: Picture) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO((await PreviewSheets(NoCredentials()).of(tiles)).data)))


async def test_a_page_of_styles_costs_one_message_and_its_names_are_the_choices(valkey, tmp_path):
    """Also where the numbers go on from what is being read."""
    async with Redis.from_url(valkey) as redis:
        studio = WechatStudio(tmp_path, redis)
        ada = studio.customer()
        await studio.type(ada, "你好")
        before, uploads = len(studio.phones[ada.name].sent), len(studio.phones.uploads)
        await studio.type(ada, "风格")
        phone = studio.phones[ada.name]
        [picture, words] = phone.seen[-2:]
        assert picture.startswith("(eider-preview-styles-")
        assert len(phone.sent) == before + 1
        await studio.type(ada, "风格")
        assert len(studio.phones.uploads) == uploads + 1, "WeChat has it already"
    styles = [line.partition(" — ")[0] for line in words.splitlines() if " — " in line]
    assert len(styles) == 6
    page = Show(
        tuple(tile(one.id) for one in CATALOG.templates[:6]), "",
        tuple((Button(one.names["zh_CN"], f"s:{one.id}"),) for one in CATALOG.templates[:6]),
    )  # fmt: skip
    [shown], actions = numbered([page], scannable=True, taken=["a", "b"])
    assert isinstance(shown, Show)
    assert actions[2] == page.pictures[0].choice
    assert [one.caption for one in shown.pictures] == shown.caption.splitlines()
    assert shown.pictures[0].caption.startswith("3 ")
    [sheet] = await PreviewSheets(NoCredentials()).gathered(shown.pictures)
    assert sheet.alt == ", ".join(shown.caption.splitlines())


async def test_what_stands_below_a_tile_is_its_caption(tmp_path: Path):
    one, other = [
        await drawn(tile("noir", f"{n} 黑色电影"), tile("studio", "2 经典棚拍")) for n in (1, 7)
    ]
    rows, columns = np.nonzero((np.abs(one.astype(int) - other) > 60).any(axis=2))
    assert rows.size
    assert columns.max() < one.shape[1] // 2, "of the first tile alone"
    assert rows.min() > 360, "below the picture"


async def test_every_tile_is_whole_and_in_its_place():
    ids = ["noir", "id-blue", "session", "studio", "pastel"]
    sheet = await drawn(*(tile(id, f"{n} a") for n, id in enumerate(ids)))
    for place, id in enumerate(ids):
        row, column = divmod(place, 3)
        top, left = 18 + row * (360 + 36 + 34), 18 + column * (360 + 18)
        with Image.open(io.BytesIO(CATALOG.preview(id))) as preview:
            whole = np.asarray(preview.convert("RGB").resize((360, 360)), dtype=int)
        assert np.abs(sheet[top : top + 360, left : left + 360] - whole).mean() < 4, id


async def test_a_sheet_of_painted_pictures_is_labelled_and_one_of_drawn_ones_is_not():
    sheets = PreviewSheets(NoCredentials())
    painted = [one.id for one in CATALOG.templates if hidden.is_labelled(CATALOG.preview(one.id))]
    by_hand = [one.id for one in CATALOG.templates if one.id not in painted]
    mixed = await sheets.of([tile(by_hand[0], "1 a"), tile(painted[0], "2 b")])
    with Image.open(io.BytesIO(mixed.data)) as picture:
        label = hidden.read_info(picture.info)
    assert label is not None
    assert label.is_painted
    assert len(mixed.data) <= LARGEST_IMAGE
    plain = await sheets.of([tile(by_hand[0], "1 a"), tile(by_hand[1], "2 b")])
    assert not hidden.is_labelled(plain.data)
    heights = [Image.open(io.BytesIO(one.data)).height for one in (mixed, plain)]
    assert heights[0] >= 1.05 * heights[1], "the visible mark, as high as the law asks"


async def test_single_pictures_and_those_without_a_choice_stay():
    sheets = PreviewSheets(NoCredentials())
    alone = tile("noir", "1 黑色电影")
    assert await sheets.gathered([alone]) == (alone,)
    others = (tile("noir"), tile("studio"))
    assert await sheets.gathered(others) == others


@pytest.mark.parametrize("template", CATALOG.templates, ids=lambda one: one.id)
def test_the_font_has_every_style_s_name(template):
    """A new name may need letters that the subset lacks: docs/templates.md says how it is made."""
    for language, name in template.names.items():
        assert can_write(name), (language, name)


async def test_of_a_name_that_cannot_be_written_the_number_is():
    assert not can_write("龘")
    second = tile("studio", "2 b")
    odd, number = [await drawn(tile("noir", one), second) for one in ("1 龘", "1")]
    assert np.array_equal(odd, number)


def test_the_font_brings_its_licence() -> None:
    folder = Path(preview_sheet.__file__).parent
    assert "SIL OPEN FONT LICENSE" in (folder / "NotoSansCJKsc-Bold-names.OFL.txt").read_text()
