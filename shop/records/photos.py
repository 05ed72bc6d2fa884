"""Photo uploads and their flaws."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shop.records.ids import OrderId, PhotoId, UserId


class PhotoState(StrEnum):
    CHECKING = "checking"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    HELD = "held"  # perhaps a minor, perhaps indecent: an admin decides


class Flaw(StrEnum):
    """Why a photo is not counted. Its values are keys of the demo's JSON and of the messages."""

    UNREADABLE = "unreadable"
    VIDEO = "video"
    BOMB = "bomb"
    TOO_SMALL = "too_small"
    TOO_NARROW = "too_narrow"
    TOO_LARGE = "too_large"
    PAINTED = "painted"  # by its own label made by AI, all of it
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    FACE_TOO_SMALL = "face_too_small"
    COVERED = "covered"  # something lies over the eyes or the mouth
    BLURRED = "blurred"
    DUPLICATE = "duplicate"
    INDECENT = "indecent"
    MINOR = "minor"
    TAKEN_OUT = "taken_out"  # by its sender, as of somebody else
    SURPLUS = "surplus"  # beyond the most that an order takes: not even fetched


class Compared(StrEnum):
    """What a comparison with the order's other photos said of one. Nothing else of it is kept."""

    ALIKE = "alike"
    UNLIKE = "unlike"  # marked in the album
    UNCLEAR = "unclear"  # no face could be compared
    KEPT = "kept"  # unlike, and its customer says that it is them: not marked again


@dataclass(frozen=True, slots=True)
class Photo:
    """One upload. After training neither row nor blob exists, so no hash and no age either.

    What is kept of a photo the terms say (``terms`` in ``locales/*/agree.ftl``)."""

    id: PhotoId
    order_id: OrderId
    user_id: UserId
    state: PhotoState
    blob: str
    sha256: str
    created_at: datetime
    flaw: Flaw | None = None
    phash: str = ""
    view: str = "unknown"
    close: bool = False  # the face fills the picture: helps guided capture
    judged_at: datetime | None = None
    face_hash: str = ""  # of the upright face: finds crops of one photo
    youth: float = 0.0  # as found; 0 once an admin has seen an adult
    compared: Compared | None = None  # None: not compared
    turns: int = 0  # quarter turns, counterclockwise, after which it stands upright
    message: str = ""  # by which it came: ``{channel}:{the channel's name of it}``
