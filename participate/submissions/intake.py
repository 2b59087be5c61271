"""What a submission states, checked and made ready for its row."""

from typing import Any

from flask import current_app

from participate.catalogue import asking
from participate.catalogue import queries as catalogue
from participate.kernel.context import settings
from participate.kernel.errors import Fault, Invalid
from participate.places.coordinates import to_wgs84
from participate.places.locate import locate

_KNOWN = "participate.known_categories"


def bounded_photos(photo_ids: list[str], more: int) -> list[str]:
    """`photo_ids`, if with `more` others they are not too many for one submission. Raises Invalid."""
    limit = settings().max_photos
    if len(photo_ids) + more > limit:
        raise Invalid(Fault("photo_ids", "length", (("min", 0), ("max", limit))))
    return photo_ids


def check_catalogue(category: str | None, details: dict[str, Any]) -> None:
    """Raises Invalid for a category, condition or service that the catalogue does not hold."""
    if category is not None and not _is_known(category):
        raise Invalid(Fault("category", "unknown_code"))
    condition, service = details.get("condition"), details.get("service")
    if condition is not None:
        found = catalogue.condition(condition)
        if found is None or found.category_code != category:
            raise Invalid(Fault("details.condition", "unknown_code"))
    if service is not None and catalogue.service(service) is None:
        raise Invalid(Fault("details.service", "unknown_code"))


def check_answers(details: dict[str, Any]) -> None:
    """Raises Invalid for answers that do not fit what the catalogue asks of the condition or service."""
    codes = [details[name] for name in ("condition", "service") if details.get(name)]
    asking.check_answers(codes, details.get("answers") or {})


def _is_known(category: str) -> bool:
    """Whether the catalogue holds the category. It never lets go of one, so what is found is not looked up again."""
    known: set[str] = current_app.extensions.setdefault(_KNOWN, set())
    if category not in known:
        if catalogue.category(category) is None:
            return False
        known.add(category)
    return True


def placed(place: dict[str, Any] | None) -> dict[str, Any]:
    """The columns that say where: the place as stated, its WGS-84 point, and the cell or area that holds it."""
    if place is None:
        return {"stated": None, "place_source": "none"}
    point = to_wgs84(place["lat"], place["lon"], place["crs"])
    return {"stated": place, "place_source": "given"} | located(point.lat, point.lon)


def located(lat: float, lon: float) -> dict[str, Any]:
    """The columns of a WGS-84 point and of what holds it."""
    found = locate(lat, lon)
    return {
        "lat": lat,
        "lon": lon,
        "area": found.cell or found.area,
        "cell": found.cell,
        "boundary_version": found.boundary_version,
        "edge_m": found.edge_m,
    }
