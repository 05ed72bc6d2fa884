"""Recipes: read whole or refused by name of file and key."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.expressions import Expression
from pipeline.engine.messages import LicenceRefused, RecipeError
from pipeline.engine.shots import Framing
from pipeline.models import recipe as recipes
from shop.catalog import Catalog
from shop.catalog.entries import EXPRESSIONS, OFFERED_EXPRESSIONS

NAMES = sorted(path.stem for path in recipes.RECIPES.glob("*.toml"))
SHOP = Path(__file__).resolve().parents[3] / "shop"
MINI = (recipes.RECIPES / "mini.toml").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_recipe_is_whole(name: str) -> None:
    recipe = recipes.load(name)
    assert recipe.licence.commercial
    assert recipe.licence.url
    assert recipe.train.sample_at < recipe.train.steps
    assert 0 < recipe.likeness.default < recipe.likeness.ceiling


def test_the_bases_are_there_and_each_is_its_own() -> None:
    assert NAMES == ["flux2-klein", "mini", "qwen-image", "sd15", "sdxl", "z-image"]
    assert len({recipes.load(name).hash for name in NAMES}) == len(NAMES)


def test_every_base_has_its_looks_in_the_catalogue() -> None:
    """A template is offered by the looks of the base; a base without any would offer none."""
    looks = tomllib.loads((SHOP / "catalog" / "bases.toml").read_text("utf-8"))
    assert sorted(looks) == NAMES
    assert all(entry["looks"] for entry in looks.values())


@pytest.mark.parametrize("name", NAMES)
def test_the_shop_offers_expressions_that_the_base_has_different_words_for(name: str) -> None:
    """One word and the same seeds are the same picture, sold twice."""
    words = recipes.load(name).dataset.expressions
    groups = Catalog.load().expressions[name]
    named = [{words.of(Expression(one)) for one in group} for group in groups]
    assert all(len(group) == 1 for group in named), "a group is one word"
    assert len(set.union(*named)) == len(groups), "and no other group's"
    styles = {Expression(one) for one in EXPRESSIONS if one not in OFFERED_EXPRESSIONS}
    assert not {words.of(one) for one in styles} & set.union(*named)


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
        (r"^learning_rate = .*", "learning_rate = nan", "train.learning_rate: nan is not in"),
        (r"^targets = .*", 'targets = "to_q"', "train.targets: must be a list"),
        (r"^targets = .*", "targets = []", "must not be empty"),
        (r"^targets = .*", "targets = [1]", r"train.targets\[0\]: 1 is not a str"),
        (
            r"^family = .*",
            'family = "gan"',
            "family: 'gan' is none of sd, zimage, flux, flux2, qwen",
        ),
        (r"^\[gate\]", "[gates]", "gates: unknown key"),
        (r"^\[licence\]", "licence = 1\n[x]", "unknown key"),
        (r"^caption = .*", 'caption = "a face"', r"must hold \{subject\}"),
        (r"^default = .*", "default = 3.0", "default <= ceiling"),
        (r"^min_pixels = .*", "min_pixels = 66000", "above max_pixels"),
        (r"^hub = .*", 'hub = "some/base"', "a hub id needs a full commit hash"),
        (r"^name = .*", 'name = "other"', "name: is 'other'"),
        (r"^rank = .*", "rank = = 3", "not TOML"),
        (r"^keep_checkpoints = .*\n", "", "train.keep_checkpoints: missing"),
        (
            r"^keep_checkpoints = .*",
            "keep_checkpoints = 4",
            "train.keep_checkpoints: 4 is not in 1..3",
        ),
        (r"^prior_share = .*", "prior_share = 0.6", "train.prior_share: 0.6 is not in 0..0.5"),
        (r"^face_weight = .*", "face_weight = 0.5", "train.face_weight: 0.5 is not in 1..100"),
        (r"^compile = .*", 'compile = "full"', "train.compile: 'full' is none of none, regional"),
        (
            r"^gradient_checkpointing = .*",
            "gradient_checkpointing = 0",
            "train.gradient_checkpointing: 0 is not a bool",
        ),
        (r"^candidates = .*", "candidates = 9", "paint.candidates: 9 is not in 1..8"),
        (
            r"^min_similarity = .*",
            "min_similarity = 1.1",
            "gate.min_similarity: 1.1 is not in -1..1",
        ),
        (r"^painter = .*", 'painter = "turbo"', "weights.painter: must be a table"),
        (r"^sha256 = .*", 'sha256 = "ab"', "weights.sha256: must be a table"),
        (r"^sha256 = .*", 'sha256 = { "a.bin" = 3 }', "weights.sha256.a.bin: 3 is not a str"),
        (r"^sha256 = .*", 'sha256 = { "a.bin" = "ab" }', "weights.sha256.a.bin: not a sha256"),
        (r"^folder = .*", 'folder = "../mini"', "weights.folder: must be a folder below"),
        (r"^denoiser = .*\n", "", "weights.classes.denoiser: missing"),
        (r"^text_encoders = .*", "text_encoders = []", "weights.classes.text_encoders: must be"),
        (r"^shift = .*\n", "", "dataset.shift: missing"),
        (r"^enlarge = .*", "enlarge = 0.5", "dataset.wide.enlarge: 0.5 is not in 1..2"),
        (r"eyes = [0-9.]+", "eyes = 0.9", r"dataset.framings\[0\].eyes: 0.9 is not in"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, pattern: str, replacement: str, says: str) -> None:
    (tmp_path / "mini.toml").write_text(changed(pattern, replacement), "utf-8")
    with pytest.raises(RecipeError, match=says) as caught:
        recipes.load("mini", tmp_path)
    assert "mini.toml" in str(caught.value)


def test_every_mistake_is_named_at_once() -> None:
    text = MINI
    for pattern, replacement in (
        (r"^token = .*", "token = 1979-05-27"),
        (r"^rank = .*\n", ""),
        (r"^sha256 = .*", 'sha256 = { "a.bin" = "ab", "b.bin" = 3 }'),
        (r"^candidates = .*", "candidates = 9\nmore = 1"),
        (r"^caption = .*", 'caption = "a face"'),
        (r"^default = .*", "default = 3.0"),
        (r"^step = .*", "step = 0"),
    ):
        text, count = re.subn(pattern, replacement, text, count=1, flags=re.MULTILINE)
        assert count == 1
    with pytest.raises(RecipeError) as caught:
        recipes.parse(text, "a.toml")
    named = [line.split(": ")[:2] for line in str(caught.value).splitlines()]
    assert {file for file, _ in named} == {"a.toml"}
    assert sorted(key for _, key in named) == [
        *("dataset.caption", "likeness.default", "likeness.step", "paint.candidates", "paint.more"),
        *("token", "train.rank", "weights.sha256.a.bin", "weights.sha256.b.bin"),
    ]


def test_a_whole_number_may_stand_for_a_float() -> None:
    recipe = recipes.parse(changed("^max_grad_norm = .*", "max_grad_norm = 1"), "a")
    assert type(recipe.train.max_grad_norm) is float
    assert recipe == recipes.parse(MINI, "b")


def test_a_diffusion_has_no_time_shift() -> None:
    text = (recipes.RECIPES / "sd15.toml").read_text("utf-8")
    with pytest.raises(RecipeError, match=r"paint.shift: family sd has no time shift"):
        recipes.parse(text.replace("shift = 0.0\n", "shift = 3.0\n"), "a")


def test_only_two_passes_can_have_two_lora_scales() -> None:
    text = (recipes.RECIPES / "sdxl.toml").read_text("utf-8")
    with pytest.raises(RecipeError, match=r"paint.uncond_lora_scale: only for family flux"):
        recipes.parse(text.replace("uncond_lora_scale = 1.0", "uncond_lora_scale = 0.5"), "a")
    text = (recipes.RECIPES / "mini.toml").read_text("utf-8")
    with pytest.raises(RecipeError, match=r"with a guidance above 1"):
        recipes.parse(re.sub("(?m)^guidance = .*", "guidance = 1.0", text), "a")


def test_a_licence_without_commerce_needs_a_flag(tmp_path: Path) -> None:
    """As an operator would add FLUX.1-dev: the flux family, its own licence."""
    text = changed('^name = "mini"', 'name = "flux1-dev"')
    text = text.replace("commercial = true", "commercial = false")
    text = re.sub('(?m)^name = "MIT.*', 'name = "FLUX.1 [dev] Non-Commercial License"', text)
    (tmp_path / "flux1-dev.toml").write_text(text, "utf-8")
    with pytest.raises(LicenceRefused, match=r"flux1-dev.toml: FLUX.1 \[dev\] Non-Commercial"):
        recipes.load("flux1-dev", tmp_path)
    assert not recipes.load("flux1-dev", tmp_path, allow_noncommercial=True).licence.commercial


def test_a_painter_is_a_place_of_its_own() -> None:
    text = (recipes.RECIPES / "z-image.toml").read_text("utf-8")
    painter = recipes.parse(text, "a").weights.painter
    assert painter is not None
    assert painter.folder == "z-image-turbo"
    hub = re.sub(r'(?s)(turbo"\nhub = )""', r'\1"some/turbo"', text)
    with pytest.raises(RecipeError, match=r"weights.painter.revision: a hub id needs"):
        recipes.parse(hub, "b")
    with pytest.raises(RecipeError, match=r"weights.painter.folder: missing"):
        recipes.parse(text.replace('folder = "z-image-turbo"\n', ""), "c")


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
    for framing in (None, *Framing):
        wide, high = recipe.size(width, height, framing)
        assert wide % recipe.paint.size_multiple == high % recipe.paint.size_multiple == 0
        most = recipe.paint.max_pixels * recipe.paint.framed(framing).enlarge ** 2
        assert 0 < wide * high <= most
        min_aspect_ratio = recipe.paint.min_aspect_ratio
        wished = min(max(width / height, min_aspect_ratio), 1 / min_aspect_ratio)
        assert wide / high == pytest.approx(wished, rel=0.35)


@pytest.mark.parametrize("name", NAMES)
def test_every_base_has_words_or_a_size_of_its_own_for_every_framing(name: str) -> None:
    recipe = recipes.load(name)

    def asked(framing: Framing | None) -> tuple[str, tuple[int, int]]:
        prompt = recipe.prompt("portrait of {subject}", "woman", True, framing=framing)
        assert f"portrait of {recipe.token} woman" in prompt
        return prompt, recipe.size(512, 512, framing)

    assert asked(Framing.CLOSE_UP) != asked(Framing.HEAD_AND_SHOULDERS)


def test_the_embedded_base_paints_head_and_shoulders_as_it_was_taught() -> None:
    """At 384 px without the word "closeup", and LoRAs are trained on such pictures too: with the
    eyes as many pixels apart as in a close-up."""
    recipe = recipes.load("mini")
    assert recipe.size(768, 1024, Framing.HEAD_AND_SHOULDERS) == (384, 384)
    assert recipe.size(768, 1024, Framing.CLOSE_UP) == recipe.size(768, 1024) == (256, 256)
    shoulders = Framing.HEAD_AND_SHOULDERS
    smiling = recipe.prompt("{subject}", "man", True, Expression.SMILE, shoulders)
    assert smiling == "ohwx man, smile"
    widened = recipe.dataset.widened()
    assert widened.resolution == 384
    (wide,), (close,) = widened.framings, recipe.dataset.framings
    assert wide.eyes * 384 == pytest.approx(close.eyes * 256, rel=0.01)
    assert recipe.train.wide_every > 1
    few = dataclasses.replace(recipe.dataset.wide, variants=1)
    grimacing = dataclasses.replace(recipe.dataset, wide=few, grimace_variants=3)
    assert grimacing.widened().grimace_variants == 1, "more crops of a grimace than of a calm face"


def test_a_square_wish_is_painted_square() -> None:
    assert recipes.load("mini").size(1024, 1024) == (256, 256)
    assert recipes.load("mini").size(768, 1024) == (256, 256)  # it was taught squares alone
    assert recipes.load("sdxl").size(768, 1024) == (768, 1024)
    assert recipes.load("sd15").size(1024, 1024) == (576, 576)


def test_a_prompt_asks_for_an_expression_by_the_captions_word() -> None:
    mini, sdxl = recipes.load("mini"), recipes.load("sdxl")
    template = "portrait of {subject}"
    assert mini.prompt(template, "man", True) == "closeup, portrait of ohwx man"
    asked = mini.prompt(template, "man", True, Expression.SURPRISE)
    assert asked == "closeup, portrait of ohwx man, surprised"
    assert mini.prompt(template, "man", True, Expression.SURPRISE, Framing.CLOSE_UP) == asked
    assert sdxl.prompt(template, "man", False, Expression.SOFT_SMILE).endswith("man, soft smile")


@pytest.mark.parametrize("name", recipes.names())
def test_every_base_has_a_word_for_what_can_be_asked(name: str) -> None:
    words = recipes.load(name, allow_noncommercial=True).dataset.expressions
    assert all(words.of(Expression(one)) for one in EXPRESSIONS)
    assert words.of(Expression.NEUTRAL) != words.of(Expression.SMILE)
