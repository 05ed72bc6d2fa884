"""The architecture of the embedded base: diffusers' own Flux classes with small sizes, untrained.

One place for the sizes, so that training, assembling and tests cannot disagree. Of Flux only
single blocks are kept: at this size one stream for text and image learns as well as two.
"""

from __future__ import annotations

import math

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, FluxTransformer2DModel
from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel

from pipeline.mini.autoencoder import LATENT_CHANNELS
from pipeline.mini.vocabulary import MAX_TOKENS, SPECIAL, VOCABULARY

SIDE = 8  # image tokens along one side of a 256 px portrait
PACKED = LATENT_CHANNELS * 4  # one token carries 2 x 2 latents
TEXT_WIDTH = 128
BLOCKS, HEADS, HEAD_WIDTH = 8, 4, 64


def new_transformer() -> FluxTransformer2DModel:
    """Return the denoiser (8.4 M weights), every block an identity at first (adaLN-zero)."""
    model = FluxTransformer2DModel(
        patch_size=1,
        in_channels=PACKED,
        num_layers=0,
        num_single_layers=BLOCKS,
        attention_head_dim=HEAD_WIDTH,
        num_attention_heads=HEADS,
        joint_attention_dim=TEXT_WIDTH,
        pooled_projection_dim=TEXT_WIDTH,
        guidance_embeds=False,
        axes_dims_rope=(16, 24, 24),
    )
    for block in model.single_transformer_blocks:
        _zero(block.norm.linear)
    _zero(model.norm_out.linear)
    _zero(model.proj_out)
    return model


def new_clip() -> CLIPTextModel:
    """Return the text encoder whose pooled output conditions every block."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(SPECIAL) + len(VOCABULARY),
            hidden_size=TEXT_WIDTH,
            intermediate_size=2 * TEXT_WIDTH,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=MAX_TOKENS,
            projection_dim=TEXT_WIDTH,
            bos_token_id=SPECIAL.index("<start>"),
            eos_token_id=SPECIAL.index("<end>"),
            pad_token_id=SPECIAL.index("<pad>"),
        )
    )


def new_t5() -> T5EncoderModel:
    """Return the text encoder whose outputs join the image tokens."""
    return T5EncoderModel(
        T5Config(
            vocab_size=len(SPECIAL) + len(VOCABULARY),
            d_model=TEXT_WIDTH,
            d_kv=32,
            d_ff=2 * TEXT_WIDTH,
            num_layers=1,
            num_heads=4,
            relative_attention_num_buckets=16,
            dropout_rate=0.0,
            eos_token_id=SPECIAL.index("<end>"),
            pad_token_id=SPECIAL.index("<pad>"),
        )
    )


def new_scheduler() -> FlowMatchEulerDiscreteScheduler:
    """Return the sampler's scheduler; `shift` spends more steps at high noise."""
    return FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000, shift=1.5)


class MiniBase(torch.nn.Module):  # type: ignore[misc]  # torch is untyped to mypy
    """Transformer and both text models as one module, as they are trained."""

    def __init__(self) -> None:
        super().__init__()
        self.transformer = new_transformer()
        self.clip = new_clip()
        self.t5 = new_t5()

    def forward(self, noisy: torch.Tensor, sigma: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Return the predicted velocity (noise minus picture) of packed latents.

        Args:
            noisy: (batch, side * side, PACKED); side is SIDE for 256 px.
            sigma: share of noise (batch,), 0..1.
            ids: token numbers (batch, MAX_TOKENS).

        """
        velocity: torch.Tensor = self.transformer(
            hidden_states=noisy,
            encoder_hidden_states=self.t5(input_ids=ids).last_hidden_state,
            pooled_projections=self.clip(input_ids=ids).pooler_output,
            timestep=sigma,
            img_ids=image_ids(math.isqrt(noisy.shape[1])).to(noisy.device),
            txt_ids=torch.zeros(MAX_TOKENS, 3, device=noisy.device),
            return_dict=False,
        )[0]
        return velocity


def image_ids(side: int = SIDE) -> torch.Tensor:
    """Return (side * side, 3): 0, row and column of every image token, as Flux numbers them."""
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    return torch.stack([torch.zeros_like(rows), rows, columns], dim=-1).reshape(-1, 3).float()


def pack(latents: torch.Tensor) -> torch.Tensor:
    """Fold latents (n, c, 2s, 2s) to tokens (n, s * s, 4c), in Flux's order."""
    count, channels, height, width = latents.shape
    halves = latents.reshape(count, channels, height // 2, 2, width // 2, 2)
    return halves.permute(0, 2, 4, 1, 3, 5).reshape(count, height * width // 4, channels * 4)


def _zero(layer: torch.nn.Linear) -> None:
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
