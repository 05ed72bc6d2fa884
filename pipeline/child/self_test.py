"""The self-test of the host that this process runs on: what every request would need.

Each fault is a :class:`HostError` with one sentence: what is wrong, and the way out.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from pipeline.engine.messages import (
    BaseBroken,
    DeviceMissing,
    FolderNotWritable,
    LabelText,
    OutOfMemory,
    SelfTestRequest,
)
from pipeline.models import weights
from pipeline.models.memory import is_out_of_memory

if TYPE_CHECKING:
    from pipeline.child.warm_models import LoadedBase
    from pipeline.video.loading import LoadedVideoBase

PROBE_BYTES = 1 << 20  # written into each folder: a disk that is nearly full is found as well
MAX_SIDE = 256  # pixels of the picture that the base is tried with
SYSTEM_TEMPORARY = Path("/tmp")  # noqa: S108 - where it is on every system that we know
_PHOTO_MODELS = (weights.FACE_FINDER, weights.DECENCY, weights.AGE)
_PORTRAIT_MODELS = (weights.PERSON_FINDER, weights.FACE_MATCHER, weights.LABEL_FONT)


def run(
    request: SelfTestRequest, device: str, cache: Path, load: Callable[[str], LoadedBase]
) -> None:
    """Test all that requests of this kind need; `load` gives the base of that name.

    HostError: the first thing that this host lacks. OutOfMemory: the base does not fit.
    """
    require_temporary_folder()
    for model in _PHOTO_MODELS:
        weights.find(model)
    _inspect_sample()
    if not request.base:
        return
    for model in _PORTRAIT_MODELS:
        weights.find(model)
    _require_label(request.label)
    require_writable(cache, "the cache", "make room there, or set EIDER_DATA to a folder that is")
    require_device(device)
    loaded = load(request.base)
    try:
        _one_step(loaded, device)
    except BaseBroken:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise OutOfMemory(f"one step of base {request.base!r} on {device}") from error
        raise BaseBroken(_broken(request.base, device, type(error).__name__)) from error


def run_video(
    request: SelfTestRequest, device: str, load: Callable[[str], LoadedVideoBase]
) -> None:
    """Test what clips by a video base need: the smallest clip that it can generate.

    HostError: the first thing that this host lacks. OutOfMemory: the base does not fit.
    """
    for model in (*_PHOTO_MODELS, weights.LABEL_FONT):
        weights.find(model)
    _require_label(request.label)
    require_device(device)
    loaded = load(request.base)
    try:
        lit = _smallest_clip(loaded)
    except Exception as error:
        if is_out_of_memory(error):
            raise OutOfMemory(f"the smallest clip by {request.base!r} on {device}") from error
        why = type(error).__name__
        raise BaseBroken(_broken(request.base, device, why, "EIDER_VIDEO_BASE")) from error
    if not lit:
        raise BaseBroken(_broken(request.base, device, "black frames", "EIDER_VIDEO_BASE"))


def _smallest_clip(loaded: LoadedVideoBase) -> bool:
    """Whether anything is to be seen in it: numbers that are not finite become black."""
    import numpy as np

    from pipeline.families import ignore_step
    from pipeline.video import VideoPass

    sampling = loaded.recipe.sampling
    side = 2 * sampling.size_multiple
    first = np.asarray(Image.linear_gradient("L").resize((side, side)).convert("RGB"))
    conditioning = loaded.base.encode("a person")
    wanted = VideoPass(conditioning, first, sampling.frame_step + 1, (side, side), 0)
    return bool(loaded.base.generate(wanted, ignore_step)[1:].any())


def require_temporary_folder() -> None:
    """The one that TMPDIR names, else the system's. FolderNotWritable: there is none."""
    named = os.environ.get("TMPDIR")
    try:
        folder = Path(named or tempfile.gettempdir())
    except OSError:  # nothing that Python tries can be written
        folder = SYSTEM_TEMPORARY
    if folder == Path.cwd():  # what Python falls back on: our own code's folder
        folder = SYSTEM_TEMPORARY
    advice = "make it writable, or set TMPDIR to a folder that is"
    require_writable(folder, "the temporary folder", advice, make=False)


def require_writable(folder: Path, name: str, advice: str, *, make: bool = True) -> None:
    """Write and read back :data:`PROBE_BYTES`. FolderNotWritable: that cannot be done."""
    try:
        if make:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise FolderNotWritable(f"{name} {folder} cannot be written ({why}): {advice}") from error


def require_device(device: str) -> None:
    """Compute something on the device. DeviceMissing: it is not there, or fails."""
    import torch

    if device == "cpu":
        return
    if not torch.cuda.is_available():
        raise DeviceMissing(
            f"EIDER_DEVICE: is {device}, and torch {torch.__version__} finds no CUDA device: mend "
            "the driver, install torch's CUDA build, or set cpu"
        )
    try:
        total = torch.ones(8, device=device).sum().item()
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise OutOfMemory(f"eight numbers on {device}") from error
        count = torch.cuda.device_count()
        raise DeviceMissing(
            f"EIDER_DEVICE: {device} does not compute, {count} are there: set one of cuda:0 to "
            f"cuda:{count - 1}, or restart the host if it is one of them"
        ) from error
    if total != 8:
        raise DeviceMissing(f"EIDER_DEVICE: {device} computes wrongly: replace it, or set another")


def _inspect_sample() -> None:
    """A photo of nobody, through all that a check does before it finds a face."""
    from pipeline.images.photo import inspect

    sample = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(sample, "JPEG")
    inspect(sample.getvalue())


def _require_label(text: LabelText) -> None:
    from pipeline.images import label

    label.check(text, label.new_content_id())


def _one_step(loaded: LoadedBase, device: str) -> None:
    """One forward of the autoencoder, the text encoders and the denoiser that is trained. No LoRA
    is active: it may come between two steps of a training."""
    import torch

    from pipeline.models import compiled

    recipe, base = loaded.recipe, loaded.base
    multiple = recipe.paint.size_multiple
    side = max(multiple, min(MAX_SIDE, recipe.dataset.resolution) // multiple * multiple)
    with torch.no_grad(), compiled.without_waiting(device != "cpu"):
        mean, _ = base.encode_images(torch.zeros(1, 3, side, side, device=device))
        prompts = base.encode_prompts([f"a {recipe.token}"])
        times = torch.full((1,), 0.5, device=mean.device)
        errors = base.squared_errors(mean, prompts, torch.ones_like(mean), times)
        if not bool(errors.isfinite().all()):
            raise BaseBroken(_broken(recipe.name, device, "no finite numbers"))


def _broken(base: str, device: str, why: str, setting: str = "EIDER_BASE") -> str:
    return (
        f"{setting}: one step of {base} on {device} fails ({why}): see the log of this worker, "
        "restart it, and look at the device if that does not help"
    )
