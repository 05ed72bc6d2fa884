"""Alerts and dashboards: they parse, they ask for what we export, and each alert fires when it must
and not else.
"""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import promql_parser as promql
import pytest
import yaml
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.chat_metrics import ChatMetrics
from bot.gpu_owed import GpuSecondsOwed
from bot.health import HouseMetrics
from bot.outbox.metrics import OutboxMetrics
from bot.payment_metrics import PaymentMetrics
from bot.web.observability import RequestMetrics
from pipeline.worker import metrics as worker_metrics
from shop.catalog import Catalog
from shop.health import show_disk
from shop.job_kinds import JOB_KINDS
from tests.deploy.promql import Series, evaluate, selectors

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
RULES = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"]
PLAYED = yaml.safe_load((DEPLOY / "alerts.test.yml").read_text())["tests"]
BOARDS = {file.stem: json.loads(file.read_text()) for file in (DEPLOY / "dashboards").glob("*")}
EXPRESSIONS = {rule["alert"]: rule["expr"] for rule in RULES} | {
    f"{name}: {panel['title']} {target['refId']}": target["expr"]
    for name, board in BOARDS.items()
    for panel in board["panels"]
    for target in panel["targets"]
}
SCRAPED = {"instance", "job"}
"""Labels that Prometheus adds."""


@pytest.fixture(scope="module")
def exported() -> dict[str, set[str]]:
    """Every series that a process exports, by its name, with its labels."""
    registry = CollectorRegistry()
    HouseMetrics(SimpleNamespace(registry=registry))
    mini = SimpleNamespace(base="mini")
    GpuSecondsOwed(
        SimpleNamespace(registry=registry, kinds=JOB_KINDS, catalog=Catalog.load(), settings=mini)
    )
    ChatMetrics(registry, ["telegram"])
    PaymentMetrics(registry, ["stars"])
    OutboxMetrics(registry)
    RequestMetrics(registry)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(worker_metrics, "gpu_memory", lambda _: lambda _: 0.0)
        worker = worker_metrics.WorkerMetrics()
        worker.show_gpu("cuda")
    show_disk(registry, ROOT)
    found = {"up": set()}
    for one in (registry, worker.registry):
        for metric in one._collector_to_names:
            labels = set(metric._labelnames)
            match metric:
                case Counter():
                    found[f"{metric._name}_total"] = labels
                case Histogram():
                    found |= {f"{metric._name}_{end}": labels for end in ("sum", "count")}
                    found[f"{metric._name}_bucket"] = labels | {"le"}
                case Gauge():
                    found[metric._name] = labels
                case _:
                    raise AssertionError(metric)
    return found


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_each_expression_asks_for_what_is_exported(name: str, exported) -> None:
    tree = promql.parse(EXPRESSIONS[name])
    asked = list(selectors(tree))
    assert asked
    for selector in asked:
        assert selector.name in exported, f"{selector.name}: nobody exports it"
        labels = {matcher.name for matcher in selector.matchers.matchers}
        assert labels <= exported[selector.name] | SCRAPED
    for labels in _grouped(tree):
        assert labels <= set().union(*(exported[one.name] for one in asked)) | SCRAPED


def test_the_docs_name_every_metric_and_only_those(exported) -> None:
    table = (ROOT / "docs" / "watching.md").read_text().partition("## Metrics")[2]
    table = table.partition("## Outages")[0]
    named = set(re.findall(r"`(eider_\w+)`", table))
    histograms = {one.removesuffix("_bucket") for one in exported if one.endswith("_bucket")}
    parts = {f"{one}_{end}" for one in histograms for end in ("bucket", "sum", "count")}
    assert named == (exported.keys() - parts - {"up"}) | histograms


def test_each_alert_has_its_line_of_what_to_do() -> None:
    page = (ROOT / "docs" / "watching.md").read_text()
    lines = {one.lower() for one in re.findall(r"^### (\w+)\n\S", page, re.MULTILINE)}
    assert {rule["annotations"]["runbook"] for rule in RULES} == {
        f"docs/watching.md#{line}" for line in lines
    }
    for rule in RULES:
        shown = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        firing = [one for one in PLAYED if _alert(one) == rule["alert"] and _expected(one)]
        assert shown <= {name for one in firing for labels in _expected(one) for name in labels}


def test_each_alert_is_played_both_ways() -> None:
    for rule in RULES:
        ends = [bool(_expected(one)) for one in PLAYED if _alert(one) == rule["alert"]]
        assert sorted(ends) == [False, True], rule["alert"]


@pytest.mark.parametrize(
    "test", PLAYED, ids=lambda one: f"{_alert(one)}-{'fires' if _expected(one) else 'silent'}"
)
def test_an_alert_over_made_series(test: dict[str, Any]) -> None:
    (rule,) = [one for one in RULES if one["alert"] == _alert(test)]
    assert test["interval"] == "1m"
    series = [Series.read(one["series"], one["values"], 60.0) for one in test["input_series"]]
    tree = promql.parse(rule["expr"])
    end = _seconds(test["alert_rule_test"][0]["eval_time"])
    held = int(_seconds(rule["for"])) if "for" in rule else 0
    times = range(int(end) - held, int(end) + 1, 60)  # it fires once it held for all of "for"
    rounds = [set(evaluate(tree, series, float(at))) for at in times]
    firing = set.intersection(*rounds)
    expected = [
        {name: value for name, value in one.items() if name != "severity"}
        for one in _expected(test)
    ]
    assert sorted(map(str, (dict(sorted(one)) for one in firing))) == sorted(
        str(dict(sorted(one.items()))) for one in expected
    )


def test_dashboards_are_whole_and_wired() -> None:
    assert len(BOARDS) == 6
    assert len({board["uid"] for board in BOARDS.values()}) == 6
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    sources = yaml.safe_load(compose["configs"]["datasource"]["content"])["datasources"]
    provider = yaml.safe_load(compose["configs"]["dashboards"]["content"])["providers"][0]
    mounted = [one.split(":") for one in compose["services"]["grafana"]["volumes"]]
    assert ["./dashboards", provider["options"]["path"], "ro"] in mounted
    for board in BOARDS.values():
        taken: set[tuple[int, int]] = set()
        for panel in board["panels"]:
            assert panel["datasource"]["uid"] == sources[0]["uid"]
            place = panel["gridPos"]
            cells = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            assert not taken & cells, panel["title"]
            assert place["x"] + place["w"] <= 24
            taken |= cells
            for target in panel["targets"]:
                legend = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
                assert legend <= set(re.findall(r"\w+", target["expr"])) | SCRAPED | {"state"}


def test_prometheus_reads_the_rules() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    (file,) = config["rule_files"]
    assert f"./{file}:/etc/prometheus/{file}:ro" in compose["services"]["prometheus"]["volumes"]


def _alert(test: dict[str, Any]) -> str:
    return test["alert_rule_test"][0]["alertname"]


def _expected(test: dict[str, Any]) -> list[dict[str, str]]:
    return [one["exp_labels"] for one in test["alert_rule_test"][0]["exp_alerts"]]


def _seconds(text: str) -> float:
    return promql.parse_duration(text).total_seconds()


def _grouped(node: Any) -> list[set[str]]:
    """The labels of every ``by`` in an expression."""
    own = (
        [set(node.modifier.labels)]
        if isinstance(node, promql.AggregateExpr) and node.modifier
        else []
    )
    parts = [getattr(node, name, None) for name in ("expr", "lhs", "rhs")]
    parts += list(getattr(node, "args", ()))
    return own + [labels for part in parts if part is not None for labels in _grouped(part)]
