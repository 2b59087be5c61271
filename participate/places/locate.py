"""Which cell a point lies in: an index of all present boundaries, in every process, renewed when they change."""

import time
from array import array
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Literal, NamedTuple

from flask import current_app

from participate.places import codes, queries
from participate.places.boxes import Boxes
from participate.places.outlines import Outlines

_CHECK_SECONDS = 1.0
_EXTENSION = "participate.places"


class Located(NamedTuple):
    """Where a point lies.

    `areas` are the codes of all that hold it, cells left out, the smallest first; `area` is the smallest. `edge_m` is
    the distance in metres (within 1 %) to the nearest edge of what was found, the cell or else the area: a point whose
    accuracy is worse than that may belong next door. `boundary_version` is the version of the boundary that held it.
    """

    cell: str | None
    area: str | None
    areas: tuple[str, ...]
    found_by: Literal["cell", "area", "none"]
    edge_m: float | None
    boundary_version: int | None


NOWHERE = Located(None, None, (), "none", None, None)


def locate(lat: float, lon: float) -> Located:
    """Where a WGS-84 point, in degrees, lies by the boundaries of at most a second ago.

    A point on a shared edge lies in the cell with the lowest code; one in no cell, in the smallest area around it.
    """
    return locator().index().locate(lat, lon)


def locator() -> "Locator":
    """The current application's locator."""
    extensions = current_app.extensions
    found: Locator = extensions.get(_EXTENSION) or extensions.setdefault(_EXTENSION, Locator())
    return found


class Index:
    """All the boundaries of one moment; never changed once built, so that any thread may ask it.

    It is in every web process, so it is kept small: arrays of numbers, and no geometry library (see ADR 0020).
    """

    def __init__(self, boundaries: Iterable[tuple[str, int, bytes]]) -> None:
        """Take `(code, version, wkb)` in any order."""
        self._codes, self._digits, self._versions = array("Q"), array("B"), array("i")
        self._outlines, self._boxes = Outlines(), Boxes()
        for code, version, wkb in boundaries:
            self._codes.append(int(code))
            self._digits.append(len(code))
            self._versions.append(version)
            self._boxes.add(*self._outlines.add(wkb))
        # In this order the first of several hits is the deepest, and among equals the lowest code.
        self._order = array("I", sorted(range(len(self._codes)), key=self._rank))
        self._boxes.sort(self._order)

    def _rank(self, position: int) -> int:
        return (codes.MAX_DIGITS - self._digits[position]) << 60 | self._codes[position]

    def locate(self, lat: float, lon: float) -> Located:
        """Where a WGS-84 point, in degrees, lies."""
        for place in self._boxes.near(lat, lon):
            position = self._order[place]
            if self._outlines.holds(position, lat, lon):
                return self._located(position, lat, lon)
        return NOWHERE

    def _located(self, position: int, lat: float, lon: float) -> Located:
        code = str(self._codes[position]).zfill(self._digits[position])
        version, edge = self._versions[position], self._outlines.distance(position, lat, lon)
        above = codes.areas_above(code)
        if codes.is_cell(code):
            return Located(code, above[0], above, "cell", edge, version)
        return Located(None, code, (code, *above), "area", edge, version)


class Locator:
    """Keeps a process's index up to date: asks at most once a second, builds aside, then swaps."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that only go forward."""
        self._clock, self._building = clock, Lock()
        self._index: Index | None = None
        self._mark: str | None = None
        self._check_at = 0.0

    def index(self) -> Index:
        """The present index. Whoever finds one being renewed takes the one before."""
        index = self._index
        if index is None:
            with self._building:
                return self._index or self._renewed()
        if self._clock() >= self._check_at and self._building.acquire(blocking=False):
            try:
                return self._renewed()
            finally:
                self._building.release()
        return index

    def expire(self) -> None:
        """Look at the next point whether boundaries have changed, however soon that is."""
        self._check_at = 0.0

    def _renewed(self) -> Index:
        self._check_at = self._clock() + _CHECK_SECONDS
        mark = queries.revision()
        while self._index is None or mark != self._mark:
            index, before = Index(queries.present_boundaries()), mark
            mark = queries.revision()
            if mark == before:  # Else some of the boundaries are of before a change, and some of after it.
                self._index, self._mark = index, mark
        return self._index
