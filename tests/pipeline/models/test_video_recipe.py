"""Recipes of video bases: what they must hold, sizes, passes, words, licences."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.engine.messages import LicenceRefused, RecipeError
from pipeline.engine.video import Camera
from pipeline.models import recipe as recipes
from pipeline.models import video_recipe
from pipeline.models.video_recipe import VIDEO_RECIPES, VideoRecipe

NAMES = ("ltx-2", "wan22-i2v-a14b", "wan22-ti2v-5b")


def text_of(name: str) -> str:
    return (VIDEO_RECIPES / f"{name}.toml").read_text("utf-8")


def changed(name: str, **values: str) -> VideoRecipe:
    text = text_of(name)
    for key, value in values.items():
        text, count = re.subn(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
        assert count, key
    return video_recipe.parse(text, "changed.toml")


def test_every_recipe_that_ships_is_whole_and_is_none_of_a_picture_base() -> None:
    assert tuple(video_recipe.names()) == NAMES
    for name in NAMES:
        assert video_recipe.load(name, allow_noncommercial=True).name == name
    assert not set(NAMES) & set(recipes.names())


def test_only_ltx_2_is_behind_the_licence_switch() -> None:
    for name in ("wan22-ti2v-5b", "wan22-i2v-a14b"):
        assert all(one.commercial for one in video_recipe.load(name).licences())
    with pytest.raises(LicenceRefused, match="LTX-2 Community License"):
        video_recipe.load("ltx-2")


def test_an_effects_licence_counts_as_the_bases_own(tmp_path: Path) -> None:
    text = text_of("wan22-ti2v-5b").replace(
        'faces = 1\nweight = 0.0\nlicence = ""\nfiles = []',
        'faces = 1\nweight = 1.0\nfiles = [{ file = "wave.safetensors", denoiser = "transformer",'
        ' sha256 = "" }]\n[effects.wave.licence]\nname = "CC BY-NC"\nurl = ""\ncommercial = false',
    )
    (tmp_path / "wan22-ti2v-5b.toml").write_text(text)
    with pytest.raises(LicenceRefused, match="CC BY-NC"):
        video_recipe.load("wan22-ti2v-5b", tmp_path)
    wave = video_recipe.load("wan22-ti2v-5b", tmp_path, allow_noncommercial=True).effects["wave"]
    assert wave.files[0].file == "wave.safetensors"


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"frame_step": "8"}, "sampling.frame_step: is 4 for family wan"),
        ({"pass_frames": "0"}, "sampling.pass_frames: 0 is not in 5..1000"),
        ({"width": "700"}, "sampling.width: width and height must be multiples"),
        ({"shift": "3.0"}, "sampling.shift: 0 with the weights' own scheduler"),
        ({"offload": '"disk"'}, "memory.offload: 'disk' is none of none, model"),
        ({"faces": "1.5"}, "effects.hug.faces: 1.5 is not a int"),
        ({"step_loras": "[1]"}, "step_loras[0]: must be a table"),
        ({"pixels": "256"}, "sampling.size_multiple: one cell is above pixels"),
    ],
)
def test_a_wrong_key_is_named(values: dict[str, str], wrong: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(wrong)):
        changed("wan22-ti2v-5b", **values)


@pytest.mark.parametrize("path", ["/etc/lora.safetensors", "../lora.safetensors", "lora.ckpt"])
def test_a_lora_lies_below_the_bases_as_safetensors(path: str) -> None:
    with pytest.raises(RecipeError, match="a safetensors file below EIDER_BASES"):
        changed("wan22-i2v-a14b", file=f'"{path}"')


def test_a_lora_is_for_a_denoiser_that_the_base_has() -> None:
    text = text_of("wan22-i2v-a14b").replace('transformer_2 = "WanTransformer3DModel"', "")
    with pytest.raises(RecipeError, match=r"step_loras.*for a denoiser that the base has not"):
        video_recipe.parse(text, "one.toml")


def test_frames_have_the_pictures_shape_within_the_pixels() -> None:
    sampling = video_recipe.load("wan22-ti2v-5b").sampling
    for width, height in ((3000, 4000), (4000, 3000), (1000, 1000), (1080, 1920), (400, 4000)):
        for largest in (1280, 720, 512):
            wide, high = sampling.size(width, height, largest)
            assert wide % 32 == high % 32 == 0
            assert max(wide, high) <= largest
            assert wide * high <= sampling.pixels
            wanted = min(max(width / height, 0.45), 1 / 0.45)
            assert wide / high == pytest.approx(wanted, rel=0.09)
            assert max(wide, high) >= 0.85 * min(largest, (sampling.pixels / wanted) ** 0.5)


@pytest.mark.parametrize("name", NAMES)
def test_passes_have_the_seconds_frames_and_few_more(name: str) -> None:
    sampling = video_recipe.load(name, allow_noncommercial=True).sampling
    for seconds in (0.1, 1.0, 3.3, 5.0, 5.1, 8.0, sampling.max_seconds):
        passes = sampling.passes(seconds)
        frames = sum(passes) - (len(passes) - 1)  # the first of each but one is there already
        wanted = max(1, round(seconds * sampling.fps))
        assert wanted <= frames <= wanted + sampling.frame_step * len(passes)
        assert all(count <= sampling.pass_frames for count in passes)
        assert all(count % sampling.frame_step == 1 for count in passes)
    assert len(sampling.passes(5.0)) == 1


def test_a_prompt_is_words_then_the_effect_then_the_camera() -> None:
    recipe = video_recipe.load("wan22-ti2v-5b")
    prompt = recipe.prompt(" two old friends ", Camera.PUSH_IN, "hug")
    assert prompt == ", ".join(
        ("two old friends", recipe.effects["hug"].words, recipe.camera.push_in)
    )
    assert recipe.prompt("", None, "hug") == recipe.effects["hug"].words
    assert recipe.prompt("", None, "") == ""
    for name in NAMES:
        camera = video_recipe.load(name, allow_noncommercial=True).camera
        words = [camera.of(one) for one in Camera]
        assert all(words)
        assert len(set(words)) == len(words)


def test_hug_is_an_effect_of_every_video_base_and_needs_two() -> None:
    for name in NAMES:
        assert video_recipe.load(name, allow_noncommercial=True).effects["hug"].faces == 2
