"""Tiny random bases of the real architectures, saved as diffusers folders.

Built from config alone: no download, a second each. They paint noise, but through the very code
that paints with the large ones.
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import (
    AutoencoderDC,
    AutoencoderKL,
    AutoencoderKLFlux2,
    AutoencoderKLQwenImage,
    DDIMScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    FluxPipeline,
    FluxTransformer2DModel,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen3Config,
    Qwen3ForCausalLM,
    Qwen3Model,
    T5Config,
    T5EncoderModel,
)

TEXT = ["photo of a sks woman man person, portrait, close-up, front view, looking left right ohwx"]


def clip_tokenizer() -> CLIPTokenizer:
    letters = [chr(code) for code in range(33, 127)]
    tokens = [*letters, *(letter + "</w>" for letter in letters)]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    return CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=77)


def byte_tokenizer(template: bool = False) -> PreTrainedTokenizerFast:
    """Byte pairs learned from one sentence, as T5's or Qwen's stand-in."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel()
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<pad>", "</s>", "<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(TEXT, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>")
    if template:
        fast.chat_template = (
            "{% for m in messages %}<|im_start|>{{ m['role'] }} {{ m['content'] }}<|im_end|>"
            "{% endfor %}"
        )
    return fast


def clip_config(tokenizer: CLIPTokenizer, width: int, **more: object) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=width * 2,
        num_hidden_layers=2,
        num_attention_heads=2,
        projection_dim=width,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        **more,
    )


def sure(vae: torch.nn.Module) -> torch.nn.Module:
    """A trained autoencoder is sure of its latents; a random one's deviation would be 1."""
    bias = vae.quant_conv.bias.data
    bias[len(bias) // 2 :] = -8
    return vae


def kl(channels: int, blocks: int = 2, **more: object) -> AutoencoderKL:
    vae = AutoencoderKL(
        block_out_channels=(8,) * blocks,
        down_block_types=("DownEncoderBlock2D",) * blocks,
        up_block_types=("UpDecoderBlock2D",) * blocks,
        latent_channels=channels,
        norm_num_groups=2,
        sample_size=64,
        **more,
    )
    return sure(vae)


def unet(width: int, **more: object) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        block_out_channels=(8, 16),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        norm_num_groups=2,
        cross_attention_dim=width,
        sample_size=32,
        **more,
    )


def sd15() -> StableDiffusionPipeline:
    tokenizer = clip_tokenizer()
    return StableDiffusionPipeline(
        vae=kl(4),
        text_encoder=CLIPTextModel(clip_config(tokenizer, 16)),
        tokenizer=tokenizer,
        unet=unet(16, attention_head_dim=2),
        scheduler=DDIMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            clip_sample=False,
            steps_offset=1,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def sdxl() -> StableDiffusionXLPipeline:
    tokenizer = clip_tokenizer()
    return StableDiffusionXLPipeline(
        vae=kl(4),
        text_encoder=CLIPTextModel(clip_config(tokenizer, 16)),
        text_encoder_2=CLIPTextModelWithProjection(clip_config(tokenizer, 16)),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        unet=unet(
            32,
            attention_head_dim=(2, 4),
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=16 + 6 * 8,
            transformer_layers_per_block=(1, 2),
        ),
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"
        ),
    )


def qwen3(tokenizer: PreTrainedTokenizerFast, layers: int) -> Qwen3Config:
    return Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        pad_token_id=tokenizer.pad_token_id,
    )


def zimage() -> ZImagePipeline:
    tokenizer = byte_tokenizer(template=True)
    return ZImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=kl(4, scaling_factor=0.36, shift_factor=0.12),
        text_encoder=Qwen3Model(qwen3(tokenizer, layers=2)),
        tokenizer=tokenizer,
        transformer=ZImageTransformer2DModel(
            in_channels=4,
            dim=32,
            n_layers=2,
            n_refiner_layers=1,
            n_heads=2,
            n_kv_heads=2,
            cap_feat_dim=16,
            axes_dims=[8, 4, 4],
            axes_lens=[256, 32, 32],
        ),
    )


def dc() -> AutoencoderDC:
    """As the embedded base has it: no attention, no chance; eight pixels to a cell here."""
    vae = AutoencoderDC(
        latent_channels=32,
        encoder_block_out_channels=(8, 16, 32, 32),
        decoder_block_out_channels=(8, 16, 32, 32),
        encoder_layers_per_block=(0, 1, 1, 1),
        decoder_layers_per_block=(0, 1, 1, 1),
        encoder_block_types="ResBlock",
        decoder_block_types="ResBlock",
        encoder_qkv_multiscales=((), (), (), ()),
        decoder_qkv_multiscales=((), (), (), ()),
        scaling_factor=0.87,
    )
    # Not of this class, but FluxPipeline reads them; the embedded base's config holds them too.
    vae.register_to_config(shift_factor=-0.046, block_out_channels=[8, 16, 32, 32])
    return vae


def flux() -> FluxPipeline:
    """The embedded base's kinds of layers; single blocks alone, as it has."""
    clip, t5 = clip_tokenizer(), byte_tokenizer()
    return FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=dc(),
        text_encoder=CLIPTextModel(clip_config(clip, 16)),
        tokenizer=clip,
        text_encoder_2=T5EncoderModel(
            T5Config(vocab_size=len(t5), d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2)
        ),
        tokenizer_2=t5,
        transformer=FluxTransformer2DModel(
            in_channels=128,
            num_layers=0,
            num_single_layers=2,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=16,
            pooled_projection_dim=16,
            axes_dims_rope=[4, 6, 6],
        ),
    )


def flux2_klein() -> Flux2KleinPipeline:
    """A language model of 28 layers, because the pipeline reads the 9th, the 18th and the 27th."""
    tokenizer = byte_tokenizer(template=True)
    vae = AutoencoderKLFlux2(
        block_out_channels=(8, 8, 8, 8),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=2,
        sample_size=64,
        batch_norm_eps=1e-4,
    )
    vae.bn.running_mean.normal_(std=0.3)
    vae.bn.running_var.uniform_(0.5, 2)
    return Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True),
        vae=vae,
        text_encoder=Qwen3ForCausalLM(qwen3(tokenizer, layers=28)),
        tokenizer=tokenizer,
        transformer=Flux2Transformer2DModel(
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=48,
            axes_dims_rope=[4, 4, 4, 4],
            guidance_embeds=False,
        ),
    )


def qwen_image() -> QwenImagePipeline:
    tokenizer = byte_tokenizer()
    text = {
        "vocab_size": len(tokenizer),
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "rope_scaling": {"mrope_section": [1, 1, 2], "rope_type": "default", "type": "default"},
        "rope_theta": 1000000.0,
    }
    vae = AutoencoderKLQwenImage(
        base_dim=8,
        z_dim=4,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        latents_mean=[-0.7, 0.3, 0.1, -0.2],
        latents_std=[2.8, 1.4, 0.9, 1.1],
    )
    sight = {"depth": 1, "hidden_size": 16, "num_heads": 2, "out_hidden_size": 16}
    return QwenImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True),
        vae=sure(vae),
        text_encoder=Qwen2_5_VLForConditionalGeneration(
            Qwen2_5_VLConfig(text_config=text, vision_config=sight)
        ),
        tokenizer=tokenizer,
        transformer=QwenImageTransformer2DModel(
            in_channels=16,
            out_channels=4,
            num_layers=2,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=16,
            axes_dims_rope=(8, 4, 4),
        ),
    )


MAKERS = {
    "sd15": sd15,
    "sdxl": sdxl,
    "z-image": zimage,
    "mini": flux,
    "flux2-klein": flux2_klein,
    "qwen-image": qwen_image,
}


PAINTERS = {"z-image": "z-image-turbo", "flux2-klein": "flux2-klein-distilled"}


def write_base(name: str, folder: Path) -> Path:
    """Save the tiny base `name`, random but always the same, to `folder`; its painter beside it."""
    torch.manual_seed(7)
    MAKERS[name]().save_pretrained(folder)
    if name in PAINTERS:
        torch.manual_seed(8)
        turbo = MAKERS[name]()
        turbo.transformer.save_pretrained(folder.parent / PAINTERS[name] / "transformer")
        turbo.scheduler.save_pretrained(folder.parent / PAINTERS[name] / "scheduler")
    return folder
