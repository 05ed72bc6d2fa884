"""Tiny random video bases of the real architectures, saved as diffusers folders.

Built from config alone, as `tiny_bases.py`. The sizes follow those of diffusers' own tests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLLTX2Audio,
    AutoencoderKLLTX2Video,
    AutoencoderKLWan,
    DiffusionPipeline,
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

from pipeline.lora import lora_file
from pipeline.models.video_recipe import VIDEO_RECIPES, VideoRecipe, parse
from tests.pipeline.tiny_bases import byte_tokenizer

# What tiny random bases can do: no gate that noise could fail, two steps, small frames.
TINY: Mapping[str, object] = {
    "steps": 2,
    "max_prompt_tokens": 96,
    "fps": 8,
    "pass_frames": 9,
    "max_seconds": 4.0,
    "pixels": 12288,
    "width": 64,
    "height": 64,
    "indecency": 1,
    "youth": 1,
    "repaints": 1,
    "dtype": '"float32"',
    "vae_dtype": '"float32"',
}


def recipe_text(name: str, **changes: object) -> str:
    """A shipped recipe with TINY's values, and `changes` of keys that it has, as TOML."""
    text = (VIDEO_RECIPES / f"{name}.toml").read_text("utf-8")
    for key, value in (TINY | changes).items():
        text, count = re.subn(rf"(?m)^{key} = .*$", lambda _, v=value, k=key: f"{k} = {v}", text)
        assert count, f"{name} has no {key}"
    return text


def recipe(name: str, **changes: object) -> VideoRecipe:
    """The record of :func:`recipe_text`."""
    return parse(recipe_text(name, **changes), f"{name}.toml")


def umt5(tokenizer_size: int) -> UMT5EncoderModel:
    return UMT5EncoderModel(
        UMT5Config(
            vocab_size=tokenizer_size, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2
        )
    )


def wan_transformer(channels_in: int, channels_out: int) -> WanTransformer3DModel:
    return WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=channels_in,
        out_channels=channels_out,
        text_dim=16,
        freq_dim=32,
        ffn_dim=32,
        num_layers=2,
        cross_attn_norm=True,
        qk_norm="rms_norm_across_heads",
        rope_max_seq_len=32,
    )


def unipc() -> UniPCMultistepScheduler:
    return UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
    )


def wan22_ti2v_5b() -> WanPipeline:
    """As its repository has it: the pipeline from words, which pictures share."""
    tokenizer = byte_tokenizer()
    return WanPipeline(
        tokenizer=tokenizer,
        text_encoder=umt5(len(tokenizer)),
        vae=AutoencoderKLWan(
            base_dim=3,
            z_dim=48,
            in_channels=12,
            out_channels=12,
            is_residual=True,
            patch_size=2,
            latents_mean=[0.0] * 48,
            latents_std=[1.0] * 48,
            dim_mult=[1, 1, 1, 1],
            num_res_blocks=1,
            scale_factor_spatial=16,
            scale_factor_temporal=4,
            temperal_downsample=[False, True, True],
        ),
        scheduler=unipc(),
        transformer=wan_transformer(48, 48),
        expand_timesteps=True,
    )


def wan22_i2v_a14b() -> WanImageToVideoPipeline:
    tokenizer = byte_tokenizer()
    return WanImageToVideoPipeline(
        tokenizer=tokenizer,
        text_encoder=umt5(len(tokenizer)),
        vae=AutoencoderKLWan(
            base_dim=3,
            z_dim=16,
            dim_mult=[1, 1, 1, 1],
            num_res_blocks=1,
            temperal_downsample=[False, True, True],
        ),
        scheduler=unipc(),
        transformer=wan_transformer(36, 16),
        transformer_2=wan_transformer(36, 16),
        boundary_ratio=0.9,
    )


def gemma(tokenizer_size: int) -> Gemma3ForConditionalGeneration:
    text = {
        "vocab_size": tokenizer_size,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 8,
        "sliding_window": 16,
    }
    sight = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 28,
        "patch_size": 14,
    }
    return Gemma3ForConditionalGeneration(
        Gemma3Config(text_config=text, vision_config=sight, mm_tokens_per_image=4)
    )


def ltx2() -> LTX2ImageToVideoPipeline:
    tokenizer = byte_tokenizer()
    text_encoder = gemma(len(tokenizer))
    vae = AutoencoderKLLTX2Video(
        latent_channels=4,
        block_out_channels=(8,),
        decoder_block_out_channels=(8,),
        layers_per_block=(1,),
        decoder_layers_per_block=(1, 1),
        spatio_temporal_scaling=(True,),
        decoder_spatio_temporal_scaling=(True,),
        decoder_inject_noise=(False, False),
        downsample_type=("spatiotemporal",),
        upsample_residual=(False,),
        upsample_factor=(1,),
        timestep_conditioning=False,
        patch_size=4,
        patch_size_t=1,
        encoder_causal=True,
        decoder_causal=False,
    )
    audio_vae = AutoencoderKLLTX2Audio(
        base_channels=4,
        output_channels=2,
        ch_mult=(1,),
        num_res_blocks=1,
        attn_resolutions=None,
        in_channels=2,
        resolution=32,
        latent_channels=2,
        norm_type="pixel",
        causality_axis="height",
        dropout=0.0,
        mid_block_add_attention=False,
        sample_rate=16000,
        mel_hop_length=160,
        is_causal=True,
        mel_bins=8,
    )
    return LTX2ImageToVideoPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        audio_vae=audio_vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        connectors=LTX2TextConnectors(
            caption_channels=16,
            text_proj_in_factor=3,  # two layers, and what goes into the first
            video_connector_num_attention_heads=2,
            video_connector_attention_head_dim=8,
            video_connector_num_layers=1,
            video_connector_num_learnable_registers=None,
            audio_connector_num_attention_heads=2,
            audio_connector_attention_head_dim=8,
            audio_connector_num_layers=1,
            audio_connector_num_learnable_registers=None,
            connector_rope_base_seq_len=96,
            rope_theta=10000.0,
            rope_double_precision=False,
            causal_temporal_positioning=False,
            rope_type="split",
        ),
        transformer=LTX2VideoTransformer3DModel(
            in_channels=4,
            out_channels=4,
            patch_size=1,
            patch_size_t=1,
            num_attention_heads=2,
            attention_head_dim=8,
            cross_attention_dim=16,
            audio_in_channels=4,
            audio_out_channels=4,
            audio_num_attention_heads=2,
            audio_attention_head_dim=4,
            audio_cross_attention_dim=8,
            num_layers=2,
            qk_norm="rms_norm_across_heads",
            caption_channels=16,
            rope_double_precision=False,
            rope_type="split",
        ),
        vocoder=LTX2Vocoder(
            in_channels=16,
            hidden_channels=32,
            out_channels=2,
            upsample_kernel_sizes=[4, 4],
            upsample_factors=[2, 2],
            resnet_kernel_sizes=[3],
            resnet_dilations=[[1, 3, 5]],
            leaky_relu_negative_slope=0.1,
            output_sampling_rate=16000,
        ),
    )


VIDEO_MAKERS = {
    "wan22-ti2v-5b": wan22_ti2v_5b,
    "wan22-i2v-a14b": wan22_i2v_a14b,
    "ltx-2": ltx2,
}
TARGETS = ("attn1.to_q", "attn1.to_k", "attn1.to_v", "attn1.to_out.0")


def lora(denoiser: torch.nn.Module, seed: int, size: float = 0.3, alpha: float = 8.0) -> bytes:
    """A random LoRA of rank 4 for a transformer, in diffusers' layout."""
    generator = torch.Generator().manual_seed(seed)
    shape = lora_file.LoraShape(TARGETS, 4, alpha)
    pairs = {}
    for name, part in denoiser.named_modules():
        if isinstance(part, torch.nn.Linear) and shape.matches(name):
            down = torch.randn(4, part.in_features, generator=generator) * size
            up = torch.randn(part.out_features, 4, generator=generator) * size
            pairs[name] = down, up
    return lora_file.to_bytes(pairs, "transformer", shape, {})


def write_video_base(name: str, bases: Path) -> DiffusionPipeline:
    """Save a tiny base, random but always the same, below `bases`, and the step LoRAs of its
    recipe."""
    torch.manual_seed(7)
    pipe = VIDEO_MAKERS[name]()
    wanted = recipe(name)
    pipe.save_pretrained(bases / wanted.weights.folder)
    for loras in wanted.step_loras:
        for number, one in enumerate(loras.files):
            path = bases / one.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(lora(getattr(pipe, one.denoiser), number))
    return pipe
