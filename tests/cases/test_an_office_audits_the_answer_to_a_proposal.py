"""Who audits the answer to a proposal sends it back or changes its class, which all who signed it and the unit read."""

from datetime import timedelta
from functools import partial
from typing import Any

from participate.cases.commitments.models import Commitment
from participate.cases.figures.recounting import recount
from participate.kernel.clock import now
from participate.kernel.db import rows, table
from tests.people import Person
from tests.steps import Way, at_once, code_of

REPLY = "Sixty stands are planned at the north gate, once the road is widened."
LATER = {"answer_class": "C", "note": "Nobody has said when the road is widened."}


def _answered(way: Way, answer_class: str = "A", **fields: Any) -> str:
    proposal = way.accepted("micro_proposal")
    assert way.move(way.moderator, proposal, "file").status_code == 200
    _resolve(way, proposal, answer_class=answer_class, **fields)
    return proposal


def _resolve(way: Way, submission: str, **fields: Any) -> None:
    to = {"assignee": way.officer.account_id}
    if way.supervisor.get(f"/v1/cases/{way.case(submission)}").get_json()["state"] == "filed":
        assert way.act(way.dispatcher, submission, "dispatch", to=to).status_code == 200
    for name in ("accept", "start"):
        assert way.act(way.officer, submission, name).status_code == 200
    assert way.act(way.officer, submission, "resolve", note=REPLY, **fields).status_code == 200


def test_the_audited_class_counts_and_the_one_that_was_stays_on_record(way: Way) -> None:
    proposal, joined = _answered(way), way.people.resident()
    assert joined.post(f"/v1/submissions/{proposal}/join").status_code in {200, 204}
    case = _reclassified(way, proposal)
    assert (case["state"], case["answer_class"], case["moves"]) == ("resolved", "C", ["verify", "rework", "reclassify"])
    for who in (way.author, joined):
        told = who.get("/v1/me/updates?limit=100").get_json()["items"][-1]
        assert told["fact"] == "reclassify"
        assert "class C" in told["text"]
        assert LATER["note"] in told["text"]
    for path, who in ((f"cases/{case['id']}", way.officer), (f"submissions/{proposal}", way.people.nobody())):
        steps = who.get(f"/v1/{path}/timeline?limit=100").get_json()["items"]
        given = {step["move"]: step["answer_class"] for step in steps if step["answer_class"]}
        assert given == {"resolve": "A", "reclassify": "C"}


def _try(way: Way, who: Person, proposal: str, **fields: Any) -> Any:
    body = {name: value for name, value in (LATER | fields).items() if value is not None}
    return way.act(who, proposal, "reclassify", **body)


def _reclassified(way: Way, proposal: str, **fields: Any) -> dict[str, Any]:
    answer = _try(way, way.supervisor, proposal, **fields)
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def _classes(way: Way) -> dict[str, int]:
    today = now().date()
    asked = f"since={today - timedelta(days=2)}&until={today + timedelta(days=300)}&area=990101"
    counts = way.supervisor.get(f"/v1/figures?{asked}").get_json()["counts"]
    return {name[-1]: n for name, n in counts.items() if name.startswith("class_") and n}


def test_figures_count_the_audited_class(way: Way) -> None:
    proposal = _answered(way)
    assert _classes(way) == {"a": 1}
    _reclassified(way, proposal)
    assert _classes(way) == {"c": 1}
    assert way.act(way.supervisor, proposal, "verify").status_code == 200
    assert _classes(way) == {"c": 1}
    assert recount(check=True) == 0


def test_it_goes_out_or_back_after_that(way: Way) -> None:
    proposal = _answered(way)
    _reclassified(way, proposal)
    assert way.act(way.supervisor, proposal, "rework", note="Say what you have asked for.").status_code == 200
    assert code_of(_try(way, way.supervisor, proposal)) == (409, "wrong_state")
    assert way.act(way.officer, proposal, "start").status_code == 200
    assert way.act(way.officer, proposal, "resolve", note=REPLY, answer_class="D").status_code == 200
    assert way.act(way.dispatcher, proposal, "verify").get_json()["answer_class"] == "D"


def test_a_promise_goes_and_comes_with_the_class(way: Way) -> None:
    until = now() + timedelta(days=60)
    proposal = _answered(way, "B", due_at=until.isoformat())
    assert [each.state for each in _promises(proposal)] == ["promised"]
    _reclassified(way, proposal)
    assert [each.state for each in _promises(proposal)] == ["superseded"]
    lacking = _try(way, way.supervisor, proposal, answer_class="B")
    assert [each["field"] for each in lacking.get_json()["errors"]] == ["due_at"]
    _reclassified(way, proposal, answer_class="B", due_at=until.isoformat())
    first, second = _promises(proposal)
    assert (first.state, second.state, second.text) == ("superseded", "promised", REPLY)
    assert second.assignee == way.officer.account_id


def _promises(proposal: str) -> list[Any]:
    held = table(Commitment)
    return list(rows(held.select().where(held.c.submission_id == proposal).order_by(held.c.id)))


def test_nobody_who_answered_changes_it_nor_who_has_no_office_there(way: Way) -> None:
    proposal = _answered(way)
    for who in (way.officer, way.people.staff("auditor")):
        assert code_of(_try(way, who, proposal)) == (403, "move_not_yours")
    for who in (way.author, way.moderator):
        assert code_of(_try(way, who, proposal)) == (403, "role_lacking")
    assert _try(way, way.people.staff("supervisor", "990102"), proposal).status_code == 404


def test_a_reason_a_class_and_another_class_are_needed(way: Way) -> None:
    proposal = _answered(way)
    for lacks in ("note", "answer_class"):
        answer = _try(way, way.supervisor, proposal, **{lacks: None})
        assert [each["field"] for each in answer.get_json()["errors"]] == [lacks]
    assert code_of(_try(way, way.supervisor, proposal, answer_class="A")) == (409, "class_already")


def test_of_two_at_once_one_changes_it(way: Way) -> None:
    proposal = _answered(way)
    path = f"/v1/cases/{way.case(proposal)}/moves"
    body = {"move": "reclassify"} | LATER
    answers = at_once(*(partial(who.post, path, body) for who in (way.supervisor, way.dispatcher)))
    assert sorted(each.status_code for each in answers) == [200, 409]


def test_only_answers_to_proposals_are_audited(way: Way) -> None:
    submission = way.accepted("micro_suggestion")
    _resolve(way, submission, answer_class="D")
    assert code_of(_try(way, way.supervisor, submission)) == (409, "wrong_kind")
