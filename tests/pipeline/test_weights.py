"""Weights are found, checked and told apart."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from pipeline import families, weights
from pipeline import recipe as recipes
from pipeline.orders import BaseMissing

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


@pytest.mark.parametrize(
    "index",
    [
        "{}",
        "not json",
        '{"_class_name": "StableDiffusionPipeline"}',
        '{"_class_name": ["theirs", "FluxPipeline"]}',
        '{"_class_name": "FluxPipeline", "vae": ["diffusers", "AutoencoderTiny"]}',
    ],
)
def test_a_folder_that_is_no_base_says_so(base: Path, index: str) -> None:
    (base / "model_index.json").write_text(index)
    (base / "theirs.py").write_text("raise SystemExit('a stranger's code ran')")
    weights.seal(base)
    recipe = recipes.load("mini")
    with pytest.raises(BaseMissing, match=r"cannot load base 'mini' from .*EIDER_BASES/mini"):
        families.load(recipe, weights.locate(recipe, base.parent), "cpu")
