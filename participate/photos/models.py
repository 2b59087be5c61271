"""A photo's row: whose it is, what it shows of its place and time, and where its bytes are."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Model, UtcTime
from participate.kernel.ids import new_id

DOCUMENT = "document"  # The purpose of what shows somebody's papers: see `documents`.
AFTER = "after"  # Of what shows the work when it is done.
DRAFT = "draft"  # Of what comes with an answer that waits to be audited.
STATES = ("processing", "ready", "refused")
# Whether it is known what must be covered before others see it: nobody has asked yet; the worker is asked; a moderator
# has to look; it is covered, or there is nothing to cover.
DUE, PENDING, NEEDS_LOOK, DONE = REDACTIONS = ("due", "pending", "needs_look", "done")


class Photo(Model):
    """`subject_id` is the submission it belongs to, `purpose` what it shows there: the report, the work after, the
    work where the answer that it belongs to is not audited yet, or somebody's papers.

    `redaction` is one of REDACTIONS, `redaction_why` says why a moderator has to look. `boxes_version` counts the
    changes to its boxes, `looked_by` is the moderator who last saved them, `rendered` names its covered renditions:
    without it the first ones show nothing that must be covered. `damaged_at` is when a file of it was found to be gone
    or changed, until it is found to be well again. `hidden_at` is when a moderator took it from the public's eyes.
    """

    __tablename__ = "photos"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(Id)
    subject_id: Mapped[str | None] = mapped_column(Id, index=True)
    purpose: Mapped[str] = mapped_column(String(8), default="report")
    state: Mapped[str] = mapped_column(String(12), default="processing")
    reason: Mapped[str | None] = mapped_column(String(32))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    media_type: Mapped[str | None] = mapped_column(String(32))
    taken_at: Mapped[datetime | None] = mapped_column(UtcTime)
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    damaged_at: Mapped[datetime | None] = mapped_column(UtcTime)
    # What a release wrote that knew of no redaction is due.
    redaction: Mapped[str] = mapped_column(String(12), default=PENDING, server_default=DUE)
    redaction_why: Mapped[str | None] = mapped_column(String(20))
    boxes_version: Mapped[int] = mapped_column(default=0, server_default="0")
    looked_by: Mapped[str | None] = mapped_column(Id)
    rendered: Mapped[str | None] = mapped_column(Id)
    hidden_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        Index("ix_photos_owner_id_created_at", "owner_id", "created_at"),
        *(
            Index(f"ix_photos_{name}", "id", sqlite_where=condition, postgresql_where=condition)
            for name, condition in ((name, text(f"redaction = '{name}'")) for name in (DUE, NEEDS_LOOK))
        ),
        Index(
            "ix_photos_damaged",
            "damaged_at",
            sqlite_where=damaged_at.is_not(None),
            postgresql_where=damaged_at.is_not(None),
        ),
        Index(
            "ix_photos_unattached",
            "created_at",
            sqlite_where=subject_id.is_(None),
            postgresql_where=subject_id.is_(None),
        ),
    )
