"""Rows of what was promised to those who ask for a service, and of the papers that they have shown."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Model, UtcTime, code


class ServiceRequest(Model):
    """Which service a submission asks for, and how long the list said that it takes when it was asked for.

    `promised_by` is until when, since it was accepted. What becomes of the list, or of the case's own clocks, later
    changes neither.
    """

    __tablename__ = "service_requests"
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), primary_key=True)
    service: Mapped[str] = mapped_column(code(40))
    limit_value: Mapped[int]
    clock: Mapped[str] = mapped_column(String(20))
    promised_by: Mapped[datetime | None] = mapped_column(UtcTime)


_CODE, _OVER = code(40), text("forget_at IS NOT NULL")


class Document(Model):
    """A photo of papers that belongs to a submission; `code` says which, as the service list names them.

    `forget_at` is set once the submission is over: from then on it is gone, with the photo's row and its files.
    """

    __tablename__ = "documents"
    photo_id: Mapped[str] = mapped_column(Id, primary_key=True)
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"))
    code: Mapped[str] = mapped_column(_CODE)
    attached_at: Mapped[datetime] = mapped_column(UtcTime)
    forget_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        Index("uq_documents_submission_id_code", "submission_id", "code", unique=True),
        Index("ix_documents_forget_at", "forget_at", sqlite_where=_OVER, postgresql_where=_OVER),
    )
