"""Recipes: read whole or refused by name of file and key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import recipe as recipes
from pipeline.orders import LicenceRefused, RecipeError

NAMES = sorted(path.stem for path in recipes.RECIPES.glob("*.toml"))
MINI = (recipes.RECIPES / "mini.toml").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_recipe_is_whole(name: str) -> None:
    recipe = recipes.load(name)
    assert recipe.licence.commercial
    assert recipe.licence.url
    assert recipe.train.sample_at < recipe.train.steps
    assert recipe.likeness.floor < recipe.likeness.default < recipe.likeness.ceiling


def test_the_four_bases_are_there() -> None:
    assert NAMES == ["mini", "sd15", "sdxl", "z-image"]
    assert len({recipes.load(name).hash for name in NAMES}) == 4


def changed(pattern: str, replacement: str) -> str:
    text, count = re.subn(pattern, replacement, MINI, count=1, flags=re.MULTILINE)
    assert count == 1
    return text


@pytest.mark.parametrize(
    ("pattern", "replacement", "says"),
    [
        (r"^rank = .*\n", "", "train.rank: missing"),
        (r"^rank = ", "ranks = ", "train.ranks: unknown key"),
        (r"^rank = .*", 'rank = "16"', "train.rank: '16' is not a int"),
        (r"^rank = .*", "rank = 16.0", "train.rank: 16.0 is not a int"),
        (r"^rank = .*", "rank = true", "train.rank: True is not a int"),
        (r"^rank = .*", "rank = 0", "train.rank: 0 is not in 1..512"),
        (r"^checkpoint_every = .*", "checkpoint_every = 11", "not in 1..10"),
        (r"^rate = .*", "rate = nan", "train.rate: nan is not in"),
        (r"^targets = .*", 'targets = "to_q"', "train.targets: must be a list"),
        (r"^targets = .*", "targets = []", "must not be empty"),
        (r"^targets = .*", "targets = [1]", r"train.targets\[0\]: 1 is not a str"),
        (r"^family = .*", 'family = "gan"', "family: 'gan' is none of sd, zimage, flux"),
        (r"^\[gate\]", "[gates]", "gates: unknown key"),
        (r"^\[licence\]", "licence = 1\n[x]", "unknown key"),
        (r"^caption = .*", 'caption = "a face"', r"must hold \{subject\}"),
        (r"^default = .*", "default = 3.0", "floor <= default <= ceiling"),
        (r"^pixels_least = .*", "pixels_least = 66000", "above pixels_most"),
        (r"^hub = .*", 'hub = "some/base"', "a hub id needs a full commit hash"),
        (r"^name = .*", 'name = "other"', "name: is 'other'"),
        (r"^rank = .*", "rank = = 3", "not TOML"),
        (r"eyes = [0-9.]+", "eyes = 0.9", r"dataset.framings\[0\].eyes: 0.9 is not in"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, pattern: str, replacement: str, says: str) -> None:
    (tmp_path / "mini.toml").write_text(changed(pattern, replacement), "utf-8")
    with pytest.raises(RecipeError, match=says) as caught:
        recipes.load("mini", tmp_path)
    assert "mini.toml" in str(caught.value)


def test_a_licence_without_commerce_needs_a_flag(tmp_path: Path) -> None:
    (tmp_path / "mini.toml").write_text(changed("commercial = true", "commercial = false"), "utf-8")
    with pytest.raises(LicenceRefused):
        recipes.load("mini", tmp_path)
    assert not recipes.load("mini", tmp_path, allow_noncommercial=True).licence.commercial


@pytest.mark.parametrize("name", ["", "../mini", "MINI", "mini.toml", "a/b", "x" * 99])
def test_a_name_is_not_a_path(name: str) -> None:
    with pytest.raises(RecipeError, match="no recipe named"):
        recipes.load(name)


def test_the_hash_follows_values_not_comments() -> None:
    whole = recipes.parse(MINI, "a")
    assert recipes.parse("# a comment\n" + MINI, "b").hash == whole.hash
    assert recipes.parse(changed("^rank = .*", "rank = 17"), "c").hash != whole.hash


@given(st.sampled_from(NAMES), st.integers(min_value=1, max_value=9000), st.integers(1, 9000))
def test_sizes_stay_on_the_grid_within_the_limits(name: str, width: int, height: int) -> None:
    recipe = recipes.load(name)
    wide, high = recipe.size(width, height)
    assert wide % recipe.paint.grid == high % recipe.paint.grid == 0
    assert 0 < wide * high <= recipe.paint.pixels_most
    narrowest = recipe.paint.narrowest
    wished = min(max(width / height, narrowest), 1 / narrowest)
    assert wide / high == pytest.approx(wished, rel=0.35)


def test_a_square_wish_is_painted_square() -> None:
    assert recipes.load("mini").size(1024, 1024) == (256, 256)
    assert recipes.load("mini").size(768, 1024) == (256, 256)  # it was taught squares alone
    assert recipes.load("sdxl").size(768, 1024) == (768, 1024)
    assert recipes.load("sd15").size(1024, 1024) == (576, 576)
