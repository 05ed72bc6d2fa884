"""Video bases at full size with random weights, drawn in memory: no file, no hub.

The sizes are those of the published configs; diffusers' defaults where they are these. Tokenizers
read bytes: prompts are filled up to the recipe's length, whatever they say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from diffusers import (
    AutoencoderKLLTX2Audio,
    AutoencoderKLLTX2Video,
    AutoencoderKLWan,
    FlowMatchEulerDiscreteScheduler,
    LTX2ImageToVideoPipeline,
    LTX2VideoTransformer3DModel,
    UniPCMultistepScheduler,
    WanImageToVideoPipeline,
    WanPipeline,
    WanTransformer3DModel,
)
from diffusers.pipelines.ltx2 import LTX2TextConnectors
from diffusers.pipelines.ltx2.vocoder import LTX2Vocoder
from transformers import (
    Gemma3Config,
    Gemma3ForConditionalGeneration,
    UMT5Config,
    UMT5EncoderModel,
)

from benchmarks.zimage import tokenizer
from pipeline.families.loading import freeze, silence_libraries
from pipeline.models.video_recipe import VideoRecipe
from pipeline.video.loading import LoadedVideoBase, adapted

WAN = {"wan22-ti2v-5b": (24, 14336, 30, 48, 48), "wan22-i2v-a14b": (40, 13824, 40, 36, 16)}
"""Of Wan's transformers: heads of 128, width of the feed-forward, layers, channels in and out."""


def wan_transformer(name: str) -> WanTransformer3DModel:
    heads, inner, layers, channels_in, channels_out = WAN[name]
    return WanTransformer3DModel(
        num_attention_heads=heads,
        attention_head_dim=128,
        ffn_dim=inner,
        num_layers=layers,
        in_channels=channels_in,
        out_channels=channels_out,
    )


def umt5() -> UMT5EncoderModel:
    """UMT5-XXL's encoder."""
    return UMT5EncoderModel(
        UMT5Config(
            vocab_size=256384, d_model=4096, d_kv=64, d_ff=10240, num_layers=24, num_heads=64,
            feed_forward_proj="gated-gelu",
        )
    )  # fmt: skip


def gemma() -> Gemma3ForConditionalGeneration:
    """Gemma 3 12B."""
    text = {
        "vocab_size": 262208,
        "hidden_size": 3840,
        "intermediate_size": 15360,
        "num_hidden_layers": 48,
        "num_attention_heads": 16,
        "num_key_value_heads": 8,
        "head_dim": 256,
        "sliding_window": 1024,
    }
    sight = {
        "hidden_size": 1152,
        "intermediate_size": 4304,
        "num_hidden_layers": 27,
        "num_attention_heads": 16,
        "image_size": 896,
        "patch_size": 14,
    }
    return Gemma3ForConditionalGeneration(
        Gemma3Config(text_config=text, vision_config=sight, mm_tokens_per_image=256)
    )


def wan22_ti2v_5b(vae_dtype: torch.dtype) -> WanPipeline:
    with _default_dtype(vae_dtype):
        vae = AutoencoderKLWan(
            base_dim=160,
            decoder_base_dim=256,
            z_dim=48,
            in_channels=12,
            out_channels=12,
            is_residual=True,
            patch_size=2,
            latents_mean=[0.0] * 48,
            latents_std=[1.0] * 48,
            scale_factor_spatial=16,
            scale_factor_temporal=4,
            temperal_downsample=[False, True, True],
        )
    return WanPipeline(
        tokenizer=tokenizer(), text_encoder=umt5(), vae=vae, scheduler=unipc(),
        transformer=wan_transformer("wan22-ti2v-5b"), expand_timesteps=True,
    )  # fmt: skip


def wan22_i2v_a14b(vae_dtype: torch.dtype) -> WanImageToVideoPipeline:
    with _default_dtype(vae_dtype):
        vae = AutoencoderKLWan()
    return WanImageToVideoPipeline(
        tokenizer=tokenizer(), text_encoder=umt5(), vae=vae, scheduler=unipc(),
        transformer=wan_transformer("wan22-i2v-a14b"),
        transformer_2=wan_transformer("wan22-i2v-a14b"), boundary_ratio=0.9,
    )  # fmt: skip


def unipc() -> UniPCMultistepScheduler:
    with torch.device("cpu"):
        return UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=5.0
        )


def ltx2(vae_dtype: torch.dtype) -> LTX2ImageToVideoPipeline:
    with _default_dtype(vae_dtype):
        # The published config says these; without them diffusers counts its four scalings: 64, 16.
        vae = AutoencoderKLLTX2Video(spatial_compression_ratio=32, temporal_compression_ratio=8)
        heard = AutoencoderKLLTX2Audio()
    with torch.device("cpu"):
        scheduler = FlowMatchEulerDiscreteScheduler()
    return LTX2ImageToVideoPipeline(
        scheduler=scheduler, vae=vae, audio_vae=heard,
        text_encoder=gemma(), tokenizer=tokenizer(), connectors=LTX2TextConnectors(),
        transformer=LTX2VideoTransformer3DModel(), vocoder=LTX2Vocoder(),
    )  # fmt: skip


MAKERS: Mapping[str, Callable[[torch.dtype], Any]] = {
    "wan22-ti2v-5b": wan22_ti2v_5b,
    "wan22-i2v-a14b": wan22_i2v_a14b,
    "ltx-2": ltx2,
}


def built(recipe: VideoRecipe, device: str) -> Any:
    """The recipe's pipeline, its weights drawn on `device` in the recipe's precisions."""
    with torch.device(device), _default_dtype(getattr(torch, recipe.weights.dtype)):
        return MAKERS[recipe.name](getattr(torch, recipe.memory.vae_dtype))


def opened(recipe: VideoRecipe, device: str) -> LoadedVideoBase:
    """As `open_video_base` leaves it: frozen, placed by the recipe. Its step LoRAs are left out:
    diffusers adds them to each layer, so a step without them is somewhat faster."""
    silence_libraries()
    pipe = built(recipe, device)
    freeze(pipe.components.values())
    pipe.set_progress_bar_config(disable=True)
    return adapted(pipe, recipe, device, None)


@contextmanager
def _default_dtype(dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
