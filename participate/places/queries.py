"""Reads of areas: one indexed statement each."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, select

from participate.kernel.db import AnyRow, one, rows
from participate.places import codes, wkb
from participate.places.models import Area, AreaBoundary, PlacesRevision

_BATCH = 500  # Boundaries of communities have thousands of corners each.
_COLUMNS = (
    Area.code,
    Area.name,
    Area.level,
    Area.parent,
    Area.boundary_version.is_not(None).label("has_boundary"),
    Area.synthetic,
    Area.version,
)
_PRESENT = and_(AreaBoundary.area_code == Area.code, AreaBoundary.version == Area.boundary_version)


_AREA = select(*_COLUMNS).where(Area.code == bindparam("code"))
_AREAS = select(*_COLUMNS).where(Area.code.in_(bindparam("codes", expanding=True))).order_by(Area.code.desc())
# The areas right below `:parent`.
CHILDREN = select(*_COLUMNS).where(Area.parent == bindparam("parent"))


def area(code: str) -> AnyRow | None:
    """`code, name, level, parent, has_boundary, synthetic, version` of one area, or None."""
    return one(_AREA, {"code": code})


def names(wanted: Collection[str]) -> dict[str, str]:
    """What those of the `wanted` areas are called that there are, by code."""
    return {row.code: row.name for row in rows(_AREAS, {"codes": list(wanted)})} if wanted else {}


def upward(code: str) -> Sequence[AnyRow]:
    """The area and those above it, the smallest first."""
    return rows(_AREAS, {"codes": [code, *codes.upward(code)]})


def known(wanted: set[str]) -> set[str]:
    """Which of the codes are those of areas that there are."""
    return {row.code for row in rows(_AREAS, {"codes": sorted(wanted)})} if wanted else set()


def all_codes() -> list[str]:
    """The codes of all areas and cells that there are, in order."""
    return sorted(row.code for row in rows(select(Area.code)))


def boundary_geojson(code: str, version: int | None = None) -> dict[str, Any] | None:
    """An area's boundary as a GeoJSON feature (RFC 7946), the present one or that of `version`; None without one."""
    wanted = Area.boundary_version if version is None else version
    row = one(
        select(*_COLUMNS, AreaBoundary.wkb, AreaBoundary.version.label("boundary_version"))
        .join(AreaBoundary, AreaBoundary.area_code == Area.code)
        .where(Area.code == code, AreaBoundary.version == wanted)
    )
    return _feature(row) if row else None


def boundary(code: str) -> bytes | None:
    """An area's present boundary as WKB, None without one."""
    row = one(select(AreaBoundary.wkb).join(Area, _PRESENT).where(Area.code == code))
    return row.wkb if row else None


def kept(wanted: Iterable[str]) -> Sequence[AnyRow]:
    """`code, name, synthetic, version, boundary_version, wkb` of those of the `wanted` areas that there are."""
    columns = (Area.code, Area.name, Area.synthetic, Area.version, Area.boundary_version, AreaBoundary.wkb)
    return rows(select(*columns).outerjoin(AreaBoundary, _PRESENT).where(Area.code.in_(wanted)))


_REVISION = select(PlacesRevision.mark).where(PlacesRevision.id == 1)


def revision() -> str | None:
    """The mark that is new after every change of a boundary; None before the first."""
    row = one(_REVISION)
    return row.mark if row else None


_NEXT = (
    select(Area.code, AreaBoundary.version, AreaBoundary.wkb)
    .join(AreaBoundary, _PRESENT)
    .where(Area.code > bindparam("after"))
    .order_by(Area.code)
    .limit(_BATCH)
)


def present_boundaries() -> Iterator[tuple[str, int, bytes]]:
    """`(code, version, wkb)` of every present boundary, by code; read some at a time, never held all at once."""
    after: str | None = ""
    while after is not None:
        batch = rows(_NEXT, {"after": after})
        yield from batch
        after = batch[-1].code if len(batch) == _BATCH else None


def _feature(row: AnyRow) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": row.code,
        "geometry": wkb.geojson(row.wkb),
        "properties": {
            "code": row.code,
            "name": row.name,
            "level": row.level,
            "boundary_version": row.boundary_version,
        },
    }
