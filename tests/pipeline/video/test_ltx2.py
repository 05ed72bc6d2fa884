"""The tiles of LTX-2's autoencoder: diffusers' decoder fails on one of a single latent."""

import pytest

from pipeline.models.video_recipe import load
from pipeline.video.generate import generate
from tests.pipeline.video.conftest import MakeVideoRequest, OpenVideo

pytestmark = pytest.mark.slow  # torch


def test_no_tile_of_any_photos_shape_is_a_single_latent() -> None:
    from pipeline.video.ltx2 import tile_stride

    sampling = load("ltx-2", allow_noncommercial=True).sampling
    shapes = {sampling.size(width, 1000, 4096) for width in range(300, 3400)}
    assert {(480, 768), (928, 416)} <= shapes
    for side in {side for shape in shapes for side in shape}:
        latents, stride = side // 32, tile_stride(side) // 32
        assert 1 not in {latents - start for start in range(0, latents, stride)}


def test_a_clips_tiles_are_those_of_its_size(
    open_tiny: OpenVideo, video_request: MakeVideoRequest
) -> None:
    from pipeline.video.ltx2 import tile_stride

    loaded = open_tiny("ltx-2")
    vae = loaded.base.pipe.vae
    vae.tile_sample_stride_height = vae.tile_sample_stride_width = 1
    generate(loaded, video_request("ltx-2"), lambda progress: None, lambda: None)
    assert vae.tile_sample_stride_width == tile_stride(64)
    assert vae.tile_sample_stride_height == tile_stride(64)
