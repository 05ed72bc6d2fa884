"""The sheet of an order's accepted photos: planned in a transaction, drawn after it, kept nowhere.

It lives in memory for as long as it is sent. Once the uploads' key is destroyed it cannot be drawn.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from shop.encryption import EnvelopeCipher
from shop.errors import NotFound
from shop.photos.chosen import numbered
from shop.photos.decoding import PhotoDecoder, SheetTile
from shop.photos.photos import find_jpeg
from shop.ports import Blobs, Tx
from shop.records import Order, PhotoId, PhotoState
from shop.sealed_blobs import SealedBlob


@dataclass(frozen=True, slots=True)
class PlannedSheet:
    """The sealed photos of a sheet by their numbers; ``marked`` are those unlike the rest, and
    ``turns`` the quarter turns of those that do not stand upright."""

    sealed: dict[int, SealedBlob] = field(repr=False)
    marked: frozenset[int] = frozenset()
    turns: Mapping[int, int] = field(default_factory=dict)

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(self.sealed)

    async def draw(self, blobs: Blobs, decoder: PhotoDecoder, owner: str) -> bytes:
        """The sheet as a JPEG. Raises :class:`NotFound` for photos erased meanwhile, and as
        :meth:`shop.photos.decoding.PhotoDecoder.sheet`."""
        tiles = [
            SheetTile(
                await one.open(blobs), number, number in self.marked, self.turns.get(number, 0)
            )
            for number, one in self.sealed.items()
        ]
        return (await decoder.sheet(tiles, owner)).jpeg


async def plan(
    tx: Tx, cipher: EnvelopeCipher, order: Order, marked: Collection[PhotoId] = ()
) -> PlannedSheet:
    """The sheet of the order's accepted photos, those of ``marked`` with a mark. Raises
    :class:`NotFound` where there is none."""
    found = await numbered(tx, order.id)
    accepted = {
        number: await find_jpeg(tx, cipher, photo)
        for number, photo in found.items()
        if photo.state is PhotoState.ACCEPTED
    }
    if not accepted:
        raise NotFound
    unlike = frozenset(number for number in accepted if found[number].id in marked)
    turns = {number: found[number].turns for number in accepted if found[number].turns}
    return PlannedSheet(accepted, unlike, turns)
