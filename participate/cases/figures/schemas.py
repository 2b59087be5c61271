"""Shapes of the figures."""

from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import fields, validates_schema

from participate.cases.figures.counting import COUNTED_KINDS
from participate.cases.figures.queries import COUNTS, LEVELS, RATES
from participate.kernel.shapes import Day, Shape, identifier, matches, one_of

MOST_DAYS = 366
OF = ("area", "unit", "person")


class FiguresQuery(Shape):
    """From which day to which, both included, 366 at most; of an area (empty: everywhere), a unit or a person."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"since": "2026-01-01", "until": "2026-12-31", "area": "990101"}

    since = Day(required=True)
    until = Day(required=True)
    area = fields.String(validate=matches(r"([0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})?"))
    unit = identifier()
    person = identifier()
    kind = fields.String(
        validate=one_of(*COUNTED_KINDS), metadata={"example": "micro_suggestion", "description": "of this kind alone"}
    )

    @validates_schema
    def _whole(self, data: dict[str, Any], **_options: object) -> None:
        if sum(name in data for name in OF) != 1:
            raise ma.ValidationError("one_of_these", "area")
        if {"kind", "person"} <= data.keys():
            raise ma.ValidationError("not_of_a_person", "kind")
        if not 0 <= (data["until"] - data["since"]).days < MOST_DAYS:
            raise ma.ValidationError("too_many_days", "until")


class MinutesShape(Shape):
    """Median and quartiles in minutes, by the clock on the wall; off by less than their class: see docs/figures.md."""

    q1 = fields.Integer(required=True, allow_none=True, metadata={"example": 600})
    median = fields.Integer(required=True, allow_none=True, metadata={"example": 1440})
    q3 = fields.Integer(required=True, allow_none=True, metadata={"example": 4000})


class LevelTimeShape(Shape):
    """How often a case was in somebody's or nobody's hands at a level, and for how long each time."""

    level = fields.Integer(required=True, metadata={"example": LEVELS[0]})
    times = fields.Integer(required=True, metadata={"example": 120})
    mean_working_minutes = fields.Integer(required=True, allow_none=True, metadata={"example": 480})


_COUNT = {"example": 972}
_RATE = {"example": 0.7582, "description": "from 0 to 1; null where there is nothing to divide by"}
CountsShape = Shape.from_dict(
    {name: fields.Integer(required=True, metadata=_COUNT) for name in COUNTS}, name="CaseCountsShape"
)
RatesShape = Shape.from_dict(
    {name: fields.Float(required=True, allow_none=True, metadata=_RATE) for name in RATES}, name="CaseRatesShape"
)


class CaseFiguresShape(Shape):
    """What became of cases; each number is explained in docs/figures.md."""

    counts = fields.Nested(CountsShape, required=True)
    rates = fields.Nested(RatesShape, required=True)
    minutes_to_reply = fields.Nested(MinutesShape, required=True)
    median_days_to_reply = fields.Float(
        required=True, allow_none=True, metadata={"example": 1.2, "description": "to a final reply; no other counts"}
    )
    levels = fields.List(fields.Nested(LevelTimeShape), required=True)
