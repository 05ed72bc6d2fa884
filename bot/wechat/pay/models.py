"""WeChat Pay's records as they stand in answers and notifications. What is not needed is ignored:
they grow.
"""

from typing import Annotated, Any, Final, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot.wechat.pay.sealed import SealedResource
from shop.errors import TillError
from shop.records import RefundState

M = TypeVar("M", bound=BaseModel)

LARGEST_AMOUNT: Final = 10**12  # fen of one payment

_Text = Annotated[str, Field(max_length=128)]
_Amount = Annotated[int, Field(strict=True, ge=0, le=LARGEST_AMOUNT)]
_Positive = Annotated[_Amount, Field(gt=0)]

REFUND_STATES: Final = {
    "SUCCESS": RefundState.DONE,
    "PROCESSING": RefundState.PENDING,
    "ABNORMAL": RefundState.STUCK,
    "CLOSED": RefundState.CLOSED,
}


class _Record(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, frozen=True)


class PaidAmount(_Record):
    """In fen. ``total`` is the order's; a coupon may have paid a part of it."""

    total: _Amount
    currency: _Text = "CNY"


class Payer(_Record):
    openid: _Text = Field("", repr=False)


class Transaction(_Record):
    """A payment, or a bill that may be paid yet."""

    appid: _Text = ""
    mchid: _Text = ""
    out_trade_no: _Text
    trade_state: _Text
    transaction_id: _Text = ""
    success_time: AwareDatetime | None = None
    attach: _Text = Field("", repr=False)
    payer: Payer = Payer(openid="")
    amount: PaidAmount | None = None


class RefundAmount(_Record):
    """In fen: of the payment, and of this refund."""

    total: _Positive
    refund: _Positive


class Refund(_Record):
    """A refund, as calls answer it."""

    out_refund_no: _Text
    transaction_id: _Text
    status: _Text
    amount: RefundAmount
    success_time: AwareDatetime | None = None

    @property
    def state(self) -> RefundState:
        """Raises :class:`shop.errors.TillError` for a state that is not known."""
        try:
            return REFUND_STATES[self.status]
        except KeyError:
            raise TillError from None


class RefundReport(_Record):
    """A refund, as notifications tell of it."""

    mchid: _Text
    transaction_id: Annotated[str, Field(min_length=1, max_length=128)]
    out_refund_no: _Text
    refund_status: _Text
    amount: RefundAmount


class Notification(_Record):
    """The envelope: what has happened, and the record that is sealed in it."""

    id: Annotated[str, Field(min_length=1, max_length=64)]
    event_type: _Text
    resource_type: _Text = "encrypt-resource"
    resource: SealedResource


def answered(model: type[M], said: dict[str, Any]) -> M:
    """The record in an answer of WeChat Pay's. Raises :class:`shop.errors.TillError`."""
    try:
        return model.model_validate(said)
    except ValidationError:
        raise TillError from None
