"""The crowd: six customers in whose house everything breaks, and a verdict that is a real one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.crowd import faults
from benchmarks.crowd.__main__ import options, page, run
from benchmarks.crowd.faults import Happened
from benchmarks.crowd.plan import Deed, crowd
from benchmarks.crowd.verdict import (
    ANSWERED,
    AS_TOLD,
    TWICE,
    Verdict,
    look_at_phones,
    wrong_payment,
)
from shop.records import Charge, Currency, Order, OrderId, OrderState, Product, UserId
from tests.postgres import NoPostgres, new_server

NOW = datetime(2026, 3, 14, tzinfo=UTC)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(900)
async def test_six_customers_get_what_is_theirs_while_everything_breaks(tmp_path: Path) -> None:
    try:
        new_server().remove()
    except NoPostgres as lack:
        pytest.skip(str(lack))
    given = "--customers 6 --minutes 0.4 --lease 3 --pause 3 --patience 240 --courier 1 --seed 3"
    chosen = options([*given.split(), "--out", str(tmp_path / "crowd.md"), "--keep", str(tmp_path)])
    outcome = await run(chosen)
    assert outcome.verdict.cases == 0, page(outcome, chosen)
    assert {one.name for one in outcome.happened} == set(faults.KINDS)
    assert outcome.verdict.counts["orders"]["avatar done"] >= 3


def test_the_same_seed_is_the_same_crowd_and_everything_is_in_it() -> None:
    plans = list(crowd(300, 600, 5))
    assert plans == list(crowd(300, 600, 5)) != list(crowd(300, 600, 6))
    assert {deed for plan in plans for deed in plan.deeds} == set(Deed)
    assert {plan.wechat for plan in plans[:6]} == {True, False}
    assert all(0 <= plan.at < 600 for plan in plans)


@pytest.mark.parametrize(
    ("state", "order", "wrong"),
    [
        ("taken", OrderState.DONE, ""),
        ("taken", OrderState.STOPPED, ""),
        ("taken", OrderState.PAID, "is paid"),
        ("taken", OrderState.REFUNDED, "was kept"),
        ("refunded", OrderState.REFUNDED, ""),
        ("refunded", OrderState.DONE, "went back"),
    ],
)
def test_a_payment_without_what_it_paid_for_is_noticed(state, order, wrong) -> None:
    bought = Order(OrderId("o"), UserId("u"), Product.AVATAR, order, NOW, NOW, charge="telegram:c1")
    charge = Charge("telegram:c1", bought.id, 125, Currency.XTR, NOW)
    found = wrong_payment("c1", state, {"c1": charge}, {bought.id: bought})
    assert (found or "") == "" if not wrong else wrong in (found or "")
    assert "not in our books" in (wrong_payment("c2", state, {"c1": charge}, {}) or "")


def test_what_came_twice_or_never_is_noticed() -> None:
    def judged(happened: list[Happened], **seen: object) -> Verdict:
        record = {
            "number": 1, "person": "p", "wechat": False, "failed": "", "unanswered": "",
            "erased": False, "sets_wanted": 1, "clips_wanted": 0, "sets_at": [1000, 1002],
            "seen": {"sets": 1, "clips": 0, "receipts": 1, "erasures": 1, "ready": 1},
        }  # fmt: skip
        record["seen"] |= {k: v for k, v in seen.items() if k in record["seen"]}
        record |= {k: v for k, v in seen.items() if k in ("failed", "unanswered")}
        verdict = Verdict({ANSWERED: [], TWICE: []})
        look_at_phones([record], happened, verdict)
        return verdict

    assert judged([]).cases == 0
    assert judged([], receipts=2).broken[TWICE]
    assert judged([], sets=2).broken[TWICE]
    assert judged([], erasures=0).broken[ANSWERED]
    assert judged([], unanswered="About 2 minutes to go.").broken[ANSWERED]
    assert judged([], failed="a bill").broken[ANSWERED]
    killed = judged([Happened("kill -9 of courier", 1001, 1001, "courier-1")], sets=2)
    assert (killed.cases, killed.counts[AS_TOLD]) == (0, 1)
