"""The arithmetic that the page of video bases states."""

import pytest

pytestmark = pytest.mark.slow  # torch


def test_the_bound_is_that_of_the_full_size_networks():
    """Others count 517 TFLOP for a forward of Wan2.2 5B at its size (docs/bases.md: 65 s)."""
    from benchmarks.video import cost
    from pipeline.models import video_recipe

    five = cost(video_recipe.load("wan22-ti2v-5b"))
    assert five.forward == pytest.approx(517e12, rel=0.02)
    assert (five.forwards, round(five.seconds)) == (100, 65)
    large = cost(video_recipe.load("wan22-i2v-a14b"))
    assert (large.forwards, round(large.seconds)) == (4, 33)
    other = cost(video_recipe.load("ltx-2", allow_noncommercial=True))
    assert (other.forwards, round(other.seconds)) == (80, 20)


def test_the_full_size_autoencoder_of_ltx2_makes_latents_of_the_published_size():
    import torch

    from benchmarks import full_video_bases
    from benchmarks.video import COMPRESSION

    with torch.device("meta"):
        vae = full_video_bases.ltx2(torch.bfloat16).vae
    assert (vae.temporal_compression_ratio, vae.spatial_compression_ratio) == COMPRESSION["ltx-2"]
