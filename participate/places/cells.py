"""Which cell somebody means, who names it or says where they are."""

from typing import Any

from participate.kernel.errors import Fault, Invalid, below
from participate.places import queries
from participate.places.coordinates import to_wgs84
from participate.places.locate import locate


def meant(cell: str | None, place: dict[str, Any] | None) -> str:
    """The code of the cell that is named, or in which `place` (`lat`, `lon`, `crs`) lies.

    Raises Invalid for neither or both, an unknown code, and a place in no cell.
    """
    if (cell is None) == (place is None):
        raise Invalid(Fault("cell", "cell_or_place"))
    if place is None:
        if queries.area(str(cell)) is None:
            raise Invalid(Fault("cell", "unknown_code"))
        return str(cell)
    with below("place"):
        point = to_wgs84(place["lat"], place["lon"], place["crs"])
    found = locate(point.lat, point.lon).cell
    if found is None:
        raise Invalid(Fault("place", "no_cell"))
    return found
