"""Clips: a picture that comes alive, its source, and the finished file."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shop.records.ids import AvatarId, ClipId, KeyId, PortraitId, UserId


class Relation(StrEnum):
    """Who is on a source, as its customer said when they agreed."""

    SELF = "self"
    LIVING = "living"  # somebody else, who agreed
    DEAD = "dead"


class ClipState(StrEnum):
    COLLECTING = "collecting"  # waits for a source
    PREPARING = "preparing"  # the source is looked at, and restored
    HELD = "held"  # perhaps a minor, perhaps indecent: an admin decides
    READY = "ready"  # the source is right: its customer chooses a motion
    REFUSED = "refused"  # the source
    WAITING = "waiting"  # the motion was chosen: work is owed
    DONE = "done"
    FAILED = "failed"
    GIVEN_UP = "given_up"  # by its customer, or nobody chose a motion in time
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip, from the wish to the file.

    ``pictures`` (1 or 2) are to be in it: ``portrait_id`` (of ``avatar_id``), if there is one, and
    the ``sources`` that were sent, blobs under ``source_key_id``; ``before`` are those as they
    came, small, to be shown beside what was made of them. The second of two pictures is sent:
    ``relation_beside`` is of who is on it, and ``beside_key_id`` its key, under which ``joined``
    lies too, both in one frame, labelled, to be shown.

    ``done`` says what was mended of the last; ``faces`` of the first can move; with none ``reason``
    says why (an :class:`AnimationRefusal`): the camera alone may. Of a clip that is held, refused
    or failed it says why as well (:mod:`shop.clips.verdict`).

    ``engine`` is :data:`shop.clips.filming.EMBEDDED` or a video base; ``credits`` are held for it,
    none for a ``gift``. ``blob`` (MP4), ``poster`` (JPEG) and ``preview`` (WebP) are sealed under
    ``key_id``; ``width`` and ``height`` are pixels. No source and no key of one is left once a clip
    is done, refused, failed, given up or erased.
    """

    id: ClipId
    user_id: UserId
    state: ClipState
    relation: Relation | None  # None once erased
    created_at: datetime
    touched_at: datetime
    pictures: int = 1
    portrait_id: PortraitId | None = None
    avatar_id: AvatarId | None = None
    sources: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    source_key_id: KeyId | None = None
    relation_beside: Relation | None = None
    beside_key_id: KeyId | None = None
    joined: str = ""
    faces: int = 0
    done: tuple[str, ...] = ()
    reason: str = ""
    engine: str = ""
    motion: str = ""
    credits: int = 0
    gift: bool = False
    key_id: KeyId | None = None
    blob: str = ""
    poster: str = ""
    preview: str = ""
    seconds: float = 0.0
    frames: int = 0
    width: int = 0
    height: int = 0
    done_at: datetime | None = None
