"""Photo quality: the thresholds, in one place, and the verdict that they lead to. Pure functions.

The numbers were measured on 140 photos of synthetic people, faces of 70 to 390 px: sharpness of the
sharp was 281 and more, of those blurred by a hundredth of the face 62 and less for nine of ten;
hashes of one photo made smaller, brighter or recompressed differed by 16 bits at most and mostly by
4, those of two photos of one studio session by 16 and more. Portraits were never taken for
indecent above .8. What is said of age, of what covers a face and of crops of one photo is measured
by ``python -m benchmarks.photos`` and ``python -m benchmarks.minors``.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shop.records import Flaw, Photo, PhotoState


@dataclass(frozen=True, slots=True)
class PhotoFindings:
    """What the checks found in one photo: numbers, no key point and no embedding.

    ``width``, ``height`` in pixels; ``faces`` counts those of at least 35 % of the largest one's
    height; ``face_share`` is the largest face's height over the photo's shorter side, 0..1;
    ``sharpness`` the Laplacian variance of the face at 128 px; ``indecency``, ``covered`` (the eyes
    or the mouth) and ``youth`` (under 20) are probabilities, 0..1; ``phash`` and ``phash_mirrored``
    are 64 hex digits each; ``face_hashes`` are hashes of the upright face, the first as it was
    aligned, the others as it might have been (a little beside, larger, turned, in the mirror);
    ``view`` is "front", "left" or "right" (the picture's sides) or "unknown"; ``turns`` are quarter
    turns, 0..3, counterclockwise, after which the face stands upright.
    """

    width: int
    height: int
    faces: int
    face_share: float
    sharpness: float
    indecency: float
    covered: float
    youth: float
    phash: str
    phash_mirrored: str
    face_hashes: tuple[bytes, ...]
    view: str
    turns: int = 0

    @property
    def hashes(self) -> "PhotoHashes":
        """What is kept of them, to recognize the photo by."""
        return PhotoHashes(self.phash, self.face_hashes[0].hex() if self.face_hashes else "")


@dataclass(frozen=True, slots=True)
class PhotoHashes:
    """Hashes of a whole photo and of the face on it, as hex digits; "" where there is none."""

    whole: str
    face: str = ""


@dataclass(frozen=True, slots=True)
class QualityRules:
    """The thresholds."""

    face_share: float = 0.1  # of the shorter side: below, the picture shows a place
    face_pixels: int = 64  # height of the face: below, there is nothing to learn from
    close_share: float = 0.5  # from here on it is a close-up, below a half body
    sharpness: float = 60.0
    indecent: float = 0.8  # from here on refused
    indecent_perhaps: float = 0.5  # from here on a person looks
    covered: float = 0.5  # from here on refused
    young: float = 0.5  # an album's median: from here on as likely as not under 20, a person looks
    surely_young: float = 0.9  # of one photo: a person looks at it, whatever the others show
    duplicate_bits: int = 12  # differing bits of 256: at most this many is the same photo again
    same_face: float = 0.085  # share of differing bits: at most this is the same photo, cropped
    fronts: int = 3  # accepted photos wanted from the front
    profiles: int = 1  # from each side
    close_ups: int = 2
    half_bodies: int = 2


RULES: Final = QualityRules()


@dataclass(frozen=True, slots=True)
class PhotoVerdict:
    """``flaw`` is why it was rejected, or why it is held."""

    state: PhotoState
    flaw: Flaw | None = None


class MissingView(StrEnum):
    """A photo that would help the likeness and is not there yet."""

    PROFILE_LEFT = "profile_left"  # the nose points to the picture's left edge
    PROFILE_RIGHT = "profile_right"
    FRONT = "front"
    CLOSE_UP = "close_up"
    HALF_BODY = "half_body"


def evaluate(
    findings: PhotoFindings, others: Sequence[PhotoHashes], rules: QualityRules = RULES
) -> PhotoVerdict:
    """The verdict, by the gravest flaw. ``others`` are the hashes of the order's photos that count
    already. Whether the person is perhaps a minor is for :func:`is_young` to say, of the album.
    """
    if findings.indecency >= rules.indecent:
        return PhotoVerdict(PhotoState.REJECTED, Flaw.INDECENT)
    flaw = _face_flaw(findings, rules)
    if flaw is None and _is_duplicate(findings, others, rules):
        flaw = Flaw.DUPLICATE
    if flaw is not None:
        return PhotoVerdict(PhotoState.REJECTED, flaw)
    if findings.youth >= rules.surely_young:
        return PhotoVerdict(PhotoState.HELD, Flaw.MINOR)
    if findings.indecency >= rules.indecent_perhaps:
        return PhotoVerdict(PhotoState.HELD, Flaw.INDECENT)
    return PhotoVerdict(PhotoState.ACCEPTED)


def is_young(youths: Sequence[float], rules: QualityRules = RULES) -> bool:
    """Whether the person of an album is perhaps a minor: by the median of what its photos show.

    A photo among two dozen of an adult may look young to the model (docs/benchmarks/minors.md); the
    median of none of the nine sittings there does.
    """
    return bool(youths) and statistics.median(youths) >= rules.young


def is_close_up(findings: PhotoFindings, rules: QualityRules = RULES) -> bool:
    """Whether the face fills the picture."""
    return findings.face_share >= rules.close_share


def missing_views(
    accepted: Sequence[Photo], rules: QualityRules = RULES
) -> tuple[MissingView, ...]:
    """The views that are still missing for a good likeness, the most helpful first."""
    views = [photo.view for photo in accepted]
    close_ups = sum(photo.close for photo in accepted)
    lacking: Mapping[MissingView, bool] = {
        MissingView.FRONT: views.count("front") < rules.fronts,
        MissingView.PROFILE_LEFT: views.count("left") < rules.profiles,
        MissingView.PROFILE_RIGHT: views.count("right") < rules.profiles,
        MissingView.CLOSE_UP: close_ups < rules.close_ups,
        MissingView.HALF_BODY: len(accepted) - close_ups < rules.half_bodies,
    }
    return tuple(view for view, is_missing in lacking.items() if is_missing)


def distance(one: str, other: str) -> int:
    """Differing bits of two perceptual hashes, 0..256."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _face_flaw(findings: PhotoFindings, rules: QualityRules) -> Flaw | None:
    if findings.faces == 0:
        return Flaw.NO_FACE
    if findings.faces > 1:
        return Flaw.SEVERAL_FACES
    pixels = findings.face_share * min(findings.width, findings.height)
    if findings.face_share < rules.face_share or pixels < rules.face_pixels:
        return Flaw.FACE_TOO_SMALL
    # First, for a bare face that is soft looks covered: of 18 blurred by 3 % of their height, 17.
    # What covers a sharp face leaves it sharp: 255 at least, under seven kinds of masks and bars.
    if findings.sharpness < rules.sharpness:
        return Flaw.BLURRED
    if findings.covered >= rules.covered:
        return Flaw.COVERED
    return None


def _is_duplicate(
    findings: PhotoFindings, others: Sequence[PhotoHashes], rules: QualityRules
) -> bool:
    """Whether one of the others is the same photo: as a whole, or cropped, bordered, turned."""
    return any(
        distance(own, other.whole) <= rules.duplicate_bits
        for other in others
        if other.whole
        for own in (findings.phash, findings.phash_mirrored)
    ) or _is_same_face(findings.face_hashes, others, rules)


def _is_same_face(
    aligned: Sequence[bytes], others: Sequence[PhotoHashes], rules: QualityRules
) -> bool:
    faces = [int(other.face, 16) for other in others if other.face]
    if not aligned or not faces:
        return False
    most = rules.same_face * 8 * len(aligned[0])
    ours = [int.from_bytes(one) for one in aligned]
    return any((own ^ face).bit_count() <= most for face in faces for own in ours)
