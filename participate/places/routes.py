"""HTTP: which cell a point lies in, and the areas above and below."""

from typing import Any

from flask import Response

from participate.kernel.api import Room
from participate.kernel.auth import OPEN
from participate.kernel.conditional import answer
from participate.kernel.db import AnyRow
from participate.kernel.errors import Missing
from participate.kernel.overload import STATUS
from participate.kernel.paging import PageQuery, page
from participate.places import queries, schemas
from participate.places.coordinates import to_wgs84
from participate.places.locate import locate
from participate.places.models import Area

places = Room("places", description="Areas of the four levels, and grid cells")


def _area(row: AnyRow) -> dict[str, Any]:
    names = ("code", "name", "level", "parent", "has_boundary", "synthetic")
    return {name: getattr(row, name) for name in names}


@places.route(
    "/places/lookup",
    door=OPEN,
    urgency=STATUS,
    query=schemas.LookupQuery,
    answer=schemas.LookupAnswer,
    also=(304,),
)
def look_up_place(query: dict[str, Any]) -> Response:
    """The cell that a point lies in, its areas upward, and how far the edge is."""
    found = locate(*to_wgs84(query["lat"], query["lon"], query["crs"]))
    smallest = found.cell or found.area
    upward = queries.upward(smallest) if smallest else []
    return answer(found._asdict() | {"areas": [_area(row) for row in upward]})


@places.route("/areas/<code:area>", door=OPEN, answer=schemas.AreaShape, also=(304,))
def show_area(area: str) -> Response:
    """One area."""
    row = queries.area(area)
    if row is None:
        raise Missing
    return answer(_area(row), row.version)


@places.route("/areas/<code:area>/children", door=OPEN, query=PageQuery, answer=schemas.AreaList, also=(304,))
def list_area_children(area: str, query: dict[str, Any]) -> Response:
    """The areas right below, by code."""
    if queries.area(area) is None:
        raise Missing
    below = {"parent": area}
    return answer(page(queries.CHILDREN, [Area.code], _area, query["limit"], query["cursor"], parameters=below))


@places.route("/areas/<code:area>/boundary", door=OPEN, answer=schemas.BoundaryShape, also=(304,))
def show_area_boundary(area: str) -> Response:
    """The present boundary, as a GeoJSON feature."""
    found = queries.boundary_geojson(area)
    if found is None:
        raise Missing
    return answer(found)
