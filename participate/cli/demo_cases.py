"""Cases of the demo under way: waiting, with more time, urged, shared, divided, sent down, promised, in good hands."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from participate.accounts.models import Account
from participate.accounts.queries import grantee
from participate.accounts.service import create_resident
from participate.app import FACTS
from participate.cases import queries as cases
from participate.cases.deputies.service import leave
from participate.cases.dispatch import service as dispatch
from participate.cases.dispatch.rules import SHIPPED
from participate.cases.models import Case
from participate.cases.service import move
from participate.catalogue import queries as catalogue
from participate.cli import demo_found
from participate.cli.demo import DEPUTY, DISTRICT, PHONES
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import change, execute, one, table, transaction
from participate.kernel.deadlines import Deadline
from participate.kernel.errands import work_off
from participate.moderation.deciding import Decision, decide
from participate.moderation.models import ModerationTask
from participate.submissions.models import Submission
from participate.submissions.service import submit
from participate.updates.assisted import service as assisted
from participate.updates.assisted.models import Call
from participate.visits.service import log

_DAY = timedelta(days=1)
HELPED = "+8613800000003"  # Whoever is helped, and signs in with that.
_CELL = ""  # Stands for the cell in which the case lies.
_TAKEN_ON: tuple[tuple[str, str, dict[str, Any]], ...] = (("", "accept", {}), ("", "start", {}))
# Title, body, and who makes which move with what: nobody named is the holder. A `timedelta` is from its due date on,
# and `to` is a unit of the district.
_STORIES: tuple[tuple[str, str, tuple[tuple[str, str, dict[str, Any]], ...]], ...] = (
    (
        "雨水井冒水",
        "下雨以后路口的雨水井往外冒水，行人只能绕到机动车道上走。",
        (*_TAKEN_ON, ("", "pause", {"note": "等管线单位开挖。", "waits_for": "other_unit", "due_at": now})),
    ),
    (
        "护栏缺了一段",
        "河边的护栏缺了一段，放学的孩子在那里玩，很危险。",
        (
            *_TAKEN_ON,
            ("", "extend", {"note": "护栏需要定制。", "due_at": timedelta(hours=4)}),
            ("dispatcher1", "approve_extension", {"note": "情况属实，请先设临时围挡。"}),
        ),
    ),
    (
        "绿化带里堆着垃圾",
        "小区东侧的绿化带里堆着装修垃圾，一个多星期没有人清运。",
        (*_TAKEN_ON, ("supervisor1", "urge", {"note": "已有多位居民反映，请说明何时清运。"})),
    ),
    (
        "燃气管沟上的路面塌陷",
        "燃气管沟刚回填，上面的路面就塌了一块，晚上看不清，已有电动车摔倒。",
        (
            *_TAKEN_ON,
            ("dispatcher1", "invite", {"to": {}, "note": "涉及管线，请单位协办并会签。"}),
            ("", "propose", {"note": "已会同管线单位探明管沟，重新夯实回填，路面当日修复并恢复通行。"}),
        ),
    ),
    (
        "大树倒下压断电缆",
        "昨夜大风，路边的大树倒下，压断了路灯电缆，树还横在人行道上。",
        (
            *_TAKEN_ON,
            ("", "divide", {"title": "修复被压断的电缆", "note": "树已移走，请重新敷设电缆并恢复路灯。", "to": {}}),
        ),
    ),
    (
        "公示栏玻璃破碎",
        "小区公示栏的玻璃碎了，碎片还挂在框上，孩子们常在下面玩。",
        (
            *_TAKEN_ON,
            ("", "escalate", {"note": "社区没有更换玻璃的经费，请街道支持。"}),
            ("dispatcher1", "assign_down", {"to_area": _CELL, "note": "经费由街道承担，请社区就近更换。"}),
        ),
    ),
    (
        "路口没有减速带",
        "学校门口的路口没有减速带，车速很快，接送孩子不安全。",
        (
            *_TAKEN_ON,
            (
                "",
                "resolve",
                {
                    "note": "计划于一个月内在该路口增设减速带两处，由养护队负责，届时请附近居民监督。",
                    "answer_class": "B",
                    "due_at": now,
                },
            ),
            ("supervisor1", "verify", {}),
        ),
    ),
)
_DANGERS = {"燃气管沟上的路面塌陷": {"category": "E0201", "details": {"condition": "E0201-2"}}}


def lay(around: tuple[float, float]) -> int:
    """Hand the stories in and bring each as far as it goes; returns how many matters. The demo must be laid already."""
    _rule()
    author = create_resident(PHONES[1])
    for title, body, steps in _STORIES:
        place = {"lat": around[0], "lon": around[1], "crs": "wgs84", "accuracy_m": 10.0}
        more = _DANGERS.get(title, {})
        made = accepted(author, "snap_report", {"title": title, "body": body, "place": place} | more)
        if made is not None:
            walk(made, steps)
    _help(around)
    _fall_silent()
    _visit()
    _go_away()
    return len(_STORIES) + demo_found.lay(account("officer1"), around)


def _rule() -> None:
    """By night a unit looks after what belongs to the city; by day, and for all else, the officer of the place does."""
    by_night = {"name": "夜间市政设施", "when": {"categories": ["C01"], "hours": "off"}, "to": {"unit": _unit()}}
    if dispatch.current()[0] == 0:
        dispatch.publish(account("admin1"), [by_night, *SHIPPED], "夜间由值班单位先行处置。", replaces=0)


def _unit() -> str:
    return str(catalogue.units(1, area=DISTRICT)["items"][0]["id"])


def _fall_silent() -> None:
    """What waits for others has had no word for a week and more: the next sweep tells its author who has it."""
    found = one(select(Case.id, Case.submission_id).where(Case.title == _STORIES[0][0], Case.state == "paused"))
    if found is not None:
        with transaction():
            change(table(Case), "id", {"id": found.id, "told_at": now() - 9 * _DAY})
            change(table(Submission), "id", {"id": found.submission_id, "heard_at": now() - 9 * _DAY})


def _help(around: tuple[float, float]) -> None:
    """The centre's officer has filed for an old person, who is to be called about it, and was not."""
    place = {"lat": around[0], "lon": around[1], "crs": "wgs84", "accuracy_m": 10.0}
    said = {"kind": "micro_service", "body": "老人独居，腿脚不便，想请人每天中午送餐上门。", "place": place}
    person = {"name": "李奶奶", "phone": HELPED, "hears_by": "call"}
    consent = {"how": "oral", "at": now(), "witness": "社区工作者王芳"}
    asked = {"service": "S0304", "states_need": True}
    made = assisted.file(
        account("officer1"),
        {"submission": said | {"details": asked}, "person": person, "consent": consent, "documents_seen": False},
    )
    _is_accepted(made.id)
    with transaction():  # Nobody has called her yesterday: the next sweep tells the dispatcher.
        for held, which in ((table(Call), Call.submission_id == made.id), (table(Deadline), Deadline.duty == "tell")):
            execute(update(held).where(which).values(due_at=now() - _DAY))


def _visit() -> None:
    """What the centre's officer wrote down on today's round."""
    officer = account("officer1")
    said = "走访独居老人，家中燃气软管老化，已联系燃气公司明日上门更换。"
    told = {"kind": "elderly", "topics": ["safety", "welfare"], "text": said, "follow_up": True}
    log(officer, told | {"visited_at": now(), "cell": officer.areas("grid_officer")[0]})


def _go_away() -> None:
    """The centre's officer is on leave for a week: whoever signs in as the deputy finds these cases as their own."""
    leave(account("officer1"), {"deputy": account(DEPUTY).account_id, "ends_at": now() + 7 * _DAY, "reason": "年休假"})
    work()


def accepted(author_id: str, kind: str, fields: dict[str, Any]) -> str | None:
    """A submission that a moderator has accepted; None where a worker that runs besides has not brought it there."""
    made = submit(author_id, kind, fields)
    return str(made.id) if _is_accepted(made.id) else None


def _is_accepted(submission_id: str) -> bool:
    """Whether it has come to the desk, and a moderator has accepted it now."""
    work()
    task = one(select(ModerationTask.id).where(ModerationTask.submission_id == submission_id))
    if task is not None:
        decide(account("moderator1"), task.id, Decision("accept"))
        work()
    return task is not None


def walk(submission_id: str, steps: tuple[tuple[str, str, dict[str, Any]], ...]) -> None:
    """Make these moves of its case, one after another."""
    for who, name, fields in steps:
        case = cases.of_submission(submission_id)
        if case is None:
            return
        holder = grantee(case.assignee) if case.assignee else None
        move(account(who) if who else holder or Caller(), case.id, name, _dated(case, fields))
    work()


def _dated(case: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A month from now where `now` is said, a while after its due date where that is; the unit that `to` stands for."""
    due = fields.get("due_at")
    if "to" in fields:
        return {**fields, "to": {"unit": _unit()}}
    if "to_area" in fields:
        return {**fields, "to_area": case.cell}
    if due is None:
        return dict(fields)
    return {**fields, "due_at": case.due_at + due if isinstance(due, timedelta) else now() + 29 * _DAY}


def account(username: str) -> Caller:
    """One of the demo's accounts, as though it called."""
    found = one(select(Account.id).where(Account.username == username))
    return (grantee(found.id) if found is not None else None) or Caller()


def work() -> None:
    """Work off all facts that there are."""
    while work_off(FACTS, 100):
        pass
