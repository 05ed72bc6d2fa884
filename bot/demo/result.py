"""The demo's last line: one JSON object of the results, every number read from the records; or of
why there are none.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.demo.customer import JourneyRecord
from bot.demo.measurements import Measurements
from shop.photos.photos import PhotoCounts
from shop.records import Avatar, ShootKind


@dataclass(frozen=True, slots=True)
class Result:
    """As the object's keys. Amounts are in minor units, times in seconds."""

    photos: dict[str, object]
    order: dict[str, object]
    training: dict[str, object]
    portraits: list[str]
    expressions: list[str]
    more_like_me: list[str]
    base_only: list[str]
    clips: list[dict[str, object]]
    likeness_weights: list[float]
    uploads_left: int
    ledger: dict[str, int]
    seconds: float
    messages: dict[str, object] | None = None

    def line(self) -> str:
        """``messages`` is there where a platform counts them."""
        told = asdict(self)
        if self.messages is None:
            del told["messages"]
        return json.dumps(told)


async def result(
    measurements: Measurements, record: JourneyRecord, base_only: list[Path], seconds: float
) -> Result:
    """Gather it. The tally and the shoots were noted before the erasure took their rows."""
    order, avatar = await measurements.order(), await measurements.avatar()
    weights = {shoot.kind: shoot.weight for shoot in record.shoots}
    return Result(
        photos=photo_counts(record.tally),
        order={
            "state": order.state.value,
            "amount": order.amount,
            "currency": order.currency.value,
        },
        training=_training(avatar),
        portraits=[str(path) for path in record.portraits],
        expressions=[str(path) for path in record.expressions],
        more_like_me=[str(path) for path in record.liker],
        base_only=[str(path) for path in base_only],
        clips=[asdict(clip) for clip in record.clips],
        likeness_weights=[
            weights[kind] for kind in (ShootKind.FIRST, ShootKind.MORE_LIKE_ME) if kind in weights
        ],
        uploads_left=await measurements.uploads_left(),
        ledger={currency.value: total for currency, total in (await measurements.ledger()).items()},
        seconds=round(seconds, 1),
        messages=asdict(record.costs) if record.costs else None,
    )


def photo_counts(tally: PhotoCounts | None) -> dict[str, object]:
    """Once all were looked at, accepted, held and the rejected of each flaw are those sent."""
    if tally is None:
        return {"sent": 0, "accepted": 0, "held": 0, "rejected": {}}
    rejected = {flaw.value: count for flaw, count in tally.rejected.items()}
    return {
        "sent": tally.sent, "accepted": tally.accepted, "held": tally.held, "rejected": rejected
    }  # fmt: skip


def failure(error: str, why: str, tally: PhotoCounts | None) -> str:
    """The last line of a demo that failed. ``error``: one word; ``why``: for a developer."""
    return json.dumps({"error": error, "why": why, "photos": photo_counts(tally)})


def _training(avatar: Avatar) -> dict[str, object]:
    return {
        "steps": avatar.steps,
        "seconds": round(avatar.seconds, 1),
        "loss_first": avatar.loss_first,
        "loss_last": avatar.loss_last,
    }
