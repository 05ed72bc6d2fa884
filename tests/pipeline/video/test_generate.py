"""Clips of tiny random bases of every architecture, through the code that the large ones run by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from pipeline.animation.together import side_by_side
from pipeline.clips.reading import read_clip
from pipeline.engine.messages import (
    BadLabel,
    BadPhotos,
    BadSource,
    LabelText,
    NothingDecent,
    OrderError,
    Progress,
)
from pipeline.engine.video import Camera, GenerateVideoRequest
from pipeline.images import label
from pipeline.images.photo import decode
from pipeline.models.video_recipe import load
from pipeline.video import Frames, VideoPass
from pipeline.video.generate import generate, seed_of
from pipeline.video.loading import LoadedVideoBase
from tests.pipeline.conftest import CUSTOMER
from tests.pipeline.tiny_video_bases import VIDEO_MAKERS
from tests.pipeline.video.conftest import MakeVideoRequest, OpenVideo, picture

pytestmark = pytest.mark.slow  # torch, and generating with it
NAMES = sorted(VIDEO_MAKERS)
FROM_WORDS = ["ltx-2", "wan22-ti2v-5b"]
FIVE_B = "wan22-ti2v-5b"


class Watched:
    """A base that keeps the passes that it was asked for, and the frames that came of them."""

    def __init__(self, loaded: LoadedVideoBase) -> None:
        self._base: Any = loaded.base
        self.pipe, self.denoisers = self._base.pipe, self._base.denoisers
        self.prompts: list[str] = []
        self.passes: list[VideoPass] = []
        self.parts: list[Frames] = []

    def encode(self, prompt: str) -> Any:
        self.prompts.append(prompt)
        return self._base.encode(prompt)

    def generate(self, wanted: VideoPass, on_step: Any) -> Frames:
        self.passes.append(wanted)
        self.parts.append(self._base.generate(wanted, on_step))
        return self.parts[-1]


def watched(loaded: LoadedVideoBase) -> tuple[LoadedVideoBase, Watched]:
    base = Watched(loaded)
    return replace(loaded, base=base), base


def nothing() -> None:
    pass


def frames_of(loaded: LoadedVideoBase, request: GenerateVideoRequest) -> Frames:
    """The frames of a clip as the base gave them, joined."""
    spied, base = watched(loaded)
    generate(spied, request, lambda progress: None, nothing)
    assert len(base.parts) == 1
    return base.parts[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_becomes_a_labelled_clip(
    open_tiny: OpenVideo, video_request: MakeVideoRequest, name: str
) -> None:
    news: list[Progress] = []
    request = video_request(name, photo=picture(size=(120, 90)), seconds=1.0)
    clip = generate(open_tiny(name), request, news.append, nothing)
    assert (clip.width, clip.height, clip.frames, clip.seconds) == (128, 96, 8, 1.0)
    facts = read_clip(clip.mp4)
    assert "clip-1" in facts.aigc
    assert facts.faststart
    assert facts.frames == 8
    assert [(one.step, one.steps) for one in news] == [(1, 2), (2, 2)]
    assert news[-1].seconds_left == 0


@pytest.mark.parametrize("name", NAMES)
def test_frames_follow_from_the_request_alone(
    open_tiny: OpenVideo, video_request: MakeVideoRequest, name: str
) -> None:
    loaded, request = open_tiny(name), video_request(name)
    frames = frames_of(loaded, request)
    assert np.array_equal(frames_of(loaded, request), frames)
    changes: list[dict[str, object]] = [
        {"seed": 4},
        {"photo": picture(1)},
        {"words": "a man runs"},
        {"camera": Camera.ORBIT},
    ]
    for change in changes:
        other = frames_of(loaded, replace(request, **change))  # type: ignore[arg-type]
        assert not np.array_equal(other, frames), change


@pytest.mark.parametrize("name", NAMES)
def test_frames_are_those_of_diffusers_own_call(
    open_tiny: OpenVideo, video_request: MakeVideoRequest, name: str
) -> None:
    import torch

    loaded = open_tiny(name)
    request = video_request(name, camera=Camera.PUSH_IN)
    spied, base = watched(loaded)
    generate(spied, request, lambda progress: None, nothing)
    (wanted,) = base.passes
    sampling = loaded.recipe.sampling
    more: dict[str, Any] = {}
    if name == "ltx-2":
        more = {
            "frame_rate": 8.0,
            "image_crf": 0,
            "stg_scale": 0.0,
            "modality_scale": 1.0,
            "guidance_rescale": 0.0,
            "audio_guidance_scale": sampling.guidance,
            "audio_stg_scale": 0.0,
            "audio_modality_scale": 1.0,
            "audio_guidance_rescale": 0.0,
            "spatio_temporal_guidance_blocks": None,
            "use_cross_timestep": False,
        }
    theirs = loaded.base.pipe(
        image=Image.fromarray(wanted.first),
        prompt=f"a woman turns her head, {loaded.recipe.camera.push_in}",
        negative_prompt=sampling.negative,
        width=wanted.size[0],
        height=wanted.size[1],
        num_frames=wanted.frames,
        num_inference_steps=sampling.steps,
        guidance_scale=sampling.guidance,
        generator=torch.Generator().manual_seed(request.seed),
        max_sequence_length=sampling.max_prompt_tokens,
        output_type="np",
        **more,
    ).frames[0]
    assert np.abs(base.parts[0] - theirs * 255).max() <= 1


def test_a_portraits_mark_does_not_move_with_it(
    open_tiny: OpenVideo, video_request: MakeVideoRequest
) -> None:
    """It would be dragged along below the clip's own, as a second one."""
    plain = np.full((256, 256, 3), 90, np.uint8)
    marked = label.labelled_jpeg(plain, LabelText(), "p-1", 98)
    spied, base = watched(open_tiny(FIVE_B))
    generate(spied, video_request(FIVE_B, photo=marked), lambda progress: None, nothing)
    first = base.passes[0].first
    assert first is not None
    assert np.abs(first.astype(int) - 90).max() < 25


@pytest.mark.parametrize("name", FROM_WORDS)
def test_words_alone_become_a_clip(
    open_tiny: OpenVideo, video_request: MakeVideoRequest, name: str
) -> None:
    loaded, request = open_tiny(name), video_request(name, photo=None)
    frames = frames_of(loaded, request)
    assert frames.shape == (9, 64, 64, 3)
    assert not np.array_equal(frames_of(loaded, replace(request, words="a dog")), frames)
    clip = generate(loaded, request, lambda progress: None, nothing)
    assert clip.frames == 8


def test_a_base_of_pictures_alone_refuses_words_alone(
    open_tiny: OpenVideo, video_request: MakeVideoRequest
) -> None:
    name = "wan22-i2v-a14b"
    with pytest.raises(OrderError, match="needs a picture"):
        generate(open_tiny(name), video_request(name, photo=None), lambda progress: None, nothing)


@pytest.mark.parametrize("name", NAMES)
def test_a_longer_clip_goes_on_from_the_last_frame(
    open_tiny: OpenVideo, video_request: MakeVideoRequest, name: str
) -> None:
    news: list[Progress] = []
    spied, base = watched(open_tiny(name))
    clip = generate(spied, video_request(name, seconds=3.0), news.append, nothing)
    assert [one.frames for one in base.passes] == [9, 9, 9]
    assert clip.frames == 24
    for before, wanted in zip(base.parts, base.passes[1:], strict=False):
        assert np.array_equal(wanted.first, before[-1])
    assert len({one.seed for one in base.passes}) == 3
    assert [one.step for one in news] == list(range(1, 7))
    assert {one.steps for one in news} == {6}


def test_a_clip_that_does_not_pass_the_gate_is_tried_again_by_another_seed(
    open_tiny: OpenVideo, video_request: MakeVideoRequest
) -> None:
    spied, base = watched(open_tiny(FIVE_B, indecency=0.0, repaints=2))
    with pytest.raises(NothingDecent, match="3 clips, the last one: indecent"):
        generate(spied, video_request(FIVE_B), lambda progress: None, nothing)
    assert [one.seed for one in base.passes] == [3, seed_of(3, 1, 0), seed_of(3, 2, 0)]
    assert len({one.seed for one in base.passes}) == 3


class Stopped(BaseException):
    """As a cancelled request is ended."""


def test_a_clip_can_be_ended_at_every_step_and_the_base_goes_on(
    open_tiny: OpenVideo, video_request: MakeVideoRequest
) -> None:
    loaded, request = open_tiny(FIVE_B), video_request(FIVE_B)
    frames = frames_of(loaded, request)
    passed: list[int] = []

    def end(progress: Progress) -> None:
        passed.append(progress.step)
        raise Stopped

    with pytest.raises(Stopped):
        generate(loaded, request, end, nothing)
    assert passed == [1]
    assert np.array_equal(frames_of(loaded, request), frames)


def test_others_pass_between_two_steps_uncharged(
    open_tiny: OpenVideo, video_request: MakeVideoRequest
) -> None:
    """Whatever they do with another clip's networks, this one stays as it is."""
    loaded, request = open_tiny(FIVE_B, steps=3), video_request(FIVE_B)
    other = open_tiny("ltx-2")
    frames = frames_of(loaded, request)
    passes: list[Frames] = []

    def serve() -> None:
        passes.append(frames_of(other, video_request("ltx-2")))

    spied, base = watched(loaded)
    generate(spied, request, lambda progress: None, serve)
    assert len(passes) == 3
    assert np.array_equal(base.parts[0], frames)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"photo": b"none"}, BadPhotos),
        ({"seconds": 0.0}, OrderError),
        ({"seconds": 5.0}, OrderError),
        ({"words": " "}, OrderError),
        ({"effect": "dance"}, OrderError),
        ({"effect": "hug"}, OrderError),  # of one person
        ({"effect": "wave", "effect_weight": 1.0}, OrderError),  # that has no LoRA
        ({"largest": 128}, OrderError),
        ({"label": LabelText(mark="made by hand")}, BadLabel),
        ({"label": LabelText(producer="no code")}, BadLabel),
    ],
)
def test_what_is_wrong_is_refused_before_any_step(
    open_tiny: OpenVideo,
    video_request: MakeVideoRequest,
    change: dict[str, object],
    error: type[Exception],
) -> None:
    spied, base = watched(open_tiny(FIVE_B))
    with pytest.raises(error):
        generate(spied, video_request(FIVE_B, **change), lambda progress: None, nothing)
    assert base.passes == []


def test_two_people_hug_by_the_bases_own_words(
    open_tiny: OpenVideo, video_request: MakeVideoRequest
) -> None:
    spied, base = watched(open_tiny(FIVE_B))
    request = video_request(FIVE_B, words="", effect="hug", people=2)
    assert generate(spied, request, lambda progress: None, nothing).frames == 8
    assert base.prompts == [spied.recipe.effects["hug"].words]


def test_two_pictures_hug_in_one_frame(
    open_tiny: OpenVideo, video_request: MakeVideoRequest
) -> None:
    """Joined before the base sees them; who cannot stand beside is refused with the reason."""
    pair = [(CUSTOMER / name).read_bytes() for name in ("01-selfie.jpg", "02-portrait.jpg")]
    spied, base = watched(open_tiny(FIVE_B))
    request = video_request(
        FIVE_B, photo=pair[0], second=pair[1], words="", effect="hug", people=None
    )
    clip = generate(spied, request, lambda progress: None, nothing)
    joined = Image.fromarray(side_by_side(*(decode(one) for one in pair), request.largest))
    first = base.passes[0].first
    assert first is not None
    expected = ImageOps.fit(joined, (clip.width, clip.height), Image.Resampling.LANCZOS)
    assert np.abs(first.astype(int) - np.asarray(expected)).mean() < 1
    with pytest.raises(BadSource) as refused:
        generate(spied, replace(request, second=picture()), lambda progress: None, nothing)
    assert refused.value.reason == "no_face"
    assert len(base.passes) == 1


def test_bfloat16_generates(open_tiny: OpenVideo, video_request: MakeVideoRequest) -> None:
    """As on a GPU: networks in bfloat16, Wan's autoencoder in float32."""
    import torch

    for name in NAMES:
        vae = load(name, allow_noncommercial=True).memory.vae_dtype
        loaded = open_tiny(name, dtype='"bfloat16"', vae_dtype=f'"{vae}"')
        assert {part.dtype for part in loaded.base.denoisers.values()} == {torch.bfloat16}
        assert loaded.base.pipe.vae.dtype is getattr(torch, vae)
        assert frames_of(loaded, video_request(name)).std() > 1, name
