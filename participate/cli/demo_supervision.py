"""Micro-supervisions of the demo: one with the unit's plan, one with its published result, one without an account."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from participate.accounts.models import Account
from participate.accounts.queries import grantee
from participate.accounts.service import create_resident
from participate.app import FACTS
from participate.cases import queries as cases
from participate.cases.rectifications import service as rectifications
from participate.cases.service import move
from participate.catalogue import queries as catalogue
from participate.cli.demo import DISTRICT, PHONES
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import one
from participate.kernel.errands import work_off
from participate.moderation.deciding import Decision, decide
from participate.moderation.models import ModerationTask
from participate.submissions.nameless import service as nameless
from participate.submissions.service import submit

# Title, what is said, what the supervisors tell the unit, and what is said of it in the end, if it is at one.
_STORIES = (
    (
        "盲道施工围挡",
        "围挡占了整条盲道，两个月没有人施工，公示牌上写的是已完工。",
        "施工围挡长期占用盲道，公示进度与现场不符，请说明原因并限期恢复。",
        "",
    ),
    (
        "公园灯光维护",
        "公园的灯坏了三分之一，维护记录上每周都写着“正常”。",
        "照明维护记录与现场不符，请核实维护情况并修复。",
        "现场抽查二十处，均已亮灯；维护记录改为拍照留痕。",
    ),
)


def lay(around: tuple[float, float]) -> int:
    """All of them, around this place; returns how many. The demo must be laid already."""
    unit = str(catalogue.units(1, area=DISTRICT)["items"][0]["id"])
    for title, body, opinion, result in _STORIES:
        details = {"target": "project", "watched_unit": unit, "watched": title}
        told = {"title": title, "body": body, "details": details, "place": _place(around)}
        made = submit(create_resident(PHONES[0]), "micro_supervision", told)
        if _accepted(made.id):
            _walk(made.id, title, opinion, result)
    details = {"target": "unit", "watched_unit": unit}
    told = {"body": "去办事时窗口没有人，牌子上写着正在办公。", "details": details, "place": _place(around)}
    nameless.submit(told, "zh-Hans")
    _work()
    return len(_STORIES) + 1


def _place(around: tuple[float, float]) -> dict[str, Any]:
    return {"lat": around[0], "lon": around[1], "crs": "wgs84", "accuracy_m": 10.0}


def _accepted(submission_id: str) -> bool:
    """Bring it to its supervisor; False where a worker that runs besides was slower."""
    _work()
    task = one(select(ModerationTask.id).where(ModerationTask.submission_id == submission_id))
    if task is None:
        return False
    decide(_staff("moderator1"), task.id, Decision("accept"))
    _work()
    return cases.of_submission(submission_id) is not None


def _walk(submission_id: str, title: str, opinion: str, result: str) -> None:
    """From the supervisor who has it to the unit's plan, and to the end if it has one."""
    case = cases.of_submission(submission_id)
    holder = grantee(case.assignee) if case is not None and case.assignee else None
    if case is None or holder is None:
        return
    for name in ("accept", "start"):
        move(holder, case.id, name, {})
    made = rectifications.issue(holder, case.id, {"title": title, "note": opinion})
    unit = _staff("handler1")
    day = {"due_at": now() + timedelta(days=20)}
    rectifications.move(unit, made, "plan", {"note": "立即整改，二十日内完成并公示。"} | day)
    if result:
        rectifications.move(unit, made, "report", {"note": "已全部整改完成，现场照片存档备查。"})
        other = next(each for each in map(_staff, ("supervisor2", "supervisor1")) if each != holder)
        rectifications.move(other, made, "confirm", {"note": result})
    _work()


def _staff(username: str) -> Caller:
    found = one(select(Account.id).where(Account.username == username))
    return (grantee(found.id) if found is not None else None) or Caller()


def _work() -> None:
    while work_off(FACTS, 100):
        pass
