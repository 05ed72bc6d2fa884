"""What grows is told from what only wavers, and a million customers are worked out right."""

import math
import random
from pathlib import Path

import pytest

from benchmarks.crowd.million import Customer, needs, studio_seconds
from benchmarks.crowd.slopes import Sample, growth, slope
from benchmarks.crowd.soak import leaks


def samples(leak: float, wavers: float = 1.0) -> list[Sample]:
    """An hour of a process that warms up for ten minutes, and leaks so many MiB an hour; two
    updates come in a second. The stores are looked at once a minute."""
    dice = random.Random(5)
    found = []
    for at in range(0, 3600, 10):
        size = 150 + 60 * (1 - math.exp(-at / 120)) + leak * at / 3600 + dice.gauss(0, wavers)
        values = {"serve-1: MiB": size, "Valkey: MiB": at / 10}
        found.append(Sample(at, 2 * at, values | ({"keys": 7.0} if at % 60 == 0 else {})))
    return found


def test_a_leak_has_the_slope_that_it_has_by_hour_and_by_update():
    grown = growth(samples(leak=40), "serve-1: MiB", warm=600)
    assert grown.per_hour == pytest.approx(40, abs=1.5)
    assert grown.late == pytest.approx(40, abs=3)
    assert grown.per_thousand == pytest.approx(40 / 7.2, abs=0.3)
    cold = growth(samples(leak=0), "serve-1: MiB", warm=0)
    assert cold.per_hour > 8 > abs(cold.late)
    assert abs(growth(samples(leak=0), "serve-1: MiB", warm=600).per_hour) < 2


def test_what_is_measured_rarely_counts_where_it_was_and_too_little_is_refused():
    still = growth(samples(leak=0), "keys", warm=600)
    assert (still.first, still.last, still.most, still.per_hour, still.late) == (7, 7, 7, 0, 0)
    assert slope([3, 3, 3], [1, 2, 3]) == 0
    with pytest.raises(ValueError, match="3 samples of keys"):
        growth(samples(leak=0), "keys", warm=3400)


def test_only_a_process_of_ours_that_grows_is_a_leak():
    assert leaks(samples(leak=0), 600) == []
    (one,) = leaks(samples(leak=40), 600)
    assert one.startswith("serve-1: MiB grows by")


def test_the_busiest_hour_of_a_million():
    """A customer of 40 updates and 60 messages: nine in a hundred come in the busiest hour."""
    one = Customer(40, 60, 80, 200, 1000, 4e5, 2e6, 125, {"web": 0.6, "courier": 0.06}, gpu=100)
    found = {need.what: need.much for need in needs(1_000_000, one)}
    assert found == {
        "customers a second": "25",
        "updates a second": "1,000",
        "cores: web": "25",
        "cores: courier": "3",
        "connections of web processes at most": "400",
        "transactions a second": "5,000",
        "requests to PostgreSQL a second": "25,000",
        "MB a second of PostgreSQL's log": "10",
        "GB of keys in Valkey": "10",
        "MB a second into the blob store": "50",
        "messages a second": "1,500",
        "bots, 30 messages a second each": "50",
        "bots, 1,000 a second each, paid": "2",
        "GPUs": "2,500",
    }
    (paid,) = (need.how for need in needs(1_000_000, one) if need.what.endswith("paid"))
    assert "54,816,000 messages a day are not free: × 0.1 = 5,481,600 Stars" in paid
    small = {need.what: need.much for need in needs(1000, one)}
    assert (small["bots, 30 messages a second each"], small["cores: web"]) == ("1", "1")
    assert small["connections of web processes at most"] == "16"


def test_seconds_of_a_studio_come_from_the_page_of_the_fleets():
    page = Path("docs/benchmarks/fleet.md").read_text("utf-8")
    assert 90 < studio_seconds(page) < studio_seconds(page, "8, always")
    with pytest.raises(ValueError, match="no 'one for nothing'"):
        studio_seconds(page, "one for nothing")
