"""Ten times as much as the service can do: what it still does, how fast it says no, how soon it is itself again."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bench.storm import people
from bench.storm.figures import FINE, Figure, failures, percentile
from bench.storm.load import UNSENT, Crowd, Flow, Heard

TIMES = 10
AT_ONCE = 8  # As many as a few idle clients keep on their way: the service is busy and refuses nobody yet.
# Of a hundred requests so many of each kind.
LISTS, SINGLES, OWN, QUEUE, REPORTS = 45, 25, 15, 5, 10


@dataclass(frozen=True)
class Spans:
    """Seconds of each part."""

    capacity: float
    alone: float
    overload: float
    after: float


WHOLE, QUICK = Spans(6, 3, 20, 12), Spans(2, 0.6, 6, 3)


def measure(district: people.District, crowd: Crowd, spans: Spans) -> tuple[list[Figure], list[str]]:
    """The figures, and what must never be: answers that are neither served nor politely refused."""
    mix = _mix(district)
    crowd.press(mix, 1, AT_ONCE)
    usual = crowd.press(mix, spans.capacity, AT_ONCE)
    capacity = _served(usual) / spans.capacity
    alone = {flow.name: _served(crowd.press([flow], spans.alone, AT_ONCE)) / spans.alone for flow in mix}
    hundred = sum(flow.rate for flow in mix)
    over = crowd.offer(_at(mix, TIMES * capacity / hundred), spans.overload)
    after = crowd.offer(_at(mix, capacity / 2 / hundred), spans.after, seed=2)
    work = _work(over, alone) / spans.overload / (_work(usual, alone) / spans.capacity)
    sent = [sample for sample in over.samples if sample.status != UNSENT]
    refused = [sample.seconds for sample in over.samples if sample.status == 503]
    served = [sample.seconds for sample in over.samples if sample.status in FINE]
    figures = [
        Figure("capacity, requests a second", capacity),
        Figure("offered in the overload, times capacity", len(sent) / spans.overload / capacity),
        Figure("goodput, share of capacity (by work)", work, at_least=0.8),
        Figure("goodput, share of capacity (by count)", len(served) / spans.overload / capacity),
        Figure("served in the overload, p99 ms", percentile(served, 99) * 1e3),
        Figure("refused in the overload, p50 ms", percentile(refused, 50) * 1e3),
        Figure("refused in the overload, p99 ms", percentile(refused, 99) * 1e3, at_most=50),
        Figure("recovered after, s", _recovered(after), at_most=10),
        Figure("client's own processor seconds a second", over.client_cpu / spans.overload),
        Figure("load average", os.getloadavg()[0]),
    ]
    figures += [Figure(f"served of all {name}, %", 100 * share) for name, share in _shares(over, mix)]
    return figures, [f"overload: {fault}" for fault in failures([usual, over, after])]


def _mix(district: people.District) -> list[Flow]:
    return [
        people.public_lists(LISTS),
        people.single(district, SINGLES),
        people.own_lists(district, OWN),
        people.queue_pages(district, QUEUE),
        people.reports(district, REPORTS),
    ]


def _at(flows: Sequence[Flow], times: float) -> list[Flow]:
    return [replace(flow, rate=flow.rate * times) for flow in flows]


def _served(heard: Heard) -> int:
    return sum(sample.status in FINE for sample in heard.samples)


def _work(heard: Heard, alone: dict[str, float]) -> float:
    """What was served, in seconds of a service that does nothing else: a report is more work than a list."""
    return sum(1 / alone[sample.flow] for sample in heard.samples if sample.status in FINE)


def _recovered(after: Heard) -> float:
    """When the last request was refused, or kept waiting for over half a second, once the overload had ended."""
    late = [sample.due for sample in after.samples if sample.status not in FINE or sample.seconds > 0.5]
    return max(late, default=0.0)


def _shares(heard: Heard, mix: Sequence[Flow]) -> list[tuple[str, float]]:
    asked = Counter[Any](sample.flow for sample in heard.samples)
    served = Counter[Any](sample.flow for sample in heard.samples if sample.status in FINE)
    return [(flow.name, served[flow.name] / max(1, asked[flow.name])) for flow in mix]
