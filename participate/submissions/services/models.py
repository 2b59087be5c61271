"""Rows of what was promised to those who ask for a service."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
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
