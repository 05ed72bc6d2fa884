"""What the chat side labels pictures with, and verifies files by, in one hand."""

from dataclasses import dataclass, field

from shop.labels.keys import TrustList
from shop.labels.signing import PictureSigner
from shop.labels.verification import LabelReader, Verification, judge


@dataclass(frozen=True, slots=True)
class Labelling:
    """``producer`` is the name that our labels bear: the setting's ContentProducer."""

    signer: PictureSigner
    reader: LabelReader
    trust: TrustList = field(repr=False)
    producer: str

    async def verify(self, raw: bytes | bytearray, owner: str) -> Verification:
        """Judge a stranger's file. Raises as :meth:`LabelReader.read_label`."""
        return judge(await self.reader.read_label(raw, owner), self.trust, self.producer)
