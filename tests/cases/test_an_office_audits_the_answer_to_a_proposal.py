"""Who audits the answer to a proposal sends it back or changes its class, which all who signed it and the unit read."""

from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from participate.cases.commitments.models import Commitment
from participate.cases.figures.recounting import recount
from participate.cases.models import Case
from participate.kernel.clock import now
from participate.kernel.db import change, rows, table, transaction
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


def test_nobody_reads_the_answer_before_it_has_passed(way: Way) -> None:
    """Neither its text, nor its class, nor its picture, nor what it promises; whoever has the case does."""
    proposal = way.accepted("micro_proposal")
    assert way.move(way.moderator, proposal, "file").status_code == 200
    joined, picture = way.people.resident(), way.photo(way.officer)
    assert joined.post(f"/v1/submissions/{proposal}/join").status_code in {200, 204}
    until = (now() + timedelta(days=60)).isoformat()
    _resolve(way, proposal, answer_class="B", due_at=until, photo_ids=[picture])
    for tried in range(2):
        for who in (way.author, joined, way.people.nobody()):
            assert _read_by(way, who, proposal, picture) == (False, 404), tried
        desk = way.supervisor
        assert REPLY in desk.get(f"/v1/cases/{way.case(proposal)}/timeline?limit=100").get_data(as_text=True)
        assert desk.get(f"/v1/photos/{picture}/view").status_code == 200
        assert not _promises(proposal)
        if not tried:  # What is sent back is never read; the next one comes with the same words.
            assert way.act(desk, proposal, "rework", note="Say where.").status_code == 200
            assert way.act(way.officer, proposal, "start").status_code == 200
            again = way.photo(way.officer)
            fields = {"note": REPLY, "answer_class": "B", "due_at": until, "photo_ids": [again]}
            assert way.act(way.officer, proposal, "resolve", **fields).status_code == 200
    assert way.act(way.supervisor, proposal, "verify", note="For the desk.").status_code == 200
    for who in (way.author, joined, way.people.nobody()):
        assert _read_by(way, who, proposal, picture) == (True, 404), "that came with what was sent back"
        assert again in who.get(f"/v1/submissions/{proposal}").get_data(as_text=True)
        assert "For the desk." not in who.get(f"/v1/submissions/{proposal}/timeline?limit=100").get_data(as_text=True)
    assert [(each.state, each.text) for each in _promises(proposal)] == [("promised", REPLY)]
    receipt = way.author.get(f"/v1/submissions/{proposal}").get_json()["receipt"]
    replies = way.people.nobody().get(f"/v1/receipts/{receipt}").get_json()["replies"]
    assert [(each["note"], each["answer_class"]) for each in replies if each["subject"] == "case"] == [(REPLY, "B")]


def _read_by(way: Way, who: Person, proposal: str, picture: str) -> tuple[bool, int]:
    """Whether they find the answer anywhere, and what becomes of it if they ask for its picture."""
    told = [who.get(f"/v1/submissions/{proposal}/timeline?limit=100").get_data()]
    told += [who.get(f"/v1/submissions/{proposal}").get_data(), who.get("/v1/commitments").get_data()]
    told += [who.get("/v1/me/updates?limit=100").get_data(), who.get("/v1/me/submissions").get_data()]
    archive = who.get(f"/v1/submissions/{proposal}/file")
    told.append(ZipFile(BytesIO(archive.get_data())).read("file.json"))
    receipt = way.author.get(f"/v1/submissions/{proposal}").get_json()["receipt"]
    told.append(way.people.nobody().get(f"/v1/receipts/{receipt}").get_data())
    assert picture.encode() not in b"".join(told)
    return REPLY.encode() in b"".join(told), who.get(f"/v1/photos/{picture}/view").status_code


def test_of_two_answers_that_pass_at_once_one_is_published(way: Way) -> None:
    proposal = _answered(way)
    path = f"/v1/cases/{way.case(proposal)}/moves"
    answers = at_once(*(partial(who.post, path, {"move": "verify"}) for who in (way.supervisor, way.dispatcher)))
    assert sorted(each.status_code for each in answers) == [200, 409]
    way.work()
    steps = way.author.get(f"/v1/submissions/{proposal}/timeline?limit=100").get_json()["items"]
    told = [step["move"] for step in steps]
    assert told.count("publish") == 1
    assert "verify" not in told, "that it has passed is told with the answer"


def test_the_audited_class_counts_and_the_one_that_was_stays_on_record(way: Way) -> None:
    proposal, joined = _answered(way), way.people.resident()
    assert joined.post(f"/v1/submissions/{proposal}/join").status_code in {200, 204}
    case = _reclassified(way, proposal)
    assert (case["state"], case["answer_class"], case["moves"]) == ("resolved", "C", ["verify", "rework", "reclassify"])
    heard = [each["fact"] for who in (way.author, joined) for each in who.get("/v1/me/updates").get_json()["items"]]
    assert heard[-1] == "resolve", "what is found in an audit is told with the answer"
    assert way.act(way.supervisor, proposal, "verify").status_code == 200
    for who in (way.author, joined):
        told = who.get("/v1/me/updates?limit=100").get_json()["items"][-1]
        assert (told["fact"], told["next"]) == ("publish", "Please rate the answer.")
        assert "class C" in told["text"]
        assert f"{REPLY}\n\n(Who audited it changed its class from A to C: {LATER['note']})" in told["text"]
    given = {"resolve": "A", "reclassify": "C", "publish": "C"}
    for path, who, classes in (
        (f"cases/{case['id']}", way.officer, given),
        (f"submissions/{proposal}", way.people.nobody(), {"publish": "C"}),
    ):
        steps = who.get(f"/v1/{path}/timeline?limit=100").get_json()["items"]
        assert {step["move"]: step["answer_class"] for step in steps if step["answer_class"]} == classes


def test_an_answer_of_before_is_published_once_it_is_put_into_another_class(way: Way) -> None:
    """Before this came, an answer was read at once: it did not wait with its case."""
    proposal = _answered(way)
    with transaction():
        change(table(Case), "id", {"id": way.case(proposal), "answer": None})
    _reclassified(way, proposal)
    assert way.act(way.supervisor, proposal, "verify").status_code == 200
    told = way.author.get("/v1/me/updates?limit=100").get_json()["items"][-1]
    assert (told["fact"], REPLY in told["text"], LATER["note"] in told["text"]) == ("publish", True, True)
    other = _answered(way)
    with transaction():
        change(table(Case), "id", {"id": way.case(other), "answer": None})
    assert way.act(way.supervisor, other, "verify").status_code == 200
    assert way.author.get("/v1/me/updates?limit=100").get_json()["items"][-1]["fact"] == "verify"


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
    _reclassified(way, proposal)
    assert _classes(way) == {}, "what everyone may add up tells no class that nobody may read yet"
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
    _reclassified(way, proposal)
    lacking = _try(way, way.supervisor, proposal, answer_class="B")
    assert [each["field"] for each in lacking.get_json()["errors"]] == ["due_at"]
    assert way.act(way.supervisor, proposal, "verify").status_code == 200
    assert not _promises(proposal)
    later = _answered(way)
    _reclassified(way, later, answer_class="B", due_at=until.isoformat())
    assert way.act(way.supervisor, later, "verify").status_code == 200
    (promise,) = _promises(later)
    assert (promise.state, promise.text, promise.assignee) == ("promised", REPLY, way.officer.account_id)


def test_what_was_promised_stays_until_another_answer_has_passed(way: Way) -> None:
    until = (now() + timedelta(days=60)).isoformat()
    proposal = _answered(way, "B", due_at=until)
    assert way.act(way.supervisor, proposal, "verify").status_code == 200
    assert way.move(way.author, proposal, "reopen", note="Nothing has come of it.").status_code == 200
    assert way.act(way.officer, proposal, "start").status_code == 200
    assert way.act(way.officer, proposal, "resolve", note=REPLY, answer_class="C").status_code == 200
    assert [each.state for each in _promises(proposal)] == ["promised"]
    assert way.act(way.supervisor, proposal, "verify").status_code == 200
    assert [each.state for each in _promises(proposal)] == ["superseded"]


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
