"""Counts that outlive their process: each process adds to a file of its own, and whoever is asked adds them all up.

The files are those of prometheus-client's multiprocess mode, which also reads them. What differs is whose a file is:
a slot's, not a process's, and a slot is taken over by the next process once nobody holds it. So there are never more
files than there were processes at one time, and what a dead process counted stays counted.
"""

import logging
import os
import struct
import threading
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from flask import Flask, current_app
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

from participate.kernel import slots

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)  # seconds; +Inf comes by itself
_BOOK_BYTES = 2**20
_BOOK_HEAD = 8  # bytes
_ENTRY_FRAME = 28  # bytes: length, padding, value, timestamp
_EXTENSION = "participate.tally"

_log = logging.getLogger(__name__)


class _Book:
    """One file of one slot.

    Its room is laid by at its making: to write into a map for which the disk has no room kills the process. A forked
    child of whoever opened it may add to what stands in it, but enter nothing new, of which its parent would not
    know; and values are read from it each time, since such a child may have added to them.
    """

    def __init__(self, path: Path) -> None:
        self._file, self._opened_by = _mapped(path), os.getpid()
        self._known = {key for key, *_ in self._file.read_all_values()}
        self._room = _BOOK_BYTES - _BOOK_HEAD - sum(map(_size, self._known))

    def add(self, key: str, amount: float) -> None:
        """Increase one value, if it is there or may be entered."""
        if key in self._known or self._enter(key):
            self._file.write_value(key, self._file.read_value(key)[0] + amount, 0.0)

    def _enter(self, key: str) -> bool:
        if _size(key) > self._room or os.getpid() != self._opened_by:
            return False
        self._room -= _size(key)
        self._known.add(key)
        return True


def _size(key: str) -> int:
    return len(key.encode()) + _ENTRY_FRAME


def _mapped(path: Path) -> MmapedDict:
    """The file with what is in it so far; one that a power cut has spoilt begins anew."""
    if path.exists() and not _readable(path):
        path.unlink()
    with path.open("ab") as file:
        os.posix_fallocate(file.fileno(), 0, _BOOK_BYTES)
    return MmapedDict(str(path))


def _readable(path: Path) -> bool:
    try:
        MultiProcessCollector.merge([str(path)])
    except (OSError, RuntimeError, ValueError, struct.error):
        return False
    return True


def init_tally(app: Flask, folder: Path) -> "Tally":
    """Let `app` count into `folder`; nothing is touched before the first count."""
    made = app.extensions[_EXTENSION] = Tally(folder)
    return made


class Tally:
    """This process's own counts. Nothing here ever fails a request: what cannot be counted is not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.RLock()  # A log line about counting that gets dropped is itself counted.
        self._begun = False
        self._held: IO[str] | None = None
        self._books: tuple[_Book, _Book] | None = None
        self._counters: dict[tuple[str, ...], str] = {}
        self._histograms: dict[tuple[str, ...], list[str]] = {}

    def begin(self) -> None:
        """Take a slot. It comes by itself with the first count; a process that forks takes its own before it does."""
        with self._lock:
            self._begin()

    def _begin(self) -> None:
        self._begun = True
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            slot, self._held = next(slots.free(self.folder))
            self._books = (_Book(self.folder / f"counter_{slot}.db"), _Book(self.folder / f"histogram_{slot}.db"))
        except (OSError, StopIteration) as error:
            _log.warning("nothing is counted", extra={"reason": type(error).__name__})

    def add(self, name: str, amount: float = 1.0, **labels: str) -> None:
        """Add to the counter `name`, whose labels must be few and known beforehand."""
        key = self._counters.get((name, *labels.values()))
        if key is None:
            key = mmap_key(name, f"{name}_total", list(labels), list(labels.values()), "")
            self._counters[name, *labels.values()] = key
        self._add(0, key, amount)

    def histogram(self, name: str, bounds: Sequence[float] = BUCKETS, **labels: str) -> list[str]:
        """The histogram `name` with these labels, for `observe`; to be asked for once."""
        keys = _histogram_keys(name, labels, bounds)
        for key in keys:  # All are there from the start: quantiles are told from the buckets that there are.
            self._add(1, key, 0.0)
        return keys

    def kept(self, name: str, bounds: Sequence[float], **labels: str) -> list[str]:
        """The same, for who asks each time."""
        found = self._histograms.get((name, *labels.values()))
        if found is None:
            found = self._histograms[name, *labels.values()] = self.histogram(name, bounds, **labels)
        return found

    def observe(self, histogram: list[str], seconds: float, bounds: Sequence[float] = BUCKETS) -> None:
        """Count `seconds` into what `histogram` has returned for these bounds."""
        with self._lock:
            if self._books:
                self._books[1].add(histogram[bisect_left(bounds, seconds)], 1.0)
                self._books[1].add(histogram[-1], seconds)

    def _add(self, book: int, key: str, amount: float) -> None:
        with self._lock:
            if not self._begun:
                self._begin()
            if self._books:
                self._books[book].add(key, amount)


def _histogram_keys(name: str, labels: dict[str, str], bounds: Sequence[float]) -> list[str]:
    """The keys of its buckets, in their order, and then of its sum."""
    names, values = list(labels), list(labels.values())
    buckets = [
        mmap_key(name, f"{name}_bucket", [*names, "le"], [*values, bound], "") for bound in (*map(str, bounds), "+Inf")
    ]
    return [*buckets, mmap_key(name, f"{name}_sum", names, values, "")]


def of(app: Flask) -> Tally:
    """The counts of `app`."""
    found: Tally = app.extensions[_EXTENSION]
    return found


def count(name: str, amount: float = 1.0, **labels: str) -> None:
    """Add to a counter of the present application.

    It must have its help in `kernel.metrics`, and its labels' values come from the code, never from a request or a
    row.
    """
    of(current_app).add(name, amount, **labels)


def observe(name: str, seconds: float, bounds: Sequence[float], **labels: str) -> None:
    """Count `seconds` into a histogram of the present application, which always has these bounds; else as `count`."""
    counts = of(current_app)
    counts.observe(counts.kept(name, bounds, **labels), seconds, bounds)


def added_up(folder: Path) -> Iterable[Metric]:
    """The sums over all processes, dead ones included."""
    files = [str(path) for path in folder.glob("*.db") if _readable(path)]
    found: Iterable[Metric] = MultiProcessCollector.merge(files, accumulate=True)
    return found
