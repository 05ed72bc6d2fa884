"""Albums: two to ten items, and documents among themselves, as audio files."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.botapi.records import Call
from tests.botapi.rules.findings import Broken

_ALONE = ("document", "audio")


def rules(call: Call, values: Mapping[str, Any], local: bool) -> Iterator[Broken]:
    """Of sendMediaGroup."""
    media = values.get("media")
    if call.method != "sendMediaGroup" or not isinstance(media, list):
        return
    if not 2 <= len(media) <= 10:
        # Telegram sends an "album" of one, though its documentation asks for two.
        told = {0: "there are no messages to send", 1: ""}
        too_many = "too many messages to send as an album"
        described = told.get(len(media), too_many)
        yield Broken(
            f"sendMediaGroup: {len(media)} items", f"Bad Request: {described}" if described else ""
        )
    kinds = {each.get("type") for each in media if isinstance(each, dict)}
    if len(kinds) > 1 and kinds & set(_ALONE):
        yield Broken(
            "sendMediaGroup: documents go with documents only, and audio with audio",
            "Bad Request: can't use the media of the specified type in the album",
        )
