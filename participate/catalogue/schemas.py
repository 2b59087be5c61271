"""Shapes of the catalogue, in both languages at once so that an app can keep it."""

from marshmallow import fields

from participate.catalogue.models import ASKERS, KINDS, QUESTION_TYPES
from participate.catalogue.schemes import State
from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Flag, Shape, identifier, matches, one_of

_CODE, _NAME = r"[A-Za-z0-9._:-]{1,40}", r"[^\x00-\x1f]{1,40}"


class ChoiceShape(Shape):
    """One of the answers that a question offers; `value` is what is sent."""

    value = fields.String(required=True, metadata={"example": "footway"})
    name_zh = fields.String(required=True, metadata={"example": "人行道"})
    name_en = fields.String(required=True, metadata={"example": "On the footway"})


class QuestionShape(Shape):
    """What is asked besides; the answer goes into `details.answers` under its code."""

    code = fields.String(required=True, metadata={"example": "C0101-3.traffic"})
    type = fields.String(required=True, validate=one_of(*QUESTION_TYPES), metadata={"example": "choice"})
    required = Flag(required=True)
    text_zh = fields.String(required=True, metadata={"example": "井盖在哪里？"})
    text_en = fields.String(required=True, metadata={"example": "Where is the cover?"})
    choices = fields.List(fields.Nested(ChoiceShape), required=True)


class ConditionShape(Shape):
    """What exactly is wrong; the time limit hangs on it."""

    category_code = fields.String(required=True, metadata={"example": "C0101"})
    code = fields.String(required=True, metadata={"example": "C0101-3"})
    name_zh = fields.String(required=True, metadata={"example": "井盖缺失"})
    name_en = fields.String(required=True, metadata={"example": "Manhole cover missing"})
    limit_value = fields.Integer(required=True, metadata={"example": 2})
    clock = fields.String(required=True, metadata={"example": "urgent_hour"})
    photo_required = Flag(required=True)
    closing_zh = fields.String(required=True, allow_none=True, metadata={"example": "井盖已补装"})
    closing_en = fields.String(required=True, allow_none=True, metadata={"example": "The cover is back"})
    safe_value = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"example": None, "description": "within how many units of `safe_clock` it must be made safe"},
    )
    safe_clock = fields.String(required=True, allow_none=True, metadata={"example": None})
    questions = fields.List(fields.Nested(QuestionShape), required=True)


class SchemeShape(Shape):
    """One version of a scheme; `valid_until` is the first day on which it holds no more."""

    code = fields.String(required=True, metadata={"example": "participate"})
    version = fields.String(required=True, metadata={"example": "1"})
    prefix = fields.String(required=True, metadata={"example": "", "description": "goes before the codes of its list"})
    name_zh = fields.String(required=True, metadata={"example": "内置目录"})
    name_en = fields.String(required=True, metadata={"example": "The catalogue that is shipped"})
    state = fields.String(required=True, validate=one_of(*map(str, State)), metadata={"example": "current"})
    valid_from = fields.Date(required=True, allow_none=True, metadata={"example": "2020-01-01"})
    valid_until = fields.Date(required=True, allow_none=True, metadata={"example": None})


class SchemeList(Shape):
    """A page of versions."""

    items = fields.List(fields.Nested(SchemeShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class CategoriesQuery(PageQuery):
    """Which categories; those of a version that is named, or one code, whether they hold today or not."""

    kind = fields.String(validate=one_of(*KINDS), metadata={"example": "component"})
    major = fields.String(validate=matches(_CODE), metadata={"example": "C01"})
    minor = fields.String(validate=matches(_CODE), metadata={"example": "C0101"})
    scheme = fields.String(validate=matches(_NAME), metadata={"example": "participate"})
    version = fields.String(validate=matches(_NAME), metadata={"example": "1"})
    code = fields.String(validate=matches(_CODE), metadata={"example": "C0101"})


class CategoryShape(Shape):
    """A class of things that residents report."""

    code = fields.String(required=True, metadata={"example": "C0101"})
    name_zh = fields.String(required=True, metadata={"example": "井盖"})
    name_en = fields.String(required=True, metadata={"example": "Manhole cover"})
    scheme = fields.String(required=True, metadata={"example": "participate"})
    version = fields.String(required=True, metadata={"example": "1"})
    kind = fields.String(required=True, metadata={"example": "component"})
    major_code = fields.String(required=True, metadata={"example": "C01"})
    minor_code = fields.String(
        required=True, metadata={"example": "C0101", "description": "its code in the list of its scheme"}
    )
    active = Flag(required=True)
    conditions = fields.List(fields.Nested(ConditionShape), required=True)


class CategoryList(Shape):
    """A page of categories."""

    items = fields.List(fields.Nested(CategoryShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class DocumentShape(Shape):
    """What has to be shown; `value` is what is sent for it."""

    value = fields.String(required=True, metadata={"example": "disability_card"})
    name_zh = fields.String(required=True, metadata={"example": "残疾人证"})
    name_en = fields.String(required=True, metadata={"example": "Disability card"})


class DoerShape(Shape):
    """The unit that does it."""

    id = identifier(required=True)
    name_zh = fields.String(required=True, metadata={"example": "示范区环卫公司"})
    name_en = fields.String(required=True, metadata={"example": "Sanitation company"})


class ServiceShape(Shape):
    """A small service that a resident may ask for: who may, what is needed, how long it takes, who does it."""

    code = fields.String(required=True, metadata={"example": "S0101"})
    major_code = fields.String(required=True, metadata={"example": "S01"})
    name_zh = fields.String(required=True, metadata={"example": "大件垃圾上门收运"})
    name_en = fields.String(required=True, metadata={"example": "Bulky waste pick-up"})
    description_zh = fields.String(required=True)
    description_en = fields.String(required=True)
    limit_value = fields.Integer(required=True, metadata={"example": 3})
    clock = fields.String(required=True, metadata={"example": "work_day"})
    asked_by = fields.String(required=True, validate=one_of(*ASKERS), metadata={"example": "need"})
    area_code = fields.String(
        required=True,
        allow_none=True,
        metadata={"example": None, "description": "where `asked_by` is `area`: the area in which the place must lie"},
    )
    need_zh = fields.String(required=True, allow_none=True, metadata={"example": "60 岁以上独居"})
    need_en = fields.String(
        required=True,
        allow_none=True,
        metadata={"example": "60 or older, living alone", "description": "what `details.states_need` confirms"},
    )
    documents = fields.List(fields.Nested(DocumentShape), required=True)
    keep_days = fields.Integer(
        required=True, metadata={"example": 30, "description": "so long are documents kept after it is over"}
    )
    unit = fields.Nested(
        DoerShape,
        required=True,
        allow_none=True,
        metadata={"description": "who does it; without one the grid officer of the place, or whom the rules name"},
    )
    active = Flag(required=True)
    questions = fields.List(fields.Nested(QuestionShape), required=True, metadata={"example": []})


class ServicesQuery(PageQuery):
    """Services of one class."""

    major = fields.String(load_default=None, validate=matches(_CODE), metadata={"example": "S03"})


class ServiceList(Shape):
    """A page of services."""

    items = fields.List(fields.Nested(ServiceShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class UnitShape(Shape):
    """An office, team or company that can be made responsible."""

    id = identifier(required=True)
    name_zh = fields.String(required=True, metadata={"example": "示范区环卫公司"})
    name_en = fields.String(required=True, metadata={"example": "Sanitation company"})
    parent_id = fields.String(required=True, allow_none=True, metadata={"example": None, "format": "uuid"})
    active = Flag(required=True)
    area_code = fields.String(required=True, metadata={"example": "990101"})


class UnitList(Shape):
    """A page of units."""

    items = fields.List(fields.Nested(UnitShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class UnitsQuery(PageQuery):
    """Units of one area's subtree."""

    area = fields.String(load_default=None, validate=matches(r"[0-9]{2,18}"), metadata={"example": "990101"})
