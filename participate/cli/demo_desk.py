"""A demo desk with many waiting: synthetic submissions around the demo's centre, some of which should raise flags."""

from collections.abc import Iterator
from random import Random
from typing import Any

from participate.accounts.service import create_resident
from participate.catalogue import queries as catalogue
from participate.cli.demo import PHONES
from participate.kernel.db import transaction
from participate.submissions.service import submit

_SEED = 20261125  # The same desk each time.
_SPREAD = 0.012  # degrees around the centre
_MATTERS = (
    ("snap_report", "路面有坑", "人行道上有一个半米宽的坑，下雨以后看不出来，请尽快修补。"),
    ("snap_report", "路灯不亮", "这一段的路灯已经三天不亮，晚上回家的老人看不清路。"),
    ("snap_report", "垃圾没有清运", "路口的垃圾桶两天没有清运，气味很大。"),
    ("snap_report", "井盖松动", "机动车道上的井盖松动，车子压过去响得厉害。"),
    ("micro_suggestion", "增设公交站牌", "建议在小学门口增设一处公交站牌，方便接送孩子的家长。"),
    ("micro_suggestion", "非机动车停车位", "希望在小区北门东侧划出非机动车停车位，现在车都停在盲道上。"),
    ("micro_proposal", "放学时段分流", "放学时段人车混行。建议放学前后半小时临时禁止机动车驶入校门前的支路。"),
    ("micro_consultation", "广场几点熄灯", "社区广场晚上几点熄灯合适？住得近的居民和跳舞的居民意见不一样。"),
    ("micro_service", "旧沙发收运", "家里换下来一套旧沙发，想预约上门收走。"),
    ("micro_supervision", "施工围挡", "这处施工围挡占了整条盲道，已经两个月没有人来施工。"),
)
_DETAILS = {"micro_service": {"service": "S0101"}, "micro_supervision": {"watched": "道路施工"}}
# What a moderator should look at first, and why is for the screening to say.
_ODD = (
    ("snap_report", "路灯", "我叫张三，电话 138 0000 0001，身份证 11010519491231002X，门口的路灯坏了。"),
    ("micro_suggestion", "", "好"),
    ("micro_suggestion", "专业疏通", "专业疏通下水道，二十四小时上门，加微信 abc123456，网址 www.example.com。"),
    ("snap_report", "着火了", "三楼着火了，楼道里有浓烟，还有人没有下来！"),
)


def lay(around: tuple[float, float], many: int) -> int:
    """Hand in `many` submissions by the demo's residents; returns how many were. The demo must be laid already."""
    chance, authors = Random(_SEED), [create_resident(phone) for phone in PHONES]  # noqa: S311 - a demo, no secret
    with transaction():
        for kind, fields in _drawn(chance, around, many):
            submit(chance.choice(authors), kind, fields)
    return many


def _drawn(chance: Random, around: tuple[float, float], many: int) -> Iterator[tuple[str, dict[str, Any]]]:
    categories = [row["code"] for row in catalogue.categories(100)["items"]]
    for number in range(many):
        kind, title, body = chance.choice(_ODD if number % 10 == 9 else _MATTERS)
        fields: dict[str, Any] = {"body": body, "place": _place(chance, around)}
        fields |= {"title": title} if title else {}
        fields |= {"details": _DETAILS[kind]} if kind in _DETAILS else {}
        fields |= {"category": chance.choice(categories)} if categories and chance.random() < 0.5 else {}
        yield kind, fields


def _place(chance: Random, around: tuple[float, float]) -> dict[str, Any]:
    lat, lon = (value + chance.uniform(-_SPREAD, _SPREAD) for value in around)
    return {"lat": lat, "lon": lon, "crs": "wgs84", "accuracy_m": round(chance.uniform(3, 60), 1)}
