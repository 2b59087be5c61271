"""What a submission states, checked and made ready for its row."""

from typing import Any

from participate.catalogue import asking, schemes
from participate.catalogue import queries as catalogue
from participate.kernel.context import settings
from participate.kernel.errors import Fault, Invalid, below
from participate.places.coordinates import to_wgs84
from participate.places.locate import locate


def bounded_photos(photo_ids: list[str], more: int) -> list[str]:
    """`photo_ids`, if with `more` others they are not too many for one submission. Raises Invalid."""
    limit = settings().max_photos
    if len(photo_ids) + more > limit:
        raise Invalid(Fault("photo_ids", "length", (("min", 0), ("max", limit))))
    return photo_ids


def check_catalogue(
    category: str | None, details: dict[str, Any], held: str | None = None, held_service: str | None = None
) -> None:
    """Raises Invalid for a category, condition or service that the catalogue does not hold.

    A category must be of a version that holds today, unless it is `held` already, and a service on the list unless it
    is the `held_service`.
    """
    if category is not None:
        fault = _fault_of(category, held)
        if fault is not None:
            raise Invalid(fault)
    condition, service = details.get("condition"), details.get("service")
    if condition is not None:
        found = catalogue.condition(condition)
        if found is None or found.category_code != category:
            raise Invalid(Fault("details.condition", "unknown_code"))
    if service is not None:
        _check_listed(service, held_service)


def _check_listed(service: str, held: str | None) -> None:
    found = catalogue.service(service)
    if found is None:
        raise Invalid(Fault("details.service", "unknown_code"))
    if not found.active and service != held:
        raise Invalid(Fault("details.service", "service_closed"))


def check_answers(details: dict[str, Any]) -> None:
    """Raises Invalid for answers that do not fit what the catalogue asks of the condition or service."""
    codes = [details[name] for name in ("condition", "service") if details.get(name)]
    asking.check_answers(codes, details.get("answers") or {})


def _fault_of(category: str, held: str | None) -> Fault | None:
    found = schemes.of_category(category)
    if found is None:
        return Fault("category", "unknown_code")
    scheme, version, state = found
    if state is schemes.State.CURRENT or category == held:
        return None
    if state is schemes.State.RETIRED:
        return Fault("category", "code_retired", (("scheme", scheme), ("version", version)))
    return Fault("category", "code_draft", (("scheme", scheme), ("version", version)))


def placed(place: dict[str, Any] | None) -> dict[str, Any]:
    """The columns that say where: the place as stated, its WGS-84 point, and the cell or area that holds it."""
    if place is None:
        return {"stated": None, "place_source": "none"}
    with below("place"):
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
