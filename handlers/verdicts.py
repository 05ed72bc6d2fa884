"""What is said of a file whose labels were read: in a chat, at the page and on the command line."""

from typing import Final

from handlers.texts import Texts
from shop.errors import PhotoRefused, PhotoTooLarge
from shop.labels.hidden import SourceType
from shop.labels.signing import PictureKind
from shop.labels.verification import LabelVerdict, Verification

VERIFY_PAGE: Final = "/verify"
"""The path of the page where a file can be verified without a chat."""

MOVED: Final = frozenset({PictureKind.CLIP, PictureKind.POSTER})
"""What is a photo that was brought alive, unless a model made it whole."""

PROVEN = frozenset({LabelVerdict.OURS, LabelVerdict.CHANGED})


def verdict_text(say: Texts, found: Verification | PhotoRefused) -> str:
    """The verdict; for what we signed its kind, its day and what a model had to do with it, never
    whose it is; of a label of ours on a file that it does not fit, that these are the label's and
    not the file's; for another's label what it states. Of a file that cannot be read, why."""
    if isinstance(found, PhotoTooLarge):
        return say("verify-too-large", **found.details)
    if isinstance(found, PhotoRefused):
        return say("verify-unreadable")
    lines = [say(f"verify-{found.verdict}")]
    if found.verdict in PROVEN:
        lines += _signed(say, found)
    elif found.source is not None:
        stated = "painted" if found.source is SourceType.PAINTED else "retouched"
        lines.append(say(f"verify-states-{stated}"))
    return "\n\n".join(lines)


def _signed(say: Texts, found: Verification) -> list[str]:
    said = []
    if found.kind is not None:
        said.append(say(f"verify-kind-{found.kind}"))
    if found.source is SourceType.PAINTED:
        said.append(say("verify-painted"))
    elif found.source is SourceType.RETOUCHED:
        said.append(say("verify-moved" if found.kind in MOVED else "verify-retouched"))
    if found.day is not None:
        said.append(say("verify-day", day=say.day(found.day)))
    made_for = [say("verify-made-for")] if said and found.verdict is LabelVerdict.CHANGED else []
    lines = "\n".join((*made_for, *(f"· {one}" for one in said)))
    return [*filter(None, (lines,)), say("verify-whose")]
