"""A category is suggested once this desk has decided enough; until then the desk hears why it is not."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert, select

from participate.kernel.clock import now
from participate.kernel.db import one, table, transaction
from participate.kernel.ids import new_id, new_receipt, new_reference
from participate.moderation.models import ModerationFlag, ModerationLearning, ModerationTask
from participate.moderation.screening import learning
from participate.submissions.models import Submission
from tests.moderation.screening_steps import at, flags
from tests.steps import Way

SAID = {
    "C0101": ("井盖缺失", "井盖破损", "窨井盖不见了", "下水道井盖松动", "路中间的井没有盖"),
    "E0101": ("垃圾没人清运", "垃圾堆成山", "垃圾桶满了", "生活垃圾乱扔", "楼下堆放垃圾很臭"),
}
WHERE = ("人民路口", "建设路东段", "小区北门", "学校对面", "菜市场旁", "公园入口", "医院门前", "桥头")
WHEN = ("已经三天了", "昨天发现的", "一直没人管", "请尽快处理", "影响大家出行", "希望早点解决")


@pytest.fixture(autouse=True)
def _forgotten(way: Way) -> Iterator[None]:
    """What this process has learned is of another database."""
    way.app.extensions.pop(learning.EXTENSION, None)
    yield
    way.app.extensions.pop(learning.EXTENSION, None)


def decided(way: Way, n: int, decision: str = "accept") -> None:
    """So many of each category that the desk has decided on, laid as rows."""
    dice, texts, tasks = Random(7), [], []
    for category, phrases in SAID.items():
        for _ in range(n):
            body = f"{dice.choice(WHERE)}{dice.choice(phrases)}，{dice.choice(WHEN)}。{dice.choice(phrases)}。"
            texts.append(_submission(way.author.account_id, category, body))
            tasks.append(_task(texts[-1], decision))
    with transaction() as session:
        session.execute(insert(table(Submission)), texts)
        session.execute(insert(table(ModerationTask)), tasks)


def _submission(author: str, category: str, body: str) -> dict[str, Any]:
    known = {"id": new_id(), "reference": new_reference(), "receipt": new_receipt(), "author_id": author}
    said = {"kind": "snap_report", "state": "accepted", "category": category, "body": body, "details": {}}
    rest = {"version": 1, "anonymous": False, "place_source": "none", "created_at": now(), "updated_at": now()}
    return known | said | rest


def _task(submission: dict[str, Any], decision: str) -> dict[str, Any]:
    said = {"kind": "snap_report", "title": "A lamp", "author_id": submission["author_id"], "due_at": now()}
    about = {"id": new_id(), "submission_id": submission["id"], "fact_id": new_id()}
    return about | said | {"state": "decided", "decision": decision, "decided_at": now()}


def sent(way: Way, body: str = "解放路口的井盖不见了，晚上很危险。", **fields: Any) -> str:
    return way.hand_in(by=way.people.resident(), body=body, place=at(900), **fields)


def status(way: Way) -> dict[str, Any]:
    found: dict[str, Any] = way.moderator.get("/v1/moderation/flags").get_json()["suggestion"]
    return found


def test_it_is_silent_until_there_is_enough_and_says_so(way: Way) -> None:
    assert "no decisions" in status(way)["why_silent"]
    decided(way, 30)
    assert "suggested_category" not in flags(way, sent(way))
    assert status(way) == {"active": False, "why_silent": status(way)["why_silent"], "examples": 60}
    assert "too few" in status(way)["why_silent"]


def test_it_says_which_and_how_sure_where_another_or_none_is_given(way: Way) -> None:
    decided(way, 150)
    why = flags(way, sent(way))["suggested_category"]
    assert "C0101" in why
    assert "%" in why
    assert status(way) == {"active": True, "why_silent": None, "examples": 300}
    assert "wrong" in flags(way, sent(way, category="E0101"))["suggested_category"]
    assert "suggested_category" not in flags(way, sent(way, category="C0101"))


def test_only_what_was_accepted_is_learned_from(way: Way) -> None:
    decided(way, 150, "reject")
    assert "suggested_category" not in flags(way, sent(way))
    assert status(way)["examples"] == 0


def test_it_learns_anew_in_time_and_only_if_there_is_something_new(way: Way, clock: Any) -> None:
    sent(way)
    first = _learned_at()
    decided(way, 150)
    clock.forward(minutes=14)
    assert "suggested_category" not in flags(way, sent(way))
    clock.forward(minutes=2)
    assert "suggested_category" in flags(way, sent(way))
    second = _learned_at()
    clock.forward(minutes=16)
    sent(way)
    assert first < second == _learned_at()


def test_it_is_borne_out_where_the_category_is_taken_over(way: Way) -> None:
    decided(way, 150)
    taken, left = sent(way), sent(way, category="E0101")
    assert way.decide(taken, "accept", edits={"category": "C0101"}).status_code == 200
    assert way.decide(left, "accept").status_code == 200
    assert [_borne_out(each) for each in (taken, left)] == [True, False]


def _borne_out(submission_id: str) -> bool:
    held = ModerationFlag
    asked = select(held.borne_out).join(ModerationTask, ModerationTask.id == held.task_id)
    found = one(asked.where(ModerationTask.submission_id == submission_id, held.code == "suggested_category"))
    assert found is not None
    return bool(found.borne_out)


def _learned_at() -> Any:
    found = one(select(ModerationLearning.at))
    assert found is not None
    return found.at
