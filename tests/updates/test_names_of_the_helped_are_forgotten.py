"""The name of whom an officer has filed for, and the witness's, go a while after it is over; all else stays."""

from typing import Any

import pytest
from sqlalchemy import select

from participate import worker
from participate.accounts import service as accounts
from participate.audit.models import AuditEntry
from participate.kernel.context import settings
from participate.kernel.db import rows
from participate.updates.assisted import forgetting
from participate.updates.assisted.models import Assisted
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once

PHONE = "+8613900001234"


def closed(way: Way) -> str:
    """What an officer has filed for somebody, done and rated."""
    submission = way.accepted_for(PHONE)
    for name in ("accept", "start"):
        assert way.act(way.officer, submission, name).status_code == 200
    assert way.resolve(submission).status_code == 200
    assert way.act(way.supervisor, submission, "verify").status_code == 200
    said = {"resolved": True, "satisfaction": 5, "relayed": "phone"}
    assert way.move(way.officer, submission, "rate", **said).status_code == 200
    return submission


def agreed(who: Person, submission: str) -> dict[str, Any]:
    found: dict[str, Any] = who.get(f"/v1/submissions/{submission}/assisted").get_json()
    return found


def names() -> list[tuple[str | None, str | None]]:
    return [(row.name, row.witness) for row in rows(select(Assisted.name, Assisted.witness))]


def test_they_are_gone_a_while_after_it_is_over_and_what_was_agreed_stays(way: Way, clock: HeldClock) -> None:
    submission = closed(way)
    before, days = agreed(way.officer, submission), settings().keep_assisted_days
    clock.forward(days=days - 0.1)
    assert forgetting.names_of_the_helped() == 0
    clock.forward(days=0.2)
    assert forgetting.names_of_the_helped() == 1
    assert forgetting.names_of_the_helped() == 0
    assert names() == [(None, None)]
    assert before["forget_at"] is not None
    assert agreed(way.officer, submission) == before | {"name": None, "witness": None, "forget_at": None}
    (listed,) = way.officer.get("/v1/submissions/assisted").get_json()["items"]
    assert (listed["id"], listed["name"], listed["hears_by"]) == (submission, None, "call")
    (call,) = way.officer.get("/v1/calls").get_json()["items"]
    read = way.officer.get(f"/v1/calls/{call['id']}").get_json()
    assert (read["name"], read["phone"]) == (None, PHONE), "whoever signs in with that finds it still"
    done = rows(select(AuditEntry.subject_id).where(AuditEntry.action == "submission.helped_forgotten"))
    assert [row.subject_id for row in done] == [submission]


def test_what_is_opened_again_needs_them_again_and_is_called_about_also_after_that(way: Way, clock: HeldClock) -> None:
    submission, theirs = closed(way), way.people.signed_in(accounts.create_resident(PHONE))
    clock.forward(days=10)
    assert way.move(theirs, submission, "reopen", note="It is still there.").status_code == 200
    clock.forward(days=170.5)
    assert forgetting.names_of_the_helped() == 0
    assert names() == [("Granny Li", "Wang Fang")]
    assert way.act(way.officer, submission, "start").status_code == 200
    assert way.resolve(submission).status_code == 200
    assert way.act(way.supervisor, submission, "verify").status_code == 200
    assert way.move(theirs, submission, "rate", resolved=True, satisfaction=4).status_code == 200
    clock.forward(days=181)
    assert forgetting.names_of_the_helped() == 1
    (call,) = way.officer.get("/v1/calls").get_json()["items"]
    said = {"reached": True}, {"If-Match": f'"{call["version"]}-0a"'}
    assert way.officer.post(f"/v1/calls/{call['id']}/result", said[0], headers=said[1]).status_code == 200
    assert way.move(theirs, submission, "reopen", note="It is there again.").status_code == 200
    assert len(way.officer.get("/v1/calls").get_json()["items"]) == 1, "how they hear of it is known still"


@pytest.mark.parametrize("end", ["withdraw", "reject"])
def test_what_comes_to_nothing_needs_none_either(way: Way, clock: HeldClock, end: str) -> None:
    submission = str(way.filed_for(PHONE).get_json()["id"])
    way.work()
    if end == "withdraw":
        assert way.move(way.officer, submission, "withdraw", relayed="phone").status_code == 200
    else:
        assert way.decide(submission, "reject", reason="unclear", note="Which sofa?").status_code == 200
    clock.forward(days=181)
    assert forgetting.names_of_the_helped() == 1


def test_forgotten_and_opened_again_at_once_it_is_one_after_the_other(way: Way, clock: HeldClock) -> None:
    submission, theirs = closed(way), way.people.signed_in(accounts.create_resident(PHONE))
    clock.forward(days=181)
    path, said = f"/v1/submissions/{submission}/moves", {"move": "reopen", "note": "It is still there."}

    def forget() -> int:
        with way.app.app_context():
            return forgetting.names_of_the_helped()

    gone, _ = at_once(forget, lambda: theirs.post(path, said).status_code)
    way.work()
    assert names() == [(None, None) if gone else ("Granny Li", "Wang Fang")]
    clock.forward(days=181)
    assert forgetting.names_of_the_helped() == 0, "it goes on"


def test_nobody_else_s_are_scheduled_and_the_worker_forgets_them(way: Way) -> None:
    assert way.move(way.author, way.accepted(), "withdraw").status_code == 200
    assert rows(select(Assisted.forget_at)) == []
    assert forgetting.names_of_the_helped in worker.FORGETTING
    assert {"submission.rated", "submission.withdrawn", "submission.rejected", "submission.reopened"} <= {
        *forgetting.ENDS
    }
