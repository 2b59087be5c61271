"""The rows of places: areas, the boundaries they have had, and the mark by which every process sees a change."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Model, UtcTime, code
from participate.places.codes import LEVELS, MAX_DIGITS

NAME_LENGTH = 100
_CODE = code(MAX_DIGITS)
_LEVELS = ", ".join(f"'{level}'" for level in LEVELS.values())


class Area(Model):
    """A province, city, district, street, community or grid cell.

    `code` holds the significant digits, so what lies below an area is a range of codes. `boundary_version` says which
    of its boundaries is the present one, None that none is known. `synthetic` areas were made up by the lattice.
    """

    __tablename__ = "areas"
    __table_args__ = (
        CheckConstraint(f"level IN ({_LEVELS})", name="level"),
        Index("ix_areas_parent_code", "parent", "code"),
    )
    code: Mapped[str] = mapped_column(_CODE, primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    level: Mapped[str] = mapped_column(String(10))
    parent: Mapped[str | None] = mapped_column(_CODE, ForeignKey("areas.code"))
    synthetic: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    boundary_version: Mapped[int | None]


class AreaBoundary(Model):
    """One boundary that an area has had from `valid_from` on: WGS-84 polygons as WKB, longitude first.

    A changed boundary is a new row: what was placed by the old one keeps its place and its reason.
    """

    __tablename__ = "area_boundaries"
    area_code: Mapped[str] = mapped_column(_CODE, ForeignKey("areas.code"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wkb: Mapped[bytes] = mapped_column(LargeBinary)
    valid_from: Mapped[datetime] = mapped_column(UtcTime)


class PlacesRevision(Model):
    """One row, whose mark is new after every change of a boundary.

    A mark and not a count: one that was rolled back never comes again, so nobody takes it for a later one.
    """

    __tablename__ = "places_revision"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(Id)
