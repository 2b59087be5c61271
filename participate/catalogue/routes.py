"""HTTP: what can be reported and asked for, and who is responsible."""

from typing import Any

from flask import Response

from participate.catalogue import queries, schemas, schemes
from participate.kernel.api import Room
from participate.kernel.auth import OPEN
from participate.kernel.conditional import answer
from participate.kernel.paging import PageQuery

catalogue = Room("catalogue", description="Categories with their time limits, services, units")


@catalogue.route("/schemes", door=OPEN, query=PageQuery, answer=schemas.SchemeList, also=(304,))
def list_schemes(query: dict[str, Any]) -> Response:
    """The versions of the schemes by which categories are told apart, and which of them hold today."""
    return answer(schemes.listed(query["limit"], query["cursor"]))


@catalogue.route("/categories", door=OPEN, query=schemas.CategoriesQuery, answer=schemas.CategoryList, also=(304,))
def list_categories(query: dict[str, Any]) -> Response:
    """Categories by code, each with its conditions: those that hold today, or of a version that is named."""
    return answer(queries.categories(**query))


@catalogue.route("/services", door=OPEN, query=schemas.ServicesQuery, answer=schemas.ServiceList, also=(304,))
def list_services(query: dict[str, Any]) -> Response:
    """Services by code: who may ask, what is needed, how long it takes, and who does it."""
    return answer(queries.services(query["limit"], query["cursor"], query["major"]))


@catalogue.route("/units", door=OPEN, query=schemas.UnitsQuery, answer=schemas.UnitList, also=(304,))
def list_units(query: dict[str, Any]) -> Response:
    """Units by id."""
    return answer(queries.units(query["limit"], query["cursor"], query["area"]))
