"""Rows of dispatch rules."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Json, Model, UtcTime


class DispatchRules(Model):
    """One version of all rules, in their order; what was published is never changed."""

    __tablename__ = "dispatch_rules"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rules: Mapped[list[Any]] = mapped_column(Json)
    note: Mapped[str]
    by: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(UtcTime)
