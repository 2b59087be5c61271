"""The rows of the trail: its entries and the head of the chain that seals them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Json, Model, UtcTime


def _where(name: str, column: Any, condition: Any, unique: bool = False) -> Index:
    """An index over those rows alone that fulfil `condition`."""
    return Index(name, column, unique=unique, sqlite_where=condition, postgresql_where=condition)


class AuditEntry(Model):
    """One thing that somebody did or saw; `position` and `seal` are empty until the worker has sealed it."""

    __tablename__ = "audit_entries"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    actor_id: Mapped[str | None] = mapped_column(Id)
    action: Mapped[str] = mapped_column(String(60))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(Json)
    position: Mapped[int | None] = mapped_column()
    seal: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index("ix_audit_entries_at_id", "at", "id"),
        Index("ix_audit_entries_subject", "subject_type", "subject_id", "at", "id"),
        # Two halves of one table: finding what waits for its seal costs the same however long the trail is.
        _where("uq_audit_entries_position", position, position.is_not(None), unique=True),
        _where("ix_audit_entries_unsealed", id, position.is_(None)),
    )


class AuditHead(Model):
    """One row: how many entries are sealed, the last seal, and a proof of both, so that a lost tail is missed."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    length: Mapped[int]
    seal: Mapped[str] = mapped_column(String(64))
    proof: Mapped[str] = mapped_column(String(64))
