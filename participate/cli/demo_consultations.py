"""Consultations of the demo: one that people vote on, one with its outcome, and one that is held in rounds."""

import time
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from participate.accounts.models import Account
from participate.accounts.queries import grantee
from participate.accounts.service import create_resident
from participate.app import FACTS
from participate.catalogue import queries as catalogue
from participate.cli.demo import DISTRICT, PHONES
from participate.consultations import drawing, rounds, service
from participate.consultations.models import Consultation
from participate.consultations.outcome import settle
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, AnySelect, one
from participate.kernel.errands import work_off
from participate.kernel.ids import new_id
from participate.kernel.outbox import Fact
from participate.moderation.deciding import Decision, decide
from participate.moderation.models import ModerationTask
from participate.submissions.service import move, submit

VOTERS = 60
_DAY = timedelta(days=1)
_TRIES, _WAIT_SECONDS = 300, 0.1
_STRAYS = (1, 1, 1, 1, 1, 1, 1, 1, -1, 0)  # One in ten thinks otherwise than their side, and one in ten has no opinion.
# What is stated, and how the two sides see it: those who dance in the square, and those who live beside it.
_SQUARE = (
    ("广场灯光和音响应当有固定的结束时间，写在公示牌上。", 1, 1),
    ("夏季晚上九点半熄灯，冬季九点熄灯。", 1, 1),
    ("音响可以开到晚上十点。", 1, -1),
    ("跳舞的队伍应当一律使用无线耳机。", -1, 1),
    ("广场东侧留给跳舞的人，不要再分割。", 1, -1),
    ("超过六十分贝就应当有人劝阻。", -1, 1),
    ("周末可以比平时晚半小时。", 1, -1),
    ("靠近居民楼的一侧八点以后不放音乐。", -1, 1),
    ("应当在远离住宅的地方另修一处活动场地。", 1, 1),
)
_GATE = (
    ("小学门口上学时段禁止机动车停靠。", 1, 1),
    ("把接送点移到东边的停车场。", 1, 1),
    ("放学时段封闭整条路。", -1, 1),
)


def lay(around: tuple[float, float]) -> int:
    """All of them, around this place; returns how many. The demo must be laid already."""
    voters = [create_resident(f"+86137{n:08}") for n in range(VOTERS)]
    running = _held("广场晚上几点熄灯", "请大家说说社区广场的灯光和音响应当几点结束。", _SQUARE, voters, around)
    ended = _held("学校门口怎样停车", "上下学时段小学门口拥堵，请大家商量怎样停车。", _GATE, voters, around)
    planned = _held("口袋公园怎样改造", "两个方案，请大家先看材料，再提意见。", (), voters, around)
    if running is None or ended is None or planned is None:
        return 0
    moderator = _staff("moderator1")
    settle(moderator, running[0], {"closes_at": now() + 14 * _DAY})
    move(moderator, ended[0], "conclude", {"note": "多数人同意在上学时段禁停，并另设接送点；不赞成封路。"})
    unit = str(catalogue.units(1, area=DISTRICT)["items"][0]["id"])
    answers: tuple[dict[str, Any], ...] = (
        {"adopted": "adopted", "reason": "交警同意，本月内画线立牌。", "unit": unit, "due_at": now() + 29 * _DAY},
        {"adopted": "partly", "reason": "先开放停车场东半边试行。", "unit": unit, "due_at": now() + 60 * _DAY},
        {"adopted": "not", "reason": "封路会堵住急救通道。"},
    )
    said = [answer | {"statement_id": each} for answer, each in zip(answers, ended[1], strict=True)]
    settle(moderator, ended[0], {"outcomes": said, "minutes": "到会居民代表九人，交警、学校、街道各一人。"})
    _in_rounds(moderator, planned[0], unit)
    _work()
    return 3


def _in_rounds(moderator: Caller, consultation_id: str, unit: str) -> None:
    """Two sides are invited; the first round opens while somebody looks at the demo, the second one is announced."""
    residents = {"kind": "residents", "name": "周边居民", "area": DISTRICT}
    settle(moderator, consultation_id, {"sides": [residents, {"kind": "unit", "name": "主管单位", "unit": unit}]})
    paper = {"title": "方案比较", "text": "方案一保留大树、增设座椅；方案二改为儿童活动场地。两者造价相近。"}
    first = {"title": "第一轮：提意见", "opens_at": now() + timedelta(minutes=2), "closes_at": now() + 14 * _DAY}
    second = {"title": "第二轮：受邀各方定方案", "opens_at": now() + 20 * _DAY, "closes_at": now() + 27 * _DAY}
    rounds.plan(moderator, consultation_id, first | {"papers": [paper]})
    rounds.plan(moderator, consultation_id, second | {"invited_only": True})


def _held(
    title: str, question: str, stated: tuple[tuple[str, int, int], ...], voters: list[str], around: tuple[float, float]
) -> tuple[str, list[str]] | None:
    """A consultation that was voted on, and its statements; None where a worker that runs besides takes too long."""
    place = {"lat": around[0], "lon": around[1], "crs": "wgs84", "accuracy_m": 10.0}
    told = {"title": title, "body": question, "place": place, "details": {"question": question}}
    made = submit(create_resident(PHONES[0]), "micro_consultation", told)
    task = _once(select(ModerationTask.id).where(ModerationTask.submission_id == made.id))
    if task is None:
        return None
    decide(_staff("moderator1"), task.id, Decision("accept"))
    if _once(select(Consultation.id).where(Consultation.id == made.id)) is None:
        return None
    found = list[str]()
    for n, (text, *_) in enumerate(stated):
        found.append(service.state_something(Caller(voters[n]), made.id, text))
        service.move_statement(_staff("moderator1"), made.id, found[-1], "show", None)
    for n, voter in enumerate(voters):
        for m, (_, *sides) in enumerate(stated):
            service.vote(
                Caller(voter),
                made.id,
                found[m],
                sides[n % 5 > 2] * _STRAYS[(n * n * 31 + m * m * 17 + n * m * 13) % 101 % 10],
            )
    fact = Fact(new_id(), "consultation.picture_due", "consultation", made.id, {}, now())
    drawing.keep(fact, drawing.draw(fact))
    return str(made.id), found


def _staff(username: str) -> Caller:
    found = one(select(Account.id).where(Account.username == username))
    return (grantee(found.id) if found is not None else None) or Caller()


def _once(asked: AnySelect) -> AnyRow | None:
    """What there is to be found, once it is made by us or by a worker that runs besides; None if neither does."""
    for _ in range(_TRIES):
        _work()
        found = one(asked)
        if found is not None:
            return found
        time.sleep(_WAIT_SECONDS)
    return None


def _work() -> None:
    while work_off(FACTS, 100):
        pass
