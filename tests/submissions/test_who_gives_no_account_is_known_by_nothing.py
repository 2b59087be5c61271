"""Without an account one hands in a micro-supervision; its receipt alone leads back, and nothing tells who or when."""

import uuid
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from participate.kernel import rates
from participate.kernel.db import db, rows
from participate.submissions.models import Submission
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import HERE, Way, code_of

WATCHED = "019a0000-9901-7000-8000-000000000002"
BODY = {
    "body": "The board says that it is done, and nobody works there.",
    "place": HERE,
    "details": {"target": "unit", "watched_unit": WATCHED},
}
TOLD = {"X-Forwarded-For": "203.0.113.77", "User-Agent": "Mozilla/5.0 (Canary)", "Idempotency-Key": "canary-key-1"}


class Nameless:
    """Somebody who has handed one in, and holds the receipt."""

    def __init__(self, way: Way) -> None:
        self.way, self.who = way, way.people.nobody()
        answer = self.who.post("/v1/supervisions", BODY, headers=TOLD)
        assert answer.status_code == 201, answer.get_json()
        self.receipt = str(answer.get_json()["receipt"])
        way.work()
        self.submission = str(rows(select(Submission.id))[-1].id)

    def read(self, receipt: str | None = None) -> tuple[int, Any]:
        answer = self.who.get(f"/v1/receipts/{receipt or self.receipt}")
        return answer.status_code, answer.get_json()

    def heard(self) -> list[tuple[str, str | None]]:
        items = self.who.get(f"/v1/receipts/{self.receipt}/updates?limit=100").get_json()["items"]
        return [(each["move"], each["note"]) for each in items]

    def move(self, name: str, **fields: Any) -> int:
        answer = self.who.post(f"/v1/receipts/{self.receipt}/moves", {"move": name} | fields, headers=TOLD)
        self.way.work()
        return answer.status_code


@pytest.fixture
def nameless(way: Way) -> Nameless:
    return Nameless(way)


def everything() -> str:
    """All that the database holds, as text."""
    return "\n".join(str(tuple(row)) for table in db.metadata.sorted_tables for row in rows(select(table)))


def test_the_receipt_reads_answers_and_rates(way: Way, nameless: Nameless) -> None:
    assert nameless.read()[1]["state"] == "in_moderation"
    assert way.decide(nameless.submission, "return", note="Which board?").status_code == 200
    assert ("return", "Which board?") in nameless.heard()
    assert nameless.move("resubmit", changes={"body": "The board in the east."}, note="In the east.") == 200
    assert way.decide(nameless.submission, "accept").status_code == 200
    for name in ("accept", "start"):
        assert way.act(way.supervisor, nameless.submission, name).status_code == 200
    reply = {
        "note": "The unit has taken the board down and says that work goes on on Monday.",
        "answer_class": "A",
    }
    answered = way.act(way.supervisor, nameless.submission, "resolve", **reply)
    assert answered.status_code == 200, answered.get_json()
    assert way.act(way.people.staff("supervisor"), nameless.submission, "verify").status_code == 200
    assert nameless.move("rate", resolved=True, satisfaction=5) == 200
    assert nameless.read()[1]["state"] == "closed"


def test_nothing_is_kept_of_whoever_hands_it_in(way: Way, nameless: Nameless) -> None:
    nameless.move("withdraw")
    held = everything()
    for told in (nameless.receipt, "203.0.113", "127.0.0.1", "Canary", "canary-key"):
        assert told not in held
    assert len(nameless.receipt) * 6 >= 128


def test_what_is_kept_of_a_receipt_is_none(nameless: Nameless) -> None:
    (row,) = rows(select(Submission.receipt).where(Submission.id == nameless.submission))
    for wrong in (row.receipt.replace("#", "%23"), row.receipt[1:], "unknown"):
        assert nameless.read(wrong)[0] == 404
        assert nameless.who.get(f"/v1/receipts/{wrong}/updates").status_code == 404
        assert nameless.who.post(f"/v1/receipts/{wrong}/moves", {"move": "withdraw"}).status_code == 404


def test_the_receipt_of_an_account_moves_nothing(way: Way) -> None:
    submission = way.accepted()
    receipt = way.author.get(f"/v1/submissions/{submission}").get_json()["receipt"]
    nobody = way.people.nobody()
    assert nobody.get(f"/v1/receipts/{receipt}").status_code == 200
    assert nobody.get(f"/v1/receipts/{receipt}/updates").status_code == 404
    assert nobody.post(f"/v1/receipts/{receipt}/moves", {"move": "withdraw"}).status_code == 404


def _days(found: Any) -> list[datetime]:
    """All moments in an answer."""
    if isinstance(found, dict):
        return [moment for each in found.values() for moment in _days(each)]
    if isinstance(found, list):
        return [moment for each in found for moment in _days(each)]
    try:
        return [datetime.fromisoformat(found)] if isinstance(found, str) and "T" in found else []
    except ValueError:
        return []


def test_others_learn_the_day_and_no_hour(clock: HeldClock, way: Way) -> None:
    clock.forward(hours=1, minutes=23)
    nameless = Nameless(way)
    task = way.task(nameless.submission)
    seen = [task] + [
        way.moderator.get(f"/v1/submissions/{nameless.submission}{path}").get_json() for path in ("", "/timeline")
    ]
    moments = _days([{k: v for k, v in each.items() if k not in {"claimed_at", "lease_until"}} for each in seen])
    assert len(moments) >= 5
    assert {(each.hour, each.minute, each.second) for each in moments} == {(0, 0, 0)}
    for made in (nameless.submission, task["id"]):
        stamp = datetime.fromtimestamp((uuid.UUID(made).int >> 80) / 1000, tz=moments[0].tzinfo)
        assert (stamp.hour, stamp.minute) == (0, 0)


def test_it_cannot_be_handed_in_without_end(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(way.app.extensions, "participate.rates", rates.Limits(on=True))
    said = [way.people.nobody().post("/v1/supervisions", BODY).status_code for _ in range(22)]
    assert said == [201] * 20 + [429] * 2


def test_only_a_micro_supervision_comes_without_an_account(town: Flask, way: Way) -> None:
    nobody: Person = way.people.nobody()
    assert nobody.post("/v1/submissions", {"kind": "snap_report", "body": "A hole."}).status_code == 401
    assert nobody.post("/v1/supervisions", BODY | {"kind": "snap_report"}).status_code == 422
    wrong = nobody.post("/v1/supervisions", BODY | {"details": {"target": "unit"}})
    assert code_of(wrong) == (422, "invalid")
    assert rows(select(Submission.id)) == []
