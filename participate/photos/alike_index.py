"""An index in memory of fingerprints, which finds all that differ from one in at most 8 of their 64 bits.

Only the worker loads this: it brings arrays with it. A million fingerprints take 37 MB and are searched in 0.1 ms.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from participate.photos.alike_models import NEAR

_WIDTHS = (19, 15, 15, 15)  # bits of each band; with the first one wider, the fewest have to be looked at.
_SHIFTS = (0, *accumulate(_WIDTHS))[:-1]
_BEGINS = (0, *accumulate(1 << width for width in _WIDTHS))  # Where the values of each band begin, and where all end.
_TAIL = 4096  # So many new ones are looked through one by one, before all are sorted.
_Places = NDArray[np.int64]
_Number = TypeVar("_Number", np.int64, np.uint64)


def _probes() -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64]]:
    """Where to look: the band's shift, its mask, what its value may differ by, and where its values begin.

    Were the first band to differ in 3 bits or more and each of the others in 2 or more, all 64 would in 9. So of two
    that are near, either the first bands differ in at most 2, or some other pair of bands in at most 1.
    """
    ones = [np.array([0, *(1 << bit for bit in range(width))], dtype=np.uint64) for width in _WIDTHS]
    differing = [np.unique(ones[0][:, np.newaxis] ^ ones[0]), *ones[1:]]

    def spread(each: Sequence[int]) -> NDArray[np.uint64]:
        return np.repeat(np.array(each, np.uint64), [len(band) for band in differing])

    return (
        spread(_SHIFTS),
        spread([(1 << width) - 1 for width in _WIDTHS]),
        np.concatenate(differing),
        spread(_BEGINS[:-1]),
    )


_PROBE_SHIFTS, _PROBE_MASKS, _DIFFERING, _BASES = _probes()


class Fingerprints:
    """Fingerprints by number; numbers only rise. Not for several threads at once."""

    def __init__(self) -> None:
        self._count, self._sorted = 0, 0  # How many there are, and how many of them `_places` knows.
        self._numbers, self._prints = np.empty(0, np.int64), np.empty(0, np.uint64)  # With room for more at the end.
        # Where they stand, sorted by what the first band holds, then again by the second, and so on; and where each
        # value of each band begins among these.
        self._places, self._starts = np.empty(0, np.uint32), np.zeros(_BEGINS[-1] + 1, np.uint32)

    @property
    def last(self) -> int:
        """The highest number that is there."""
        return int(self._numbers[self._count - 1]) if self._count else 0

    def add(self, numbered: Sequence[tuple[int, int]]) -> None:
        """Add pairs of number and fingerprint, by number, all behind those that are there."""
        if not numbered:
            return
        before, self._count = self._count, self._count + len(numbered)
        if self._count > len(self._prints):
            room = self._count + self._count // 8
            self._numbers, self._prints = _grown(self._numbers, room), _grown(self._prints, room)
        numbers, prints = zip(*numbered, strict=True)
        self._numbers[before : self._count] = numbers
        self._prints[before : self._count] = np.array(prints, np.uint64)

    def _sort(self) -> None:
        prints = self._prints[: self._count]
        orders, counts = list[NDArray[np.uint32]](), [np.zeros(1, np.int64)]
        for shift, width in zip(_SHIFTS, _WIDTHS, strict=True):
            values = (prints >> np.uint64(shift) & np.uint64((1 << width) - 1)).astype(np.uint32)
            orders.append(np.argsort(values, kind="stable").astype(np.uint32))
            counts.append(np.bincount(values, minlength=1 << width))
        self._places, self._starts = np.concatenate(orders), np.cumsum(np.concatenate(counts)).astype(np.uint32)
        self._sorted = self._count

    def near(self, fingerprint: int, most: int) -> list[int]:
        """The numbers of all that are near, the nearest first and among these the newest, but no more than `most`."""
        if self._count - self._sorted > _TAIL:
            self._sort()
        wanted = np.uint64(fingerprint)
        places = self._candidates(wanted)
        distances = np.bitwise_count(self._prints[places] ^ wanted)
        hits = np.flatnonzero(distances <= NEAR)
        found = zip(distances[hits].tolist(), (-self._numbers[places[hits]]).tolist(), strict=True)
        return [-number for _, number in sorted(set(found))[:most]]

    def _candidates(self, wanted: np.uint64) -> _Places:
        """Where those stand that have a band nearly in common with it, some several times, and those not yet sorted."""
        values = ((wanted >> _PROBE_SHIFTS & _PROBE_MASKS ^ _DIFFERING) + _BASES).astype(np.int64)
        starts = self._starts[values].astype(np.int64)
        lengths = self._starts[values + 1] - starts
        ends = np.cumsum(lengths)
        # Where thousands are the same, it takes less to look at all than to gather them four times.
        if ends[-1] > self._sorted // 4:
            return np.arange(self._count)
        spread = np.repeat(starts - ends + lengths, lengths) + np.arange(ends[-1])
        return np.concatenate([self._places[spread], np.arange(self._sorted, self._count)])


def _grown(array: NDArray[_Number], room: int) -> NDArray[_Number]:
    grown = np.empty(room, array.dtype)
    grown[: len(array)] = array
    return grown
