"""Loading a video base: what it must be, where it is put, and its LoRAs."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from pipeline.engine.messages import BadLora, BaseMissing, DeviceMissing
from pipeline.models.recipe import Licence
from pipeline.models.video_recipe import Effect, LoraFile, VideoRecipe
from pipeline.video import Frames, sampling
from pipeline.video.generate import generate
from pipeline.video.loading import LoadedVideoBase, open_video_base, place, require_memory
from tests.pipeline import tiny_video_bases as tiny
from tests.pipeline.video.conftest import MakeVideoRequest, OpenVideo
from tests.pipeline.video.test_generate import frames_of, nothing

pytestmark = pytest.mark.slow  # torch, and generating with it
FIVE_B, A14B = "wan22-ti2v-5b", "wan22-i2v-a14b"
FREE = Licence("CC0", "", True)


def with_effect(
    recipe: VideoRecipe, bases: Path, *files: tuple[str, bytes], weight: float = 1.0, pin: str = ""
) -> VideoRecipe:
    """The recipe with an effect "spin" whose LoRA files are written for these denoisers."""
    written = []
    for number, (denoiser, data) in enumerate(files):
        name = f"effects/{hashlib.sha256(data).hexdigest()[:12]}-{number}.safetensors"
        (bases / "effects").mkdir(exist_ok=True)
        (bases / name).write_bytes(data)
        written.append(LoraFile(name, denoiser, pin))  # type: ignore[arg-type]
    effect = Effect("spinning", 0, weight, FREE, tuple(written))
    return replace(recipe, effects=recipe.effects | {"spin": effect})


def adapters_of(loaded: LoadedVideoBase) -> set[str]:
    return {
        name
        for denoiser in loaded.base.denoisers.values()
        for name in getattr(denoiser, "peft_config", {})
    }


def distance(one: Frames, other: Frames) -> float:
    return float(np.abs(one.astype(float) - other).mean())


def test_an_effects_lora_is_weighed_and_leaves_the_base_as_it_was(
    open_tiny: OpenVideo, video_request: MakeVideoRequest, video_bases: Path
) -> None:
    recipe = tiny.recipe(FIVE_B)
    file = tiny.lora(open_tiny(FIVE_B).base.denoisers["transformer"], 5)
    loaded = open_tiny(with_effect(recipe, video_bases, ("transformer", file), weight=0.5))
    request = video_request(FIVE_B, effect="spin")
    none = frames_of(loaded, replace(request, effect_weight=0.0))
    half = frames_of(loaded, request)
    whole = frames_of(loaded, replace(request, effect_weight=1.0))
    assert np.array_equal(half, frames_of(loaded, replace(request, effect_weight=0.5)))
    assert 0.5 < distance(none, half) < distance(none, whole)
    # By its words alone, which stay: the bare base paints what weight 0 does.
    plain = frames_of(loaded, video_request(FIVE_B, words=f"{request.words}, spinning"))
    assert np.array_equal(plain, none)
    assert adapters_of(loaded) == set()


def test_an_effects_lora_is_that_of_diffusers_own_loader(
    open_tiny: OpenVideo, video_request: MakeVideoRequest, video_bases: Path, tmp_path: Path
) -> None:
    """An alpha that is not the rank is kept."""
    denoiser = open_tiny(FIVE_B).base.denoisers["transformer"]
    file = tiny.lora(denoiser, 5, alpha=2.0)
    loaded = open_tiny(with_effect(tiny.recipe(FIVE_B), video_bases, ("transformer", file)))
    request = video_request(FIVE_B, effect="spin", effect_weight=0.7)
    ours = frames_of(loaded, request)
    (tmp_path / "one.safetensors").write_bytes(file)
    pipe: Any = loaded.base.pipe
    pipe.load_lora_weights(str(tmp_path), weight_name="one.safetensors", adapter_name="theirs")
    pipe.set_adapters(["theirs"], [0.7])
    plain = video_request(FIVE_B, words=f"{request.words}, spinning")
    assert distance(frames_of(loaded, plain), ours) < 0.05
    pipe.delete_adapters("theirs")


def test_the_original_authors_layout_is_read(
    open_tiny: OpenVideo, video_request: MakeVideoRequest, video_bases: Path
) -> None:
    """As the Lightning LoRAs and most effects are published."""
    denoiser = open_tiny(FIVE_B).base.denoisers["transformer"]
    names = {"attn1.to_q": "self_attn.q", "attn1.to_k": "self_attn.k", "attn1.to_v": "self_attn.v"}
    names["attn1.to_out.0"] = "self_attn.o"
    layers = {}
    for key, value in safetensors.torch.load(tiny.lora(denoiser, 5)).items():
        (ours,) = (name for name in names if f".{name}." in key)
        stem = key.replace("transformer.", "diffusion_model.").partition(f".{ours}.")[0]
        way = "down" if "lora_A" in key else "up"
        layers[f"{stem}.{names[ours]}.lora_{way}.weight"] = value
        layers[f"{stem}.{names[ours]}.alpha"] = torch.tensor(8.0)
    theirs = safetensors.torch.save(layers)
    own = with_effect(tiny.recipe(FIVE_B), video_bases, ("transformer", tiny.lora(denoiser, 5)))
    other = with_effect(tiny.recipe(FIVE_B), video_bases, ("transformer", theirs))
    request = video_request(FIVE_B, effect="spin")
    assert distance(*(frames_of(open_tiny(one), request) for one in (own, other))) < 0.05


def test_half_an_effect_is_none_and_the_base_stays_whole(
    open_tiny: OpenVideo, video_request: MakeVideoRequest, video_bases: Path
) -> None:
    bare = replace(tiny.recipe(A14B), step_loras=())
    denoiser = open_tiny(bare).base.denoisers["transformer"]
    layers = safetensors.torch.load(tiny.lora(denoiser, 5))
    larger = {key.replace("blocks.1", "blocks.7"): value for key, value in layers.items()}
    recipe = with_effect(
        tiny.recipe(A14B), video_bases, ("transformer", tiny.lora(denoiser, 5)),
        ("transformer_2", safetensors.torch.save(larger)),
    )  # fmt: skip
    loaded, request = open_tiny(recipe), video_request(A14B)
    before = frames_of(loaded, request)
    with pytest.raises(BadLora, match=r"layers fit the base|does not fit the base"):
        generate(loaded, replace(request, effect="spin"), lambda progress: None, nothing)
    assert adapters_of(loaded) == {"steps"}
    assert np.array_equal(frames_of(loaded, request), before)


def test_both_denoisers_of_a14b_have_their_step_loras_and_an_effects_beside(
    open_tiny: OpenVideo, video_request: MakeVideoRequest, video_bases: Path
) -> None:
    recipe = tiny.recipe(A14B, steps=4)
    bare = replace(recipe, step_loras=())
    request = video_request(A14B)
    loaded = open_tiny(recipe)
    fast = frames_of(loaded, request)
    assert distance(fast, frames_of(open_tiny(bare), request)) > 0.5
    # Equal to what diffusers makes of the two files.
    theirs = open_tiny(bare)
    pipe: Any = theirs.base.pipe
    for number, one in enumerate(recipe.step_loras[0].files):
        path = video_bases / one.file
        pipe.load_lora_weights(
            str(path.parent), weight_name=path.name, adapter_name="fast",
            load_into_transformer_2=bool(number),
        )  # fmt: skip
    assert distance(fast, frames_of(theirs, request)) < 0.05
    # Each of them does its share: without the one of low noise the frames are others.
    high = replace(recipe.step_loras[0], files=recipe.step_loras[0].files[:1])
    assert distance(fast, frames_of(open_tiny(replace(recipe, step_loras=(high,))), request)) > 0.1
    low = ("transformer_2", tiny.lora(open_tiny(bare).base.denoisers["transformer_2"], 9))
    spin = open_tiny(with_effect(recipe, video_bases, low))
    asked = replace(request, words="", effect="spin")
    words = replace(request, words="spinning")
    assert distance(frames_of(spin, asked), frames_of(spin, words)) > 0.1
    assert adapters_of(spin) == {"steps"}
    assert distance(frames_of(spin, request), fast) == 0


def test_a_lora_that_is_absent_or_altered_is_named(
    open_tiny: OpenVideo, video_request: MakeVideoRequest, video_bases: Path
) -> None:
    file = tiny.lora(open_tiny(FIVE_B).base.denoisers["transformer"], 6)
    recipe = with_effect(tiny.recipe(FIVE_B), video_bases, ("transformer", file), pin="0" * 64)
    request = video_request(FIVE_B, effect="spin")
    with pytest.raises(BaseMissing, match="not what the recipe pins"):
        generate(open_tiny(recipe), request, lambda progress: None, nothing)
    digest = hashlib.sha256(file).hexdigest()
    pinned = with_effect(tiny.recipe(FIVE_B), video_bases, ("transformer", file), pin=digest)
    generate(open_tiny(pinned), request, lambda progress: None, nothing)
    path = video_bases / pinned.effects["spin"].files[0].file
    path.unlink()
    with pytest.raises(BaseMissing, match=str(path)):
        open_tiny(pinned)


@pytest.mark.parametrize("name", sorted(tiny.VIDEO_MAKERS))
def test_a_folder_of_other_classes_is_refused(video_bases: Path, tmp_path: Path, name: str) -> None:
    recipe = tiny.recipe(name)
    folder = tmp_path / recipe.weights.folder
    shutil.copytree(video_bases / recipe.weights.folder, folder)
    for path in {file.file for loras in recipe.step_loras for file in loras.files}:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        shutil.copy(video_bases / path, tmp_path / path)
    index = json.loads((folder / "model_index.json").read_text())
    open_video_base(recipe, tmp_path, "cpu")
    for part in ("vae", "transformer", "text_encoder", *recipe.parts):
        altered = index | {part: ["codeofmine", index[part][1]]}
        (folder / "model_index.json").write_text(json.dumps(altered))
        with pytest.raises(BaseMissing, match=f"as its {part}"):
            open_video_base(recipe, tmp_path, "cpu")
    (folder / "model_index.json").write_text(json.dumps(index | {"_class_name": "FluxPipeline"}))
    with pytest.raises(BaseMissing, match="'FluxPipeline' as its pipeline"):
        open_video_base(recipe, tmp_path, "cpu")


def test_weights_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(BaseMissing, match="wan22-ti2v-5b"):
        open_video_base(tiny.recipe(FIVE_B), tmp_path, "cpu")


def test_a_device_that_is_too_small_is_told_before_anything_is_read() -> None:
    recipe = tiny.recipe(A14B)
    needed = int(recipe.memory.gpu_gb * 1e9)
    require_memory(recipe, "cuda:0", needed)
    with pytest.raises(DeviceMissing, match=r"needs 60 GB, cuda:0 has 24 GB"):
        require_memory(recipe, "cuda:0", 24 * 10**9)


class Placed:
    """A pipeline that only notes where it is put."""

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.vae = self

    def to(self, device: str) -> None:
        self.calls.append(("to", device))

    def enable_model_cpu_offload(self, device: str) -> None:
        self.calls.append(("offload", device))

    def enable_tiling(self) -> None:
        self.calls.append("tiling")


def test_parts_are_placed_as_the_recipe_says() -> None:
    calls = {}
    for name, device in ((A14B, "cuda:1"), (FIVE_B, "cuda"), (A14B, "cpu")):
        pipe = Placed()
        place(pipe, tiny.recipe(name), device)
        calls[name, device] = pipe.calls
    assert calls == {
        (A14B, "cuda:1"): ["tiling", ("offload", "cuda:1")],
        (FIVE_B, "cuda"): ["tiling", ("to", "cuda")],
        (A14B, "cpu"): [("to", "cpu")],
    }


def test_an_attention_without_its_library_is_torchs_own() -> None:
    assert sampling.usable_attention("flash", "cpu") == "native"
    assert sampling.usable_attention("flash", "cuda") == "native"  # flash-attn is not installed
    assert sampling.usable_attention("_native_cudnn", "cuda") == "_native_cudnn"


def test_four_euler_steps_are_on_the_noise_levels_of_the_lightning_loras() -> None:
    scheduler = sampling.scheduler(None, tiny.recipe(A14B).sampling)
    scheduler.set_timesteps(4, device="cpu")
    shifted = [5 * level / (1 + 4 * level) for level in (1, 0.75, 0.5, 0.25)]
    assert scheduler.sigmas.tolist() == pytest.approx([*shifted, 0.0])
    assert scheduler.timesteps.tolist() == pytest.approx([1000 * level for level in shifted])
