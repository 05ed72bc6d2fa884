"""What a face does and whether it is right: its turn, eyes, mouth and skin, and the expression.

Turn, mouth opening and smile come from the mesh (``face_mesh.py``). The mesh overlooks an eye that
does not match the other, so what eyes and mouth look like comes from patches that it places: one
side mirrored and laid on the other, and a small network that tells a shut eye. All of it is used
and forgotten: a measure is computed where it is needed, sent to nobody and stored nowhere.
Distances are in shares of the distance between the outer corners of the eyes. How well it tells
expressions apart, ``python -m benchmarks.faces`` measures on people who do not exist.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.engine.expressions import Expression
from pipeline.images import face_mesh
from pipeline.images.face_mesh import Mesh, PatchShape
from pipeline.images.faces import Face, Pixels
from pipeline.models import weights

# Outer and inner corner of an eye, its three pairs of lids' points; the picture's left eye first.
EYES: Final = ((33, 133), (263, 362))
_MOUTH: Final = (61, 291)  # corners
_UPPER_LIP, _LOWER_LIP = 13, 14  # inner
_BROWS: Final = (55, 285)  # inner ends
_TOP, _CHIN = 10, 152
_CHEEKS: Final = ((50, 205), (280, 425))  # between these the middle of each
EYE: Final = PatchShape(48, 32, 0.7)
_LIPS: Final = PatchShape(56, 32, 0.8, 0.45)
_BROW: Final = PatchShape(56, 40, 0.7, 0.85)  # over an eye; the line of its corners is low in it
_LIP: Final = 6.0  # pixels of the patch
_SHIFT: Final = 3  # pixels by which one patch is moved to match the other

# Calibrated on the photos of P001, P002, P004, P005 and P006: docs/benchmarks/faces.md.
TURNED: Final = 15.0  # degrees of yaw: profiles 22 to 48, frontal photos up to 9
DOWN, UP = 17.0, -6.0  # degrees of pitch; level faces 0 to 15
SHUT: Final = 0.5  # probability
GAZE_ASIDE: Final = 0.45  # of eyes_alike in a frontal face whose eyes are open: they look aside
OPEN_MOUTH: Final = 0.055
WIDE_MOUTH, BROAD_MOUTH, LIFTED = 0.605, 0.7, -0.016
STARING: Final = 0.62  # startled eyes 0.67 to 0.9, others up to 0.6 on skin of any tone
FROWN: Final = 0.925  # of the brows' usual height


@dataclass(frozen=True, slots=True)
class FaceMeasure:
    """Measurements of one face.

    yaw, pitch     degrees of the head: positive to the picture's right, and down
    shut           probability 0..1 that an eye is shut or its lid lowered, the picture's left first
    staring        0..1, how much brighter the white beside the iris is; 0.2 to 0.5 is usual
    eyes_alike     how well one eye mirrors the other, -1..1; gaze aside makes it small
    brows_alike    how well one brow, with its eye, mirrors the other, -1..1
    mouth_opening  between the inner lips
    mouth_width    between its corners
    smile          how far the corners lie above the middle of the inner upper lip; below 0: lower
    brows          height of their inner ends above the eyes
    mouth_tilt     slope of the mouth against the eyes, degrees, without its sign
    mouth_alike    how well one half of the mouth mirrors the other, -1..1
    mouth_detail   contrast of the mouth's edges beside that of the eyes' (0 smeared, 1 alike)
    skin           unevenness of the cheeks' tone, in levels of Lab; less is more even
    """

    yaw: float
    pitch: float
    shut: tuple[float, float]
    staring: float
    eyes_alike: float
    brows_alike: float
    mouth_opening: float
    mouth_width: float
    smile: float
    brows: float
    mouth_tilt: float
    mouth_alike: float
    mouth_detail: float
    skin: float


def measure(pixels: Pixels, face: Face) -> FaceMeasure:
    """Measure one face of a picture."""
    mesh = face_mesh.lay(pixels, face)
    own = _own_axes(mesh)
    across, down = mesh[EYES[1][0]] - mesh[EYES[0][0]], mesh[_CHIN] - mesh[_TOP]
    left, right = (
        face_mesh.patch(pixels, mesh, *ends, EYE, mirrored=mirrored)
        for ends, mirrored in zip(EYES, (False, True), strict=True)
    )
    brow, other_brow = (
        face_mesh.patch(pixels, mesh, *ends, _BROW, mirrored=mirrored)
        for ends, mirrored in zip(EYES, (False, True), strict=True)
    )
    lips, reflected = (
        face_mesh.patch(pixels, mesh, *ends, _LIPS, mirrored=mirrored)
        for ends, mirrored in ((_MOUTH, False), (_MOUTH[::-1], True))
    )
    corners = own[list(_MOUTH)]
    return FaceMeasure(
        yaw=float(np.degrees(np.arctan2(across[2], np.hypot(*across[:2])))),
        pitch=float(np.degrees(np.arctan2(down[2], np.hypot(*down[:2])))),
        shut=(_shut(left), _shut(right)),
        staring=(_white(left) + _white(right)) / 2,
        eyes_alike=_alike(_flattened(left), _flattened(right)),
        brows_alike=_alike(_flattened(brow), _flattened(other_brow)),
        mouth_opening=float(np.linalg.norm(own[_UPPER_LIP] - own[_LOWER_LIP])),
        mouth_width=float(np.linalg.norm(corners[1] - corners[0])),
        smile=float(own[_UPPER_LIP, 1] - corners[:, 1].mean()),
        brows=float(own[[133, 362], 1].mean() - own[list(_BROWS), 1].mean()),
        mouth_tilt=float(abs(np.degrees(np.arctan2(*(corners[1] - corners[0])[[1, 0]])))),
        mouth_alike=_alike(_edges(lips), _edges(reflected)),
        mouth_detail=_detail(lips) / max(1.0, (_detail(left) + _detail(right)) / 2),
        skin=_unevenness(pixels, mesh),
    )


def _own_axes(mesh: Mesh) -> Mesh:
    """The mesh as seen from the front: x along the eyes, y down the face."""
    across = mesh[EYES[1][0]] - mesh[EYES[0][0]]
    size = float(np.linalg.norm(across))
    x = across / size
    down = mesh[_CHIN] - mesh[_TOP]
    y = down - x * (down @ x)
    y /= np.linalg.norm(y)
    axes = np.stack([x, y, np.cross(x, y)])
    return np.asarray((mesh - mesh[1]) @ axes.T / size, np.float64)


def _flattened(patch: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The patch without the slope of its light, in logarithms: as the eye sees dark and bright."""
    values = np.log(patch.astype(np.float64) + 16)
    y, x = np.mgrid[: patch.shape[0], : patch.shape[1]]
    plane = np.column_stack([y.ravel(), x.ravel(), np.ones(values.size)])
    slope = np.linalg.lstsq(plane, values.ravel(), rcond=None)[0]
    return np.asarray(values - (plane @ slope).reshape(values.shape), np.float64)


def _edges(patch: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The patch without what is wider than a lip: light from a side, a beard's shade."""
    values = patch.astype(np.float64)
    return np.asarray(values - cv2.GaussianBlur(values, (0, 0), _LIP), np.float64)


def _alike(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Correlation of two patches at the best of small shifts, -1..1."""
    inner = one[_SHIFT:-_SHIFT, _SHIFT:-_SHIFT].astype(np.float32)
    # TM_CCOEFF_NORMED is the correlation of the patch with each place of the other.
    found = cv2.matchTemplate(other.astype(np.float32), inner, cv2.TM_CCOEFF_NORMED)
    return float(np.nan_to_num(found).max())


def _white(eye: NDArray[np.uint8]) -> float:
    """How much brighter the white on both sides of the iris is, beside the patch's contrast.

    Not beside the skin: on dark skin every eye would stare.
    """
    soft = cv2.GaussianBlur(eye, (0, 0), 1.0).astype(np.float64)
    row = soft[12:20].mean(axis=0)
    iris = 16 + int(row[16:33].argmin())
    least = min(row[6:iris].max(), row[iris:42].max())
    return float((least - row[iris]) / max(1.0, 4 * soft.std()))


def _detail(patch: NDArray[np.uint8]) -> float:
    soft = cv2.GaussianBlur(patch, (0, 0), 1.0).astype(np.float32)
    steep = np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1))
    return float(np.percentile(steep, 95))


_ACROSS, _DOWN = (axis.ravel() for axis in np.mgrid[-1:1:16j, -1:1:16j])
_CURVED: Final = np.column_stack(
    [_ACROSS**x * _DOWN**y for x in range(4) for y in range(4 - x)]
)  # fmt: skip
"""The shade of a rounded cheek: polynomials of the third degree over its 16 x 16 cells."""


def _unevenness(pixels: Pixels, mesh: Mesh) -> float:
    """Mean spread of tone within each cheek, coarser than pores and finer than the face's shade."""
    reach = 0.14 * float(np.linalg.norm(mesh[EYES[1][0], :2] - mesh[EYES[0][0], :2]))
    spreads = []
    for points in _CHEEKS:
        left, top = mesh[list(points), :2].mean(axis=0) - reach
        rows, columns = (slice(max(0, int(at)), int(at + 2 * reach) + 1) for at in (top, left))
        cheek = pixels[rows, columns]
        if min(cheek.shape[:2]) < 4:
            continue  # out of the picture
        small = cv2.resize(cheek, (16, 16), interpolation=cv2.INTER_AREA)
        lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
        rest = lab - _CURVED @ np.linalg.lstsq(_CURVED, lab, rcond=None)[0]
        spreads.append(float(rest.std(axis=0).sum()))
    return sum(spreads) / len(spreads) if spreads else 0.0


_GRADIENTS: Final = ((EYE.width, EYE.height), (16, 16), (8, 8), (8, 8), 9)


def eye_features(eye: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the network of shut eyes is given of a patch: gradients, and the patch made coarse."""
    soft = cv2.GaussianBlur(eye, (0, 0), 0.8)
    coarse = cv2.resize(soft, (12, 8), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    coarse = (coarse - coarse.mean()) / (coarse.std() + 4)
    gradients = np.asarray(cv2.HOGDescriptor(*_GRADIENTS).compute(soft), np.float32).ravel()
    return np.concatenate([3 * gradients, coarse]).astype(np.float32)


@functools.cache
def _shut_eye_network() -> NDArray[np.float32]:
    with np.load(weights.find(weights.SHUT_EYE)) as stored:
        return np.asarray(stored["weights"], np.float32)


def _shut(eye: NDArray[np.uint8]) -> float:
    network = _shut_eye_network()
    logit = float(eye_features(eye) @ network[:-1] + network[-1])
    return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))


def is_smiling(face: FaceMeasure) -> bool:
    return face.mouth_width >= WIDE_MOUTH and face.smile >= LIFTED


def tell(face: FaceMeasure, usual_brows: float | None = None) -> Expression:
    """The expression of a face; what is rarer and stranger first.

    usual_brows   `FaceMeasure.brows` of the person at rest, by which a scowl is told; None: scowls
                  are not told apart from calm faces, for brows lie differently high on everybody
    """
    shut = [probability >= SHUT for probability in face.shut]
    level = UP <= face.pitch <= DOWN
    kinds = (
        (Expression.TURNED_RIGHT, face.yaw > TURNED),
        (Expression.TURNED_LEFT, face.yaw < -TURNED),
        (Expression.WINK, shut[0] != shut[1]),
        (Expression.EYES_CLOSED, all(shut)),
        (Expression.LOOKING_DOWN, not level and face.pitch > 0),
        (Expression.LOOKING_UP, not level),
        (Expression.SURPRISE, face.staring > STARING),
        (Expression.SMILE, is_smiling(face) and face.mouth_width >= BROAD_MOUTH),
        (Expression.SOFT_SMILE, is_smiling(face)),
        (Expression.OPEN_MOUTH, face.mouth_opening > OPEN_MOUTH),
        (Expression.LOOKING_ASIDE, face.eyes_alike < GAZE_ASIDE),
        (Expression.SCOWL, usual_brows is not None and face.brows < FROWN * usual_brows),
    )
    return next((kind for kind, is_so in kinds if is_so), Expression.NEUTRAL)
