"""Evaluates what alerts.yml uses of PromQL over series that are written as promtool's tests are.

The grammar is promql-parser's; here are the meanings, by Prometheus' documentation. What is
not known here raises, so that a rule that uses more cannot pass unplayed.
"""

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import promql_parser as promql

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]

_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul,
    "/": lambda one, other: one / other if other else math.nan,
}  # fmt: skip
_COMPARISONS = {
    ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_AGGREGATIONS: Mapping[str, Callable[[list[float]], float]] = {
    "sum": sum, "max": max, "min": min, "count": lambda many: float(len(many))
}  # fmt: skip
LOOKBACK = 300.0


@dataclass(frozen=True)
class Series:
    """One series: its name, labels, and (seconds, value) in order."""

    name: str
    labels: Labels
    samples: tuple[tuple[float, float], ...]

    @staticmethod
    def read(series: str, values: str, interval: float) -> "Series":
        """As promtool has it: ``0+1x30`` is 31 values from 0 up by 1, ``5x3`` four times 5."""
        selector = promql.parse(series)
        labels = frozenset((one.name, one.value) for one in selector.matchers.matchers)
        numbers = [number for part in values.split() for number in _expanded(part)]
        return Series(
            selector.name, labels, tuple((n * interval, value) for n, value in enumerate(numbers))
        )


def _expanded(part: str) -> list[float]:
    found = re.fullmatch(r"(-?[\d.]+)(?:([+-][\d.]+))?x(\d+)", part)
    assert found, part
    start, step, count = float(found[1]), float(found[2] or 0), int(found[3])
    return [start + step * n for n in range(count + 1)]


def evaluate(node: Any, series: list[Series], at: float) -> Vector | float:
    """The value of an expression at that second."""
    match node:
        case promql.NumberLiteral():
            return float(node.val)
        case promql.ParenExpr():
            return evaluate(node.expr, series, at)
        case promql.VectorSelector():
            return {
                one.labels: value
                for one in _selected(node, series)
                if (value := _newest(one, at)) is not None
            }
        case promql.Call():
            return _called(node, series, at)
        case promql.AggregateExpr():
            return _aggregated(node, series, at)
        case promql.BinaryExpr():
            return _binary(node, series, at)
    raise NotImplementedError(type(node).__name__)


def selectors(node: Any) -> Iterator[Any]:
    """Every vector selector in an expression."""
    if isinstance(node, promql.VectorSelector):
        yield node
    elif isinstance(node, promql.MatrixSelector):
        yield node.vector_selector
    else:
        parts = [getattr(node, name, None) for name in ("expr", "lhs", "rhs")]
        for part in [*parts, *getattr(node, "args", ())]:
            if part is not None:
                yield from selectors(part)


def _selected(selector: Any, series: list[Series]) -> list[Series]:
    def matches(one: Series) -> bool:
        labels = dict(one.labels)
        return one.name == selector.name and all(
            _matches(matcher, labels.get(matcher.name, ""))
            for matcher in selector.matchers.matchers
        )

    return [one for one in series if matches(one)]


def _matches(matcher: Any, value: str) -> bool:
    match str(matcher.op).rpartition(".")[2]:
        case "Equal":
            return value == str(matcher.value)
        case "NotEqual":
            return value != str(matcher.value)
        case "Re":
            return re.fullmatch(str(matcher.value), value) is not None
        case "NotRe":
            return re.fullmatch(str(matcher.value), value) is None
    raise NotImplementedError(str(matcher.op))


def _newest(one: Series, at: float) -> float | None:
    fresh = [value for when, value in one.samples if at - LOOKBACK < when <= at]
    return fresh[-1] if fresh else None


def _called(call: Any, series: list[Series], at: float) -> Vector | float:
    name = call.func.name
    if name == "time":
        return at
    if name == "abs":
        return {labels: abs(value) for labels, value in _vector(call.args[0], series, at).items()}
    if name == "histogram_quantile":
        return _quantile(call.args[0].val, _vector(call.args[1], series, at))
    if name not in ("increase", "rate", "delta"):
        raise NotImplementedError(name)
    (matrix,) = call.args
    length = matrix.range.total_seconds()
    found: Vector = {}
    for one in _selected(matrix.vector_selector, series):
        within = [sample for sample in one.samples if at - length < sample[0] <= at]
        if len(within) > 1:
            grown = _grown([value for _, value in within], resets=name != "delta")
            # Prometheus extrapolates to the edges of the range where samples reach near them.
            covered = within[-1][0] - within[0][0]
            near = covered + 1.1 * covered / (len(within) - 1) * 2 >= length
            grown *= length / covered if near else 1.0
            found[one.labels] = grown / length if name == "rate" else grown
    return found


def _grown(values: list[float], *, resets: bool) -> float:
    pairs = pairwise(values)
    return sum(new - old if new >= old or not resets else new for old, new in pairs)


def _quantile(share: float, buckets: Vector) -> Vector:
    groups: dict[Labels, list[tuple[float, float]]] = {}
    for labels, count in buckets.items():
        rest = frozenset(one for one in labels if one[0] != "le")
        groups.setdefault(rest, []).append((float(dict(labels)["le"]), count))
    return {labels: _of_buckets(share, sorted(found)) for labels, found in groups.items()}


def _of_buckets(share: float, buckets: list[tuple[float, float]]) -> float:
    wanted = share * buckets[-1][1]
    low, below = 0.0, 0.0
    for edge, count in buckets:
        if count >= wanted:
            if math.isinf(edge):
                return low
            return low + (edge - low) * ((wanted - below) / (count - below) if count > below else 0)
        low, below = edge, count
    return math.nan


def _aggregated(node: Any, series: list[Series], at: float) -> Vector:
    by = set(node.modifier.labels) if node.modifier else set()
    if node.modifier and node.modifier.type != promql.AggModifierType.By:
        raise NotImplementedError("without")
    groups: dict[Labels, list[float]] = {}
    for labels, value in _vector(node.expr, series, at).items():
        groups.setdefault(frozenset(one for one in labels if one[0] in by), []).append(value)
    combine = _AGGREGATIONS[str(node.op)]
    return {labels: combine(values) for labels, values in groups.items()}


def _binary(node: Any, series: list[Series], at: float) -> Vector | float:
    left, right = (evaluate(side, series, at) for side in (node.lhs, node.rhs))
    op = str(node.op)
    if node.modifier is not None and (op != "unless" or node.modifier.matching is not None):
        raise NotImplementedError("on, ignoring, bool")
    if op == "unless":
        return {labels: value for labels, value in left.items() if labels not in right}
    if op in _ARITHMETIC:
        return _paired(left, right, _ARITHMETIC[op])
    compare = _COMPARISONS[op]
    if isinstance(left, float):
        raise NotImplementedError("a number compared")
    other = dict.fromkeys(left, right) if isinstance(right, float) else right
    return {
        labels: value for labels, value in left.items()
        if labels in other and compare(value, other[labels])
    }  # fmt: skip


def _paired(
    left: Vector | float, right: Vector | float, work: Callable[[float, float], float]
) -> Vector | float:
    if isinstance(left, float) and isinstance(right, float):
        return work(left, right)
    if isinstance(left, float):
        return {labels: work(left, value) for labels, value in right.items()}
    if isinstance(right, float):
        return {labels: work(value, right) for labels, value in left.items()}
    return {labels: work(left[labels], right[labels]) for labels in left.keys() & right.keys()}


def _vector(node: Any, series: list[Series], at: float) -> Vector:
    value = evaluate(node, series, at)
    assert not isinstance(value, float)
    return value
