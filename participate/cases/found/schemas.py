"""Shapes of what officers find."""

from typing import Any, ClassVar

from marshmallow import fields

from participate.cases.schemas import CaseShape
from participate.kernel.shapes import Flag, Moment, Shape, identifier, length, matches, text
from participate.submissions.nearby_schemas import NearbyItem
from participate.submissions.schemas import PlaceBody

_MOST = 50


def _photos(least: int, **options: Any) -> fields.List[Any]:
    return fields.List(identifier(), validate=length(least, _MOST), **options)


class FoundBody(Shape):
    """What an officer has found, with photos from before and, where they have mended it, from after."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "category": "E0101",
        "details": {"condition": "E0101-1"},
        "place": {"lat": 28.228209, "lon": 112.938814, "crs": "wgs84", "accuracy_m": 12.0},
        "note": "路口有散落的装修垃圾，已装袋运走。",
        "before_photo_ids": ["019aafc3-7c00-7000-8000-000000000001"],
        "after_photo_ids": ["019aafc3-7c00-7000-8000-000000000002"],
    }
    category = fields.String(required=True, validate=matches(r"[A-Za-z0-9._-]{1,40}"))
    details = fields.Dict(metadata={"description": "`condition` and `answers`, as of a snap report"})
    place = fields.Nested(PlaceBody, required=True)
    note = text(1, 2000, required=True, metadata={"description": "for the desks alone"})
    before_photo_ids = _photos(1, required=True)
    after_photo_ids = _photos(0, metadata={"description": "needed where it was mended"})
    handled = Flag(load_default=True, metadata={"description": "false: others have to mend it", "example": True})
    made_at = Moment(metadata={"description": "when, by the officer's clock, where there was no network"})


class FoundShape(CaseShape):
    """Its case, and what lies near by that may be the same."""

    nearby = fields.List(fields.Nested(NearbyItem), required=True, metadata={"example": []})
