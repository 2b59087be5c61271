"""Rows of the log."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Json, Model, UtcTime, code
from participate.kernel.ids import new_id
from participate.submissions.models import REGIONS, region


class Visit(Model):
    """One visit, by `officer`, somewhere in `cell`: a point would say whose door it was, so none is kept.

    `submission_id` or `case_id` is what came of it. `earlier` holds what it said before each correction, oldest first.
    """

    __tablename__ = "visits"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    officer: Mapped[str] = mapped_column(Id)
    cell: Mapped[str] = mapped_column(code(18))
    kind: Mapped[str] = mapped_column(String(16))
    topics: Mapped[list[Any]] = mapped_column(Json)
    text: Mapped[str]
    follow_up: Mapped[bool]
    submission_id: Mapped[str | None] = mapped_column(Id, ForeignKey("submissions.id"))
    case_id: Mapped[str | None] = mapped_column(Id, ForeignKey("cases.id"))
    visited_at: Mapped[datetime] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)
    version: Mapped[int]
    earlier: Mapped[list[Any]] = mapped_column(Json, default=list)

    # Each serves a page as it is read: of an officer, of a cell, of an area, and of everywhere; the last forgets, too.
    __table_args__ = (
        Index("ix_visits_officer", "officer", "visited_at", "id"),
        Index("ix_visits_cell", "cell", "visited_at", "id"),
        Index("ix_visits_visited_at", "visited_at", "id"),
    )


for _length, _name in REGIONS.items():
    Index(f"ix_visits_{_name}", region(Visit.cell, _length), Visit.visited_at, Visit.id).ddl_if("postgresql")
