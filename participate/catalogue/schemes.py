"""Schemes in their versions: which of them hold today, and which are behind or still ahead."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from flask import current_app
from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import aliased

from participate.catalogue.models import Category, Scheme
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, one, rows
from participate.kernel.paging import page

ZONE = "participate.calendar.zone"
_LATER = aliased(Scheme)
_FOLLOWED = select(func.min(_LATER.valid_from)).where(_LATER.code == Scheme.code, _LATER.valid_from > Scheme.valid_from)
# The keys that a list is ordered by come last, where `page` looks for them.
_COLUMNS: tuple[Any, ...] = (
    Scheme.prefix,
    Scheme.name_zh,
    Scheme.name_en,
    Scheme.valid_from,
    Scheme.valid_until,
    _FOLLOWED.scalar_subquery().label("followed_from"),
    Scheme.code,
    Scheme.version,
)
VERSIONS = select(*_COLUMNS)


class State(StrEnum):
    """Where a version of a scheme stands."""

    DRAFT = "draft"
    CURRENT = "current"
    RETIRED = "retired"


def today() -> date:
    """The day that it is in the city."""
    return now().astimezone(current_app.extensions[ZONE]).date()


def ends(row: AnyRow) -> date | None:
    """The first day on which this version holds no more, as far as that is known."""
    return min((day for day in (row.valid_until, row.followed_from) if day is not None), default=None)


def state(row: AnyRow, day: date) -> State:
    """Where this row of VERSIONS stands on `day`."""
    end = ends(row)
    if row.valid_from is None or row.valid_from > day:
        return State.DRAFT
    return State.RETIRED if end is not None and end <= day else State.CURRENT


def versions() -> Sequence[AnyRow]:
    """All versions of all schemes: some dozens in a city's lifetime."""
    return rows(VERSIONS)


_OF_CATEGORY = (
    select(Category.scheme.label("scheme"), Category.version.label("named"), *_COLUMNS)
    .join_from(Category, Scheme, and_(Scheme.code == Category.scheme, Scheme.version == Category.version), isouter=True)
    .where(Category.code == bindparam("wanted"))
)


def of_category(code: str) -> tuple[str, str, State] | None:
    """Scheme and version of a category, and where these stand today; None for one that is not there."""
    found = one(_OF_CATEGORY, {"wanted": code})
    if found is None:
        return None
    # What the release before has added while this one was rolled out belongs to no version, and holds.
    return found.scheme, found.named, state(found, today()) if found.code is not None else State.CURRENT


def listed(limit: int, cursor: str | None = None) -> dict[str, Any]:
    """A page of the schemes' versions by code and version, each with its state today."""
    return page(VERSIONS, _COLUMNS[-2:], _present, limit, cursor)


def _present(row: AnyRow) -> dict[str, Any]:
    names = ("code", "version", "prefix", "name_zh", "name_en")
    shown = {name: getattr(row, name) for name in names} | {"state": state(row, today())}
    return shown | {"valid_from": row.valid_from, "valid_until": ends(row)}
