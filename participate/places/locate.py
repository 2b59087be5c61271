"""Which cell a point lies in: an index of all present boundaries, in every process, renewed when they change."""

import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Literal, NamedTuple

import numpy as np
import shapely
from flask import current_app

from participate.places import codes, queries
from participate.places.edges import Edges

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
    """All the boundaries of one moment; never changed once built, so that any thread may ask it."""

    def __init__(self, boundaries: Sequence[tuple[str, int, bytes]]) -> None:
        """Take `(code, version, wkb)` in any order."""
        # In this order the first of several hits is the deepest, and among equals the lowest code.
        ordered = sorted(boundaries, key=lambda boundary: (-len(boundary[0]), boundary[0]))
        self._codes = [code for code, _, _ in ordered]
        self._versions = [version for _, version, _ in ordered]
        shapes = shapely.from_wkb(np.array([wkb for _, _, wkb in ordered], dtype=object))
        self._tree, self._edges = shapely.STRtree(shapes), Edges(shapes)

    def locate(self, lat: float, lon: float) -> Located:
        """Where a WGS-84 point, in degrees, lies."""
        hits = self._tree.query(shapely.Point(lon, lat), predicate="intersects").tolist()
        if not hits:
            return NOWHERE
        first = min(hits)
        code, version, edge = self._codes[first], self._versions[first], self._edges.distance(first, lat, lon)
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
        # The mark first: a change that falls between the two reads is then seen again, not missed.
        mark = queries.revision()
        if self._index is None or mark != self._mark:
            self._index = Index(queries.present_boundaries())
            self._mark = mark
        return self._index
