"""The trail as auditors read it: newest first, by what it is about or by time."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from participate.audit.models import AuditEntry
from participate.kernel.db import AnyRow
from participate.kernel.paging import page

# The keys that a list is ordered by come last, where `page` looks for them.
_ENTRY: tuple[Any, ...] = (
    AuditEntry.actor_id,
    AuditEntry.action,
    AuditEntry.subject_type,
    AuditEntry.subject_id,
    AuditEntry.reason,
    AuditEntry.details,
    AuditEntry.position,
    AuditEntry.at,
    AuditEntry.id,
)


def _plain(row: AnyRow) -> dict[str, Any]:
    found: dict[str, Any] = row._asdict()
    return found


def by_subject(subject_type: str, subject_id: str, limit: int, cursor: str | None = None) -> dict[str, Any]:
    """A page of what happened to one thing, newest first; `position` is None until an entry is sealed."""
    about = select(*_ENTRY).where(AuditEntry.subject_type == subject_type, AuditEntry.subject_id == subject_id)
    return page(about, _ENTRY[-2:], _plain, limit, cursor, descending=True)


def by_time(
    limit: int, cursor: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> dict[str, Any]:
    """A page of all from `since` on and before `until`, newest first; every page is asked with the same bounds."""
    listed = select(*_ENTRY)
    if since is not None:
        listed = listed.where(AuditEntry.at >= since)
    # A cursor lies before `until`. Given both bounds SQLite seeks the looser one, and deep pages grow slow.
    if until is not None and cursor is None:
        listed = listed.where(AuditEntry.at < until)
    return page(listed, _ENTRY[-2:], _plain, limit, cursor, descending=True)
