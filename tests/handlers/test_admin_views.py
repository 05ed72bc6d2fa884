"""What admins read of figures and orders."""

import pytest

from handlers.admin.views import stats_text
from handlers.texts import texts
from shop.admin_actions import Stats
from shop.people.users import LANGUAGES
from shop.records import OrderState


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stopped_order_was_not_stopped_by_the_admin(language: str) -> None:
    say = texts(language)
    stats = Stats(
        users=1, erased=0, held=0, orders={OrderState.STOPPED: 1, OrderState.DONE: 2},
        earned={}, credits=0, ledger_sums={}, selling=True, animating=True,
    )  # fmt: skip
    text = stats_text(say, stats)
    assert say("admin-order-stopped") in text
    assert say("order-done") in text
    assert say("order-stopped") not in text
