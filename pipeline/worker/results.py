"""The engine's results as records of the shop: two sides that may change apart."""

from collections.abc import Sequence

from pipeline.engine.engine import (
    InspectionResult,
    PaintedClip,
    PaintedImage,
    PreparedSource,
    TrainedLora,
)
from pipeline.engine.inspection import FACE_HASH_BYTES
from shop.avatars import portraits
from shop.avatars.training_results import TrainedAvatar
from shop.clips.delivery import PreparedPicture, RenderedClip
from shop.clips.verdict import SourceFindings
from shop.photos import quality
from shop.records import LikenessRange

MEDIA_TYPES = {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png", b"RI": "image/webp"}
"""By the first two bytes of a file."""


def to_photo_findings(seen: InspectionResult) -> quality.PhotoFindings:
    """Of a photo."""
    return quality.PhotoFindings(
        width=seen.width,
        height=seen.height,
        faces=seen.faces,
        face_share=seen.face_share,
        sharpness=seen.sharpness,
        indecency=seen.indecency,
        covered=seen.covered,
        youth=seen.youth,
        phash=seen.phash,
        phash_mirrored=seen.phash_mirrored,
        face_hashes=tuple(
            seen.face_hashes[start : start + FACE_HASH_BYTES]
            for start in range(0, len(seen.face_hashes), FACE_HASH_BYTES)
        ),
        view=seen.view.value,
        turns=seen.turns,
    )


def to_trained_avatar(trained: TrainedLora) -> TrainedAvatar:
    """Of a training."""
    offered = trained.lora_scales
    return TrainedAvatar(
        checkpoints=tuple(kept.lora for kept in trained.kept),
        best=trained.best,
        steps=trained.steps,
        seconds=trained.seconds,
        loss_first=trained.loss_first,
        loss_last=trained.loss_last,
        likeness=LikenessRange(offered.default, offered.step, offered.ceiling),
    )


def to_painted_pictures(pictures: Sequence[PaintedImage]) -> tuple[portraits.PaintedPicture, ...]:
    """Portraits. Likeness to the customer's photos is left behind: it is nobody's to keep."""
    return tuple(
        portraits.PaintedPicture(
            image=picture.image,
            seed=picture.seed,
            width=picture.width,
            height=picture.height,
            media_type=MEDIA_TYPES[picture.image[:2]],
        )
        for picture in pictures
    )


def to_prepared_picture(prepared: PreparedSource) -> PreparedPicture:
    """Of a source."""
    findings = SourceFindings(
        people=prepared.people,
        faces=prepared.faces,
        indecency=prepared.indecency,
        youth=prepared.youth,
        reason=prepared.reason,
        done=prepared.done,
        apart=prepared.apart,
    )
    return PreparedPicture(prepared.after, prepared.before, findings, prepared.joined)


def to_rendered_clip(clip: PaintedClip) -> RenderedClip:
    """Of a clip."""
    return RenderedClip(
        mp4=clip.mp4,
        poster=clip.poster,
        preview=clip.preview,
        seconds=clip.seconds,
        frames=clip.frames,
        width=clip.width,
        height=clip.height,
    )
