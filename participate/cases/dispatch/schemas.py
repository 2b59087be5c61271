"""Shapes of dispatch rules."""

from marshmallow import fields

from participate.cases.dispatch.rules import MOST_RULES, OFF, WORK
from participate.cases.dispatch.service import MOST_LOOKED_AT
from participate.kernel.shapes import Flag, Shape, Whole, WholeText, between, identifier, length, matches, one_of, text
from participate.submissions.kinds import KINDS

_MANY = 200
_CODE = r"[A-Za-z0-9._-]{1,40}"


class WhenShape(Shape):
    """What a case must meet, all of it; what is not named does not matter. An area holds all below it."""

    kinds = fields.List(fields.String(validate=one_of(*KINDS)), validate=length(0, _MANY))
    categories = fields.List(fields.String(validate=matches(_CODE)), validate=length(0, _MANY))
    conditions = fields.List(fields.String(validate=matches(_CODE)), validate=length(0, _MANY))
    areas = fields.List(fields.String(validate=matches(r"[0-9]{2,18}")), validate=length(0, _MANY))
    months = fields.List(Whole(validate=between(1, 12)), validate=length(0, 12))
    hours = fields.String(validate=one_of(WORK, OFF), metadata={"description": "working hours, or outside"})
    max_open = Whole(validate=between(1, 100_000), metadata={"description": "only while the unit has fewer open cases"})


class AddresseeShape(Shape):
    """A unit, or the officer who answers for the place."""

    unit = identifier(metadata={"example": None, "format": "uuid"})
    officer = Flag(metadata={"example": True})


class RuleShape(Shape):
    """One rule; the first that a case meets counts."""

    name = text(1, 80, required=True, metadata={"example": "夜间井盖"})
    when = fields.Nested(WhenShape, required=True, metadata={"example": {"categories": ["C01"], "hours": "off"}})
    to = fields.Nested(AddresseeShape, required=True, metadata={"example": {"officer": True}})


class RulesQuery(Shape):
    """Which version; the latest where none is named."""

    version = WholeText(validate=between(0, 2**31 - 1))


class RulesBody(Shape):
    """Rules in their order, to be tried on the `last` cases."""

    rules = fields.List(fields.Nested(RuleShape), required=True, validate=length(0, MOST_RULES))
    last = Whole(load_default=MOST_LOOKED_AT, validate=between(1, MOST_LOOKED_AT))


class PublishBody(Shape):
    """Rules in their order, why, and the version that they replace."""

    rules = fields.List(fields.Nested(RuleShape), required=True, validate=length(0, MOST_RULES))
    note = text(1, 500, required=True, metadata={"example": "夜间井盖由抢修队处理。"})
    replaces = Whole(required=True, validate=between(0, 2**31 - 2), metadata={"example": 0})


class RulesShape(Shape):
    """One version of the rules; 0 are those that are shipped."""

    version = fields.Integer(required=True, metadata={"example": 1})
    rules = fields.List(fields.Nested(RuleShape), required=True)
    note = fields.String(required=True)
    by = fields.String(required=True, allow_none=True, metadata={"format": "uuid"})
    at = fields.DateTime(required=True, allow_none=True)


class LedShape(Shape):
    """Where a rule leads."""

    rule = fields.String(required=True, allow_none=True, metadata={"example": "夜间井盖"})
    to = fields.Dict(keys=fields.String(), values=fields.String(), required=True, allow_none=True)


class ExampleShape(Shape):
    """A case that would go elsewhere."""

    case_id = identifier(required=True)
    reference = fields.String(required=True, metadata={"example": "9QX-4C7-K3F"})
    before = fields.Nested(LedShape, required=True)
    after = fields.Nested(LedShape, required=True)


class RehearsalShape(Shape):
    """What other rules would change, with some examples; `by_rule` counts where the cases would go."""

    looked_at = fields.Integer(required=True, metadata={"example": 1000})
    moved = fields.Integer(required=True, metadata={"example": 12})
    unrouted_before = fields.Integer(required=True, metadata={"example": 3})
    unrouted_after = fields.Integer(required=True, metadata={"example": 1})
    by_rule = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True, metadata={"example": {}})
    examples = fields.List(fields.Nested(ExampleShape), required=True)


class RoutedShape(Shape):
    """Which dispatch rule a case met when it was filed, and on what of it.

    Without a rule, `on` says by what the unit that has it is responsible; it is empty where nobody was named.
    """

    version = fields.Integer(required=True, metadata={"example": 1})
    rule = fields.String(required=True, allow_none=True, metadata={"example": "夜间井盖"})
    on = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True, metadata={"example": {"hours": "off"}})
