"""Weights are found, checked and told apart."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from pipeline import families
from pipeline.engine.messages import BaseMissing
from pipeline.families import loading
from pipeline.models import recipe as recipes
from pipeline.models import weights
from pipeline.models.recipe import Recipe
from pipeline.models.weights_settings import Pinned

pytestmark = pytest.mark.slow  # torch, and training or painting with it


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "mini"
    (folder / "vae").mkdir(parents=True)
    (folder / "model_index.json").write_text("{}")
    (folder / "vae" / "weights.safetensors").write_bytes(b"weights")
    (folder / "README.md").write_text("hello")
    weights.seal(folder)
    return folder


def test_the_small_models_are_the_pinned_ones() -> None:
    for model in (
        *(weights.FACE_FINDER, weights.FACE_MATCHER, weights.DECENCY),
        *(weights.AGE, weights.LABEL_FONT),
    ):
        assert weights.sha256(weights.find(model)) == model.sha256


def test_an_altered_or_absent_small_model_is_refused() -> None:
    with pytest.raises(BaseMissing, match="not the pinned file"):
        weights.find(dataclasses.replace(weights.AGE, sha256="0" * 64))
    with pytest.raises(BaseMissing, match="missing"):
        weights.find(dataclasses.replace(weights.AGE, file="models/none.onnx"))
    with pytest.raises(BaseMissing, match="not installed"):
        weights.find(dataclasses.replace(weights.AGE, package="no_such_package"))


def test_a_sealed_base_is_found_by_its_manifest(base: Path) -> None:
    source = weights.locate(recipes.load("mini"), base.parent)
    assert source.local
    assert source.place == str(base)
    (base / "README.md").write_text("changed")
    assert weights.locate(recipes.load("mini"), base.parent) == source


@pytest.mark.parametrize("harm", ["alter", "delete"])
def test_a_broken_seal_is_refused(base: Path, harm: str) -> None:
    file = base / "vae" / "weights.safetensors"
    file.write_bytes(b"others") if harm == "alter" else file.unlink()
    with pytest.raises(BaseMissing, match="missing or altered"):
        weights.locate(recipes.load("mini"), base.parent)


def test_a_base_that_must_be_sealed_needs_its_manifest(base: Path) -> None:
    (base / weights.MANIFEST).unlink()
    with pytest.raises(BaseMissing, match="has no manifest"):
        weights.locate(recipes.load("mini"), base.parent)


def test_without_a_folder_the_pinned_hub_revision_is_used(tmp_path: Path) -> None:
    source = weights.locate(recipes.load("sdxl"), tmp_path)
    assert not source.local
    assert source.place == "stabilityai/stable-diffusion-xl-base-1.0"
    assert source.revision == recipes.load("sdxl").weights.revision
    assert source.fingerprint.endswith(f"@{source.revision}")


def test_other_weights_have_another_fingerprint(base: Path) -> None:
    first = weights.locate(recipes.load("mini"), base.parent).fingerprint
    (base / "vae" / "weights.safetensors").write_bytes(b"trained further")
    weights.seal(base)
    assert weights.locate(recipes.load("mini"), base.parent).fingerprint != first


def pinned(recipe: Recipe, table: str) -> Recipe:
    """The recipe with what `weights pin` printed pasted in place of its empty tables."""
    text = (recipes.RECIPES / f"{recipe.name}.toml").read_text("utf-8")
    own, _, painters = table.partition("\n[weights.painter.sha256]")
    text = text.replace("[weights.classes]", f"{own}\n[weights.classes]")
    text = text.replace("[train]", f"[weights.painter.sha256]{painters}\n[train]", 1)
    return recipes.parse(text.replace("sha256 = {}\n", ""), "pinned")


def test_what_pin_prints_goes_into_the_recipe_and_is_then_kept_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.pipeline import tiny_bases as tiny

    tiny.write_base("z-image", tmp_path / "z-image")
    monkeypatch.setenv("EIDER_BASES", str(tmp_path))
    weights.main(["pin", "z-image"])
    recipe = pinned(recipes.load("z-image"), capsys.readouterr().out)
    assert recipe.weights.painter is not None
    names = [pin.file for pin in recipe.weights.painter.sha256]
    assert "transformer/diffusion_pytorch_model.safetensors" in names
    loose = weights.locate(recipes.load("z-image"), tmp_path)
    source = weights.locate(recipe, tmp_path)
    assert source.fingerprint != loose.fingerprint, "names and sizes are no proof"
    families.load(recipe, source, "cpu")

    for file in (
        tmp_path / "z-image" / "vae" / "config.json",
        tmp_path / "z-image-turbo" / "scheduler" / "scheduler_config.json",
    ):
        whole = file.read_bytes()
        file.write_bytes(whole + b" ")
        with pytest.raises(BaseMissing, match=f"{file.name} is missing or not what the recipe"):
            families.load(recipe, weights.locate(recipe, tmp_path), "cpu")
        file.write_bytes(whole)


def test_from_the_hub_the_pinned_revision_is_fetched_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub is a stand-in: what is asked of it, and that its files are not simply believed."""
    import diffusers
    import huggingface_hub

    from tests.pipeline import tiny_bases as tiny

    tiny.write_base("z-image", tmp_path / "z-image")
    asked: list[tuple[str, str, object]] = []

    def pipeline_of(place: str, revision: str, **more: object) -> str:
        asked.append((place, revision, more["use_safetensors"]))
        return str(tmp_path / "z-image")

    def parts_of(place: str, revision: str, allow_patterns: list[str]) -> str:
        asked.append((place, revision, allow_patterns))
        return str(tmp_path / "z-image-turbo")

    index = json.loads((tmp_path / "z-image" / "model_index.json").read_text())
    monkeypatch.setattr(diffusers.DiffusionPipeline, "load_config", lambda *a, **k: index)
    monkeypatch.setattr(diffusers.DiffusionPipeline, "download", pipeline_of)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", parts_of)
    recipe = recipes.load("z-image")
    painter = dataclasses.replace(recipe.weights.painter, hub="a/turbo", revision="f" * 40)  # type: ignore[type-var]
    recipe = dataclasses.replace(
        recipe, weights=dataclasses.replace(recipe.weights, painter=painter)
    )
    source = weights.locate(recipe, None)
    base = families.load(recipe, source, "cpu")
    assert base.inference_denoiser is not base.train_denoiser
    assert asked == [
        ("Tongyi-MAI/Z-Image", recipe.weights.revision, True),
        ("a/turbo", "f" * 40, ["transformer/*", "scheduler/*"]),
    ]
    wrong = (Pinned("transformer/config.json", "0" * 64),)
    for spoilt in (
        dataclasses.replace(source, pinned=wrong),
        dataclasses.replace(source, painter=dataclasses.replace(source.painter, pinned=wrong)),  # type: ignore[type-var]
    ):
        with pytest.raises(BaseMissing, match="not what the recipe pins"):
            families.load(recipe, spoilt, "cpu")


def test_a_painter_that_is_not_there_or_is_another_model_is_named(tmp_path: Path) -> None:
    from tests.pipeline import tiny_bases as tiny

    recipe = recipes.load("z-image")
    tiny.write_base("z-image", tmp_path / "z-image")
    config = tmp_path / "z-image-turbo" / "transformer" / "config.json"
    config.write_text('{"_class_name": "FluxTransformer2DModel"}')
    with pytest.raises(BaseMissing, match=r"the painter of 'z-image' .* is no ZImageTransformer2D"):
        families.load(recipe, weights.locate(recipe, tmp_path), "cpu")
    shutil.rmtree(tmp_path / "z-image-turbo")
    with pytest.raises(BaseMissing, match=r"put a diffusers folder at .*z-image-turbo"):
        weights.locate(recipe, tmp_path)


@pytest.mark.parametrize(
    ("part", "name"),
    [("vae", "AutoencoderKL"), ("transformer", "SD3Transformer2DModel"), ("text_encoder", "X")],
)
def test_a_base_of_other_classes_than_the_recipes_is_refused(part: str, name: str) -> None:
    recipe = recipes.load("mini")
    folder = weights.SHIPPED_BASES / "mini"
    index = json.loads((folder / "model_index.json").read_text())
    loading.check_classes(recipe, index)
    with pytest.raises(BaseMissing, match=f"names '{name}' as its {part}"):
        loading.check_classes(recipe, index | {part: ["diffusers", name]})


@pytest.mark.parametrize(
    "index",
    [
        "{}",
        "not json",
        '{"_class_name": "StableDiffusionPipeline"}',
        '{"_class_name": ["theirs", "FluxPipeline"]}',
        '{"_class_name": "FluxPipeline", "vae": ["diffusers", "AutoencoderTiny"]}',
        '{"_class_name": "FluxPipeline", "vae": "AutoencoderDC", "transformer": {}}',
        '{"_class_name": "FluxPipeline", "transformer": ["theirs", "FluxTransformer2DModel"]}',
    ],
)
def test_a_folder_that_is_no_base_says_so(base: Path, index: str) -> None:
    (base / "model_index.json").write_text(index)
    (base / "theirs.py").write_text("raise SystemExit('a stranger's code ran')")
    weights.seal(base)
    recipe = recipes.load("mini")
    with pytest.raises(BaseMissing, match=r"cannot load base 'mini'"):
        families.load(recipe, weights.locate(recipe, base.parent), "cpu")


def test_a_base_without_its_parts_says_where_to_put_a_whole_one(base: Path) -> None:
    index = (weights.SHIPPED_BASES / "mini" / "model_index.json").read_bytes()
    (base / "model_index.json").write_bytes(index)
    weights.seal(base)
    recipe = recipes.load("mini")
    with pytest.raises(BaseMissing, match=r"cannot load base 'mini' from .*EIDER_BASES/mini"):
        families.load(recipe, weights.locate(recipe, base.parent), "cpu")
