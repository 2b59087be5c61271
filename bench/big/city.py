"""A synthetic city of twelve unequal districts: who hands in where, and whose desk it lies on."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

CITY = "9902"
# Of a hundred submissions; the last district has one.
_SHARES = (25.0, 20.0, 15.0, 10.0, 8.0, 7.0, 5.0, 4.0, 2.5, 1.5, 1.0, 1.0)
DISTRICTS = tuple(f"{CITY}{number:02}" for number in range(1, len(_SHARES) + 1))
BIG, SMALL = DISTRICTS[0], DISTRICTS[-1]
_STREETS = _COMMUNITIES = _CELLS = 10  # In each district, street, community.
_SOUTH, _WEST, _WIDE = 28.0, 112.6, 0.1  # Degrees: a district is a square of ten by ten communities.
# Around the station so many of all are handed in, within so many degrees to each side: about 200 m.
_CROWD, _AROUND = 0.02, 0.002
_STATION = f"{BIG}005005005"
STATION = _SOUTH + _WIDE * 0.45, _WEST + _WIDE * 0.45


class Spot(NamedTuple):
    """A cell's code and a point in it (WGS-84, degrees)."""

    cell: str
    lat: float
    lon: float


def spot(chance: Random) -> Spot:
    """Somewhere in the city; the more people live in a district, the likelier it is there, and most of all at a
    station."""
    if chance.random() < _CROWD:
        return Spot(_STATION, *(middle + (2 * chance.random() - 1) * _AROUND for middle in STATION))
    (number,) = chance.choices(range(len(DISTRICTS)), _SHARES)
    street, community, cell = chance.randrange(_STREETS), chance.randrange(_COMMUNITIES), chance.randrange(_CELLS)
    code = f"{DISTRICTS[number]}{street + 1:03}{community + 1:03}{cell + 1:03}"
    row, column = divmod(number, 4)
    south, west = _SOUTH + _WIDE * (row + street / _STREETS), _WEST + _WIDE * (column + community / _COMMUNITIES)
    return Spot(code, south + chance.random() * _WIDE / _STREETS, west + chance.random() * _WIDE / _COMMUNITIES)


def box(streets: int) -> str:
    """A `bbox` around the first `streets` streets of the big district, each as wide as the district."""
    return f"{_WEST},{_SOUTH},{_WEST + _WIDE},{_SOUTH + _WIDE * streets / _STREETS}"


def areas() -> Iterator[tuple[str, str, str, str | None]]:
    """Code, name, level and parent of every area, the parents first."""
    yield CITY[:2], "示范省", "province", None
    yield CITY, "示范市", "city", CITY[:2]
    for district in DISTRICTS:
        yield district, "区", "district", CITY
        for street in _below(district, _STREETS):
            yield street, "街道", "street", district
            for community in _below(street, _COMMUNITIES):
                yield community, "社区", "community", street
                yield from ((cell, "网格", "cell", community) for cell in _below(community, _CELLS))


def _below(code: str, count: int) -> Iterator[str]:
    return (f"{code}{number:03}" for number in range(1, count + 1))
