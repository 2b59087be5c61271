"""An ordinary day: what one request takes and costs, that a few busy clients are not refused, and who drips."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.storm import people
from bench.storm.figures import FINE, Figure, failures, percentile
from bench.storm.load import Crowd, Flow, Heard
from tests.faults.slow import Drip
from tests.live import Live, until

AT_ONCE = 8  # Clients that ask again as soon as they are answered.
_HEADS, _BODIES, _STRANGERS = 60, 80, 60  # Connections that drip: half a head, half a body, and that of nobody we know.
_BEGUN_SECONDS = 1.0  # After that long all of them are there.


@dataclass(frozen=True)
class Spans:
    """Seconds of each part."""

    one: float
    press: float
    drip: float


WHOLE, QUICK = Spans(4, 4, 15), Spans(1, 1, 4)


def measure(district: people.District, crowd: Crowd, spans: Spans) -> tuple[list[Figure], list[str]]:
    """The figures, and what must never be."""
    flows = [people.single(district, 1), people.own_lists(district, 1), people.reports(district, 1)]
    figures, runs = list[Figure](), list[Heard]()
    for flow in flows:
        crowd.press([flow], 0.5, 1)
        before = _processor_seconds(district.live)
        one = crowd.press([flow], spans.one, 1)
        spent = _processor_seconds(district.live) - before
        pressed = crowd.press([flow], spans.press, AT_ONCE)
        runs += [one, pressed]
        figures += [
            Figure(f"{flow.name}, one client, p50 ms", percentile(_seconds(one), 50) * 1e3),
            Figure(f"{flow.name}, one client, processor ms each", spent * 1e3 / max(1, len(one.samples))),
            Figure(f"{flow.name}, {AT_ONCE} clients, a second", len(_seconds(pressed)) / spans.press),
            Figure(f"{flow.name}, {AT_ONCE} clients, refused", _refused(pressed), at_most=0),
        ]
    dripping, found = _with_drips(district, crowd, flows, spans.drip)
    return figures + dripping, [f"ordinary: {fault}" for fault in failures([*runs, found])]


def _with_drips(
    district: people.District, crowd: Crowd, flows: Sequence[Flow], seconds: float
) -> tuple[list[Figure], Heard]:
    """Ordinary requests while 200 connections drip."""
    token = f"Bearer {district.residents[0]}"
    with Drip(district.live, headers=_HEADS, bodies=_BODIES, token=token), Drip(district.live, bodies=_STRANGERS):
        time.sleep(_BEGUN_SECONDS)
        heard = crowd.press(flows, seconds, 4)
    return [
        Figure("beside 200 that drip, p50 ms", percentile(_seconds(heard), 50) * 1e3),
        Figure("beside 200 that drip, p99 ms", percentile(_seconds(heard), 99) * 1e3),
        Figure("beside 200 that drip, refused %", 100 * _refused(heard) / max(1, len(heard.samples)), at_most=0),
    ], heard


def _seconds(heard: Heard) -> list[float]:
    return [sample.seconds for sample in heard.samples if sample.status in FINE]


def _refused(heard: Heard) -> int:
    return sum(sample.status not in FINE for sample in heard.samples)


def _processor_seconds(live: Live) -> float:
    """What the web processes have computed so far."""
    web = until(lambda: live.child("web"), "the web half")
    times = [process.cpu_times() for process in [web, *web.children(recursive=True)]]
    return float(sum(taken.user + taken.system for taken in times))
