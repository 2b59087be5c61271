"""A district's storm: everybody reports at once, with photos, and everybody looks what becomes of it."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from bench.storm import people
from bench.storm.figures import FINE, Figure, failures, percentile
from bench.storm.load import Crowd, Heard
from participate.app import create_app
from participate.config import from_environment
from participate.kernel.db import one, rows
from participate.kernel.workflow import TimelineEntry
from participate.photos.models import Photo
from participate.submissions.models import Submission

REPORTS, LISTS, SINGLES, OWN = 10, 50, 25, 25  # a second
_STILL_SECONDS = 60.0  # How long the desk may wait for the last submission once the storm is over.
_BATCH = 500


@dataclass(frozen=True)
class Spans:
    """Seconds of the storm, and how long its photos may take to be worked off afterwards."""

    storm: float
    drain: float


WHOLE, QUICK = Spans(600, 1800), Spans(10, 2)


def measure(district: people.District, crowd: Crowd, spans: Spans, photo: bytes) -> tuple[list[Figure], list[str]]:
    """The figures, and what must never be: errors, and submissions that were acknowledged and are lost."""
    flows = [
        people.reports_with_photo(district, REPORTS, photo),
        people.public_lists(LISTS),
        people.single(district, SINGLES),
        people.own_lists(district, OWN),
    ]
    app = create_app(from_environment(district.live.environment | {"PARTICIPATE_DEMO": "1"}))
    with app.app_context(), _watched(app) as most:
        heard = crowd.offer(flows, spans.storm)
        left = _waiting_photos()
        ids = [sample.made for sample in heard.samples if sample.made]
        faults = failures([heard]) + _lost(ids)
        drained = _drained(spans.drain)
        delays = _desk_delays(ids)
    reports, reads = _seconds(heard, {flows[0].name}), _seconds(heard, {flow.name for flow in flows[1:]})
    figures = [
        Figure("submissions handed in", len(reports)),
        Figure("submissions with photo, p50 ms", percentile(reports, 50) * 1e3),
        Figure("submissions with photo, p99 ms", percentile(reports, 99) * 1e3, at_most=1000),
        Figure("reads, p50 ms", percentile(reads, 50) * 1e3),
        Figure("reads, p99 ms", percentile(reads, 99) * 1e3, at_most=1000),
        Figure("refused, % of all", 100 * (1 - (len(reports) + len(reads)) / len(heard.samples)), at_most=1),
        Figure("reached the desk after, p50 s", percentile(delays, 50)),
        Figure("reached the desk after, p99 s", percentile(delays, 99), at_most=15),
        Figure("photos waiting, at most", most[0]),
        Figure("photos waiting when it ended", left),
        Figure("photos worked off after, s", drained),
        Figure("client's own processor seconds a second", heard.client_cpu / spans.storm),
        Figure("load average", os.getloadavg()[0]),
    ]
    return figures, [f"storm: {fault}" for fault in faults]


def _seconds(heard: Heard, names: set[str]) -> list[float]:
    return [sample.seconds for sample in heard.samples if sample.flow in names and sample.status in FINE]


@contextmanager
def _watched(app: Flask) -> Iterator[list[int]]:
    """Counts every few seconds how many photos wait; the list holds the most."""
    most, ended = [0], threading.Event()

    def look() -> None:
        while not ended.wait(3):
            with app.app_context():
                most[0] = max(most[0], _waiting_photos())

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield most
    finally:
        ended.set()
        watcher.join()


def _waiting_photos() -> int:
    found = one(select(func.count()).select_from(Photo).where(Photo.state == "processing"))
    return int(found[0]) if found else 0


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]


def _lost(ids: Sequence[str]) -> list[str]:
    """What was acknowledged and is not there, or never reaches the desk."""
    end = time.monotonic() + _STILL_SECONDS
    states: dict[str, Any] = {}
    while time.monotonic() < end:
        states = {}
        for batch in _batches(ids):
            found = rows(select(Submission.id, Submission.state).where(Submission.id.in_(batch)))
            states |= {str(row.id): row.state for row in found}
        if len(states) < len(ids) or "received" not in states.values():
            break
        time.sleep(0.5)
    missing, stuck = len(ids) - len(states), sum(state == "received" for state in states.values())
    lost = [f"{missing} acknowledged submissions are not there"] if missing else []
    return lost + ([f"{stuck} submissions have not reached the desk"] if stuck else [])


def _desk_delays(ids: Sequence[str]) -> list[float]:
    """Seconds from hand-in to the desk's queue, of each."""
    found: list[timedelta] = []
    for batch in _batches(ids):
        admitted = select(TimelineEntry.at, Submission.created_at).join(
            Submission, Submission.id == TimelineEntry.subject_id
        )
        asked = admitted.where(TimelineEntry.subject_id.in_(batch), TimelineEntry.move == "admit")
        found += [row.at - row.created_at for row in rows(asked)]
    return [delay.total_seconds() for delay in found]


def _drained(most: float) -> float:
    """Seconds until no photo waits any more; `most` where some still do."""
    began = time.monotonic()
    while _waiting_photos():
        if time.monotonic() - began > most:
            return most
        time.sleep(0.5)
    return time.monotonic() - began
