"""What the demo's officer has found on today's round: mended on the spot, and left for others to mend."""

from contextlib import closing
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from participate.cases.found.service import file
from participate.kernel.auth import Caller
from participate.photos.arriving import Arrival
from participate.photos.service import keep, register

_SIZE = (800, 600)
_LITTER = tuple((90 + 67 * n % 640, 330 + 41 * n % 220) for n in range(14))
_FOUND: tuple[dict[str, Any], ...] = (
    {
        "category": "E0101",
        "details": {"condition": "E0101-1"},
        "note": "人行道上散落的纸屑和塑料袋已清扫装袋，带至垃圾站。",
        "handled": True,
    },
    {
        "category": "E0102",
        "details": {"condition": "E0102-2"},
        "note": "约两立方米碎砖，无人认领，需要车辆清运并查找来源。",
        "handled": False,
    },
)


def lay(officer: Caller, around: tuple[float, float]) -> int:
    """File all of it for `officer`, at `around` in their cell; returns how much."""
    place = {"lat": around[0], "lon": around[1], "crs": "wgs84", "accuracy_m": 8.0}
    for each in _FOUND:
        photos = {"before_photo_ids": [_photo(officer, 14 if each["handled"] else 9)]}
        photos |= {"after_photo_ids": [_photo(officer, 0)]} if each["handled"] else {}
        file(officer, each | photos | {"place": place})
    return len(_FOUND)


def _photo(officer: Caller, litter: int) -> str:
    drawn = _drawn(litter)
    with closing(Arrival(len(drawn))) as arrived:
        arrived.write(drawn)
        return register(keep(arrived), str(officer.account_id))


def _drawn(litter: int) -> bytes:
    """A pavement with so many pieces of litter on it."""
    picture = Image.new("RGB", _SIZE, "#b9d3e6")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 280, *_SIZE), fill="#8d8d90")
    for x, y in _LITTER[:litter]:
        draw.polygon(((x, y), (x + 38, y + 6), (x + 30, y + 34), (x - 8, y + 22)), fill="#f2f2ee")
    target = BytesIO()
    picture.save(target, "JPEG", quality=85)
    return target.getvalue()
