"""Which boxes a point may lie in: sorted by size, by row, and by western edge."""

import math
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

_SMALLEST = -19  # The lowest row's height is 2 to this power, in degrees: 0.2 m.
_ROW_BITS, _WEST_BITS = 28, 31  # of a key; the five before them tell the size.
_WEST_STEPS = 2.0**21  # to a degree: one is 5 cm.
_SLACK = 1e-9  # degrees: more than rounding can take off an extent, 0.1 mm on the ground.


@dataclass
class _Size:
    """Boxes that go into rows of one height and are larger than half of it; `height` and `width` of the largest."""

    number: int
    height: float = 0.0
    width: float = 0.0

    def __post_init__(self) -> None:
        self.rows = 2.0 ** -(self.number + _SMALLEST)  # to a degree; to multiply by it is exact.
        self.equator = ((self.number << _ROW_BITS) + (1 << _ROW_BITS - 1)) << _WEST_BITS


class Boxes:
    """Each is entered in the row, as high as its own size, in which it begins.

    A size is a power of two. So the boxes of one size that may hold a point begin in the row of the point or in the
    one below, to the west of it by no more than the widest is wide: two short stretches of one sorted array.
    """

    def __init__(self) -> None:
        self._keys, self._places = array("Q"), array("I")
        self._sizes = dict[int, _Size]()

    def add(self, west: float, south: float, east: float, north: float) -> None:
        """Add a box, in degrees."""
        number = max(math.frexp(max(north - south, east - west))[1] - _SMALLEST, 0)
        size = self._sizes.setdefault(number, _Size(number))
        size.height, size.width = max(size.height, north - south + _SLACK), max(size.width, east - west + _SLACK)
        self._keys.append(_key(size, math.floor(south * size.rows), west))

    def sort(self, order: Sequence[int]) -> None:
        """To be called once all are added; `order` has their positions, and they go by their places in it then."""
        entered = sorted(self._keys[position] << 32 | place for place, position in enumerate(order))
        self._keys = array("Q", [entry >> 32 for entry in entered])
        self._places = array("I", [entry & 0xFFFFFFFF for entry in entered])

    def near(self, lat: float, lon: float) -> list[int]:
        """The places of all boxes that may hold a point in degrees, in ascending order."""
        found, keys = list[int](), self._keys
        for size in self._sizes.values():
            row, lowest = math.floor(lat * size.rows), math.floor((lat - size.height) * size.rows)
            for number in (row,) if row == lowest else (lowest, row):
                start = bisect_left(keys, _key(size, number, lon - size.width))
                found += self._places[start : bisect_left(keys, _key(size, number, lon) + 1, start)]
        found.sort()
        return found


def _key(size: _Size, row: int, west: float) -> int:
    # What a box's width is taken off may begin 540 degrees to the west.
    return size.equator + (row << _WEST_BITS) + math.floor((west + 540) * _WEST_STEPS)
