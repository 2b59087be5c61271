"""Shapes of a unit's ledger."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import marshmallow as ma
from marshmallow import fields, validates_schema

from participate.cases.figures.ledger import following
from participate.cases.replies import CLASSES
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.disclosure import LEAST
from participate.kernel.shapes import Shape, identifier, matches, one_of

MOST_MONTHS, USUAL_MONTHS = 36, 12
_Month = matches(r"20[0-9]{2}-(0[1-9]|1[0-2])")


class UnitLedgerQuery(Shape):
    """From which month to which, both included, 36 at most; the last twelve if nothing is said."""

    since = fields.String(validate=_Month, metadata={"example": "2026-01"})
    until = fields.String(validate=_Month, metadata={"example": "2026-12"})

    @validates_schema
    def _whole(self, data: dict[str, Any], **_options: object) -> None:
        if not 1 <= len(months(data)) <= MOST_MONTHS:
            raise ma.ValidationError("too_many_months", "until")


def months(query: dict[str, Any]) -> list[date]:
    """The months that are asked for, each by its first day; none where the last comes before the first."""
    last = _first_of(query["until"]) if "until" in query else now().astimezone(settings().timezone).date()
    since = _first_of(query["since"]) if "since" in query else _earlier(last, USUAL_MONTHS - 1)
    return list(_from(since, last))


def _first_of(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _earlier(day: date, many: int) -> date:
    """The first day of the month that is so many months before."""
    number = day.year * 12 + day.month - 1 - many
    return date(number // 12, number % 12 + 1, 1)


def _from(month: date, last: date) -> Iterator[date]:
    while month <= last:
        yield month
        month = following(month)


class ShareShape(Shape):
    """How many, of how many (`n`), and the share of it from 0 to 1."""

    count = fields.Integer(required=True, metadata={"example": 40})
    n = fields.Integer(required=True, metadata={"example": 50})
    share = fields.Float(
        required=True, allow_none=True, metadata={"example": 0.8, "description": f"null where `n` is under {LEAST}"}
    )


class ClassShape(ShareShape):
    """How many final replies were of a class."""

    answer_class = fields.String(required=True, validate=one_of(*CLASSES))


class PromisesShape(Shape):
    """Of the public promises whose last day has come: kept by then, broken, and given another day before."""

    kept = fields.Nested(ShareShape, required=True)
    broken = fields.Integer(required=True, metadata={"example": 2})
    postponed = fields.Integer(required=True, metadata={"example": 1})


class LedgerUnitShape(Shape):
    """The unit, by name."""

    id = identifier(required=True)
    name = fields.String(required=True, metadata={"example": "市政养护处"})


class UnitLedger(Shape):
    """What a unit has done; each number is explained in docs/figures.md."""

    unit = fields.Nested(LedgerUnitShape, required=True)
    since = fields.String(required=True, metadata={"example": "2026-01"})
    until = fields.String(required=True, metadata={"example": "2026-12"})
    minimum = fields.Integer(required=True, metadata={"example": LEAST, "description": "of fewer no share is told"})
    answered_in_time = fields.Nested(ShareShape, required=True)
    answers = fields.Integer(required=True, metadata={"example": 50, "description": "final replies"})
    classes = fields.List(fields.Nested(ClassShape), required=True)
    promises = fields.Nested(PromisesShape, required=True)
    ratings = fields.Integer(required=True, metadata={"example": 55, "description": "of independent raters"})
    satisfaction = fields.Nested(ShareShape, required=True)
