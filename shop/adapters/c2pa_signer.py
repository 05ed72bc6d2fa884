"""Signs pictures and clips with C2PA credentials, by c2pa-python (Content Authenticity Initiative),
offline: no time stamp, no thumbnail, nothing fetched.
"""

import asyncio
import io
import json
from datetime import date
from typing import Any, Final

import c2pa
from PIL import Image

from shop.labels import mp4
from shop.labels.hidden import HiddenLabel, read_info, read_source
from shop.labels.keys import LabelKeys
from shop.labels.signing import GENERATOR, KIND, SOURCE_TYPES, PictureSigner, UnsignedPicture

_OFFLINE: Final[dict[str, dict[str, Any]]] = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"verify_after_sign": False, "remote_manifest_fetch": False, "ocsp_fetch": False},
}
_FORMATS: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


class C2paSigner(PictureSigner):
    """Signs with a studio's keys, in a thread: a few milliseconds a picture."""

    def __init__(self, keys: LabelKeys, producer: str) -> None:
        """``producer`` is who painted it, as the hidden label's ContentProducer."""
        self._keys = keys
        self._producer = producer

    def __repr__(self) -> str:
        return "C2paSigner(...)"

    async def sign(self, picture: UnsignedPicture) -> bytes:
        """See :class:`PictureSigner`."""
        return await asyncio.to_thread(self._sign, picture)

    def _sign(self, picture: UnsignedPicture) -> bytes:
        media_type, hidden = _look(picture.data)
        manifest = json.dumps(self._manifest(picture, media_type, hidden))
        info = c2pa.C2paSignerInfo(
            alg=c2pa.C2paSigningAlg.ES256,
            sign_cert=self._keys.chain,
            private_key=self._keys.key,
            ta_url=None,
        )
        signed = io.BytesIO()
        try:
            with (
                c2pa.Context.from_dict(_OFFLINE) as context,
                c2pa.Signer.from_info(info) as signer,
                c2pa.Builder(manifest, context) as builder,
            ):
                builder.sign(signer, media_type, io.BytesIO(picture.data), signed)
        except c2pa.C2paError as error:
            raise ValueError("the picture cannot be signed") from error
        return signed.getvalue()

    def _manifest(
        self, picture: UnsignedPicture, media_type: str, hidden: HiddenLabel | None
    ) -> dict[str, Any]:
        source = (hidden and read_source(hidden.source_type)) or SOURCE_TYPES[picture.kind]
        created: dict[str, Any] = {
            "action": "c2pa.created",
            "digitalSourceType": source.value,
            "softwareAgent": {"name": self._producer},
            "parameters": {KIND: picture.kind.value},
        }
        if day := (hidden.day if hidden else None) or picture.day:
            created["when"] = _midnight(day)
        return {
            "claim_generator_info": [{"name": GENERATOR}],
            "title": f"{GENERATOR} {picture.kind.value}",
            "format": media_type,
            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [created]}}],
        }


def _look(data: bytes) -> tuple[str, HiddenLabel | None]:
    """The media type and the hidden label of a file of our own, by its header alone."""
    if film := mp4.media_type(data):
        return film, mp4.read_label(data)
    try:
        with Image.open(io.BytesIO(data), formats=tuple(_FORMATS)) as opened:
            return _FORMATS[opened.format or ""], read_info(opened.info)
    except (OSError, SyntaxError, KeyError) as error:
        raise ValueError("no JPEG, PNG, WebP or MP4") from error


def _midnight(day: date) -> str:
    """C2PA wants a time; the hour, by which one might know a person, is nobody's to keep."""
    return f"{day}T00:00:00Z"
