"""Who cannot file by themself is helped by an officer: it is theirs, they hear of it, and the officer speaks for nobody
but as they were told."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from participate.accounts import service as accounts
from participate.accounts.models import Account, RoleGrant
from participate.audit.models import AuditEntry
from participate.cases.figures.recounting import recount
from participate.kernel.auth import Grant
from participate.kernel.clock import now
from participate.kernel.db import execute, one, rows, transaction
from participate.kernel.ids import new_id
from participate.kernel.workflow import Actor
from participate.submissions import guards
from participate.submissions.models import Rating
from tests.people import Person
from tests.steps import ELSEWHERE, HERE, Way, at_once, code_of
from tests.updates.conftest import Post, choose

PHONE = "+8613900001234"
NAME = "Granny Li"


def person(way: Way, phone: str = PHONE) -> Person:
    """Whoever signs in with that phone."""
    return way.people.signed_in(accounts.create_resident(phone))


def refused(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.get_json()
    return [(each["field"], each["code"]) for each in answer.get_json()["errors"]]


def calls(who: Person, view: str = "mine") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.get(f"/v1/calls?view={view}").get_json()["items"]
    return found


def settle(who: Person, call: str, version: int, reached: bool = True) -> Any:
    return who.post(f"/v1/calls/{call}/result", {"reached": reached}, headers={"If-Match": f'"{version}-0a"'})


def opened(action: str) -> int:
    return len(rows(select(AuditEntry.id).where(AuditEntry.action == action)))


def test_what_nobody_helped_with_is_not_its_own_to_whoever_has_no_account() -> None:
    author, officer = new_id(), new_id()
    alone, helped = (SimpleNamespace(author_id=author, helped_by=by) for by in (None, officer))
    assert guards.is_own(alone, Actor(None, frozenset())) is None
    assert {guards.is_own(helped, Actor(who, frozenset())) for who in (author, officer)} == {"own_submission"}


def test_it_is_whoever_s_has_the_phone(way: Way) -> None:
    made = way.filed_for("139 0000 1234").get_json()
    assert "receipt" not in made, "which would let the officer pass for them"
    assert made["helped"]
    theirs = person(way)
    shown = theirs.get(f"/v1/submissions/{made['id']}").get_json()
    assert (len(shown["receipt"]), shown["helped"], "withdraw" in shown["moves"]) == (32, True, True)
    assert [each["id"] for each in theirs.get("/v1/me/submissions").get_json()["items"]] == [made["id"]]
    assert theirs.get(f"/v1/submissions/{made['id']}/timeline").get_json()["items"][0]["by"] == "assistant"
    agreed = theirs.get(f"/v1/submissions/{made['id']}/assisted").get_json()
    assert (agreed["name"], agreed["phone"], agreed["consent"], agreed["witness"]) == (NAME, PHONE, "oral", "Wang Fang")
    assert opened("submission.helped_opened") == 0, "nobody but they have looked"
    assert opened("submission.filed_for") == 1


def test_only_in_one_s_own_scope_and_only_what_is_agreed_to(way: Way) -> None:
    elsewhere = way.people.staff("grid_officer", "990101002001001")
    assert code_of(way.filed_for(PHONE, by=elsewhere)) == (403, "out_of_scope")
    assert code_of(way.filed_for(PHONE, place=ELSEWHERE)) == (403, "out_of_scope")
    for who in (way.author, way.moderator, way.supervisor):
        assert way.filed_for(PHONE, by=who).status_code == 403
    assert way.filed_for(PHONE, by=way.dispatcher).status_code == 201
    assert refused(way.filed_for(PHONE, kind="micro_supervision", details={})) == [("submission.kind", "choice")]
    assert refused(way.filed_for(PHONE, details={"service": "S9"})) == [("submission.details.service", "unknown_code")]
    assert refused(way.filed_for("phone")) == [("person.phone", "form")]
    said = {"kind": "snap_report", "body": "A hole.", "place": HERE}
    lacking = {"submission": said, "person": {"name": NAME, "phone": PHONE, "hears_by": "sms"}}
    assert refused(way.officer.post("/v1/submissions/assisted", lacking)) == [("consent", "required")]
    late = lacking | {"consent": {"how": "paper", "at": "2030-01-01T00:00:00Z", "witness": "Wang"}}
    assert refused(way.officer.post("/v1/submissions/assisted", late)) == [("consent.at", "too_late")]


def test_nothing_is_filed_for_a_closed_account(way: Way) -> None:
    closed = person(way)
    with transaction():
        execute(update(Account).where(Account.id == closed.account_id).values(disabled_at=now()))
    assert code_of(way.filed_for(PHONE)) == (409, "phone_closed")
    assert way.officer.get("/v1/submissions/assisted").get_json()["items"] == []


def test_who_has_filed_it_follows_it_and_nobody_else_learns_for_whom_it_is(way: Way) -> None:
    submission = str(way.filed_for(PHONE).get_json()["id"])
    way.work()
    colleague = way.people.staff("grid_officer", way.cell)
    assert way.officer.get(f"/v1/submissions/{submission}").status_code == 200
    assert colleague.get(f"/v1/submissions/{submission}").status_code == 404, "it waits for moderation"
    (listed,) = way.officer.get("/v1/submissions/assisted").get_json()["items"]
    assert (listed["id"], listed["name"], listed["hears_by"]) == (submission, NAME, "call")
    assert way.officer.get(f"/v1/submissions/{submission}/assisted").get_json()["phone"] == PHONE
    assert opened("submission.helped_opened") == 1
    way.decide(submission, "accept")
    case = way.case(submission)
    others = (colleague, way.moderator, way.dispatcher, way.supervisor, way.people.resident(), way.people.nobody())
    for who in others:
        assert who.get(f"/v1/submissions/{submission}/assisted").status_code in {401, 404}
        paths = [f"/v1/submissions/{submission}", f"/v1/submissions/{submission}/timeline", f"/v1/cases/{case}"]
        for path in [*paths, f"/v1/cases/{case}/timeline", "/v1/calls?view=area"]:
            said = who.get(path).get_data(as_text=True)
            assert PHONE[-8:] not in said
            assert NAME not in said


def test_an_officer_who_has_moved_on_follows_it_no_more(way: Way) -> None:
    submission = way.accepted_for(PHONE)
    (call,) = calls(way.officer)
    moved = way.people.staff("grid_officer", "990101002001001")
    moved.account_id, moved.headers = way.officer.account_id, way.officer.headers
    with transaction():
        mine = RoleGrant.account_id == way.officer.account_id
        execute(update(RoleGrant).where(mine).values(area="990101002001001"))
    assert moved.get(f"/v1/submissions/{submission}/assisted").status_code == 404
    assert moved.get("/v1/submissions/assisted").get_json()["items"] == []
    assert calls(moved) == []
    assert moved.get(f"/v1/calls/{call['id']}").status_code == 404
    assert [each["id"] for each in calls(way.dispatcher, "area")] == [call["id"]], "the dispatcher sees to it"
    assert way.dispatcher.get(f"/v1/calls/{call['id']}").get_json()["phone"] == PHONE


def test_who_reads_texts_gets_them_unless_they_have_chosen_otherwise(way: Way, post: Post) -> None:
    unwilling = person(way, "+8613900004321")
    choose(unwilling, {"channel": "sms", "on": False})
    way.accepted_for("+8613900004321", hears_by="sms")
    assert (post.send("sms"), post.gateway.texts()) == (None, [])
    way.accepted_for(PHONE, hears_by="sms")
    post.send("sms")
    assert {said["to"] for said in post.gateway.sent.values()} == {PHONE}
    assert calls(way.officer) == [], "and nobody calls them"


def test_who_is_to_be_called_is_told_all_that_has_happened_in_one_call(way: Way) -> None:
    submission = way.accepted_for(PHONE)
    (call,) = calls(way.officer)
    assert (call["submission_id"], call["tries"], call["overdue"]) == (submission, 0, False)
    read = way.officer.get(f"/v1/calls/{call['id']}").get_json()
    assert (read["name"], read["phone"], read["made_at"]) == (NAME, PHONE, None)
    assert len(read["words"]) >= 3
    assert read["words"][0].startswith("The service request")
    assert opened("call.opened") == 1
    way.act(way.officer, submission, "accept")
    assert settle(way.officer, call["id"], read["version"]).status_code == 412, "there is more to say by now"
    version = calls(way.officer)[0]["version"]
    tried = settle(way.officer, call["id"], version, reached=False).get_json()
    assert (tried["tries"], tried["made_at"]) == (1, None)
    made = settle(way.officer, call["id"], tried["version"])
    assert made.get_json()["made_at"] is not None
    assert code_of(settle(way.officer, call["id"], made.get_json()["version"])) == (409, "called_already")
    assert calls(way.officer) == []
    way.act(way.officer, submission, "start")
    (following,) = calls(way.officer)
    assert len(way.officer.get(f"/v1/calls/{following['id']}").get_json()["words"]) <= 2, "only what is new"


def test_a_call_is_for_who_has_filed_it_and_who_dispatches_there(way: Way) -> None:
    way.accepted_for(PHONE)
    (call,) = calls(way.officer)
    colleague, away = way.people.staff("grid_officer", way.cell), way.people.staff("dispatcher", "990101002")
    for who in (colleague, away):
        assert calls(who, "area") == []
        assert who.get(f"/v1/calls/{call['id']}").status_code == 404
        assert settle(who, call["id"], call["version"]).status_code == 404
    assert way.author.get("/v1/calls").status_code == 403
    assert refused(way.officer.post(f"/v1/calls/{call['id']}/result", {"reached": True})) == [("If-Match", "required")]


def test_two_who_say_at_once_that_they_have_called_have_called_once(way: Way) -> None:
    way.accepted_for(PHONE)
    (call,) = calls(way.officer)
    found = at_once(*[lambda: settle(way.officer, call["id"], call["version"]).status_code for _ in range(2)])
    assert sorted(found) in ([200, 409], [200, 412])
    assert opened("call.made") == 1


def test_what_the_officer_relays_is_told_as_such_and_needs_how_they_were_told(way: Way) -> None:
    submission = str(way.filed_for(PHONE).get_json()["id"])
    way.work()
    way.decide(submission, "return", note="Which floor?")
    assert way.officer.get(f"/v1/submissions/{submission}").get_json()["returned"]["note"] == "Which floor?"
    changes = {"body": "A sofa on the third floor."}
    assert refused(way.move(way.officer, submission, "resubmit", changes=changes)) == [("relayed", "required")]
    mended = way.move(way.officer, submission, "resubmit", changes=changes, relayed="phone")
    assert (mended.status_code, mended.get_json()["body"]) == (200, changes["body"])
    last = person(way).get(f"/v1/submissions/{submission}/timeline").get_json()["items"][-1]
    assert (last["move"], last["by"]) == ("resubmit", "assistant")
    own = way.move(person(way), submission, "withdraw", relayed="phone")
    assert refused(own) == [("relayed", "own_words")]
    colleague = way.people.staff("grid_officer", way.cell)
    assert way.move(colleague, submission, "withdraw", relayed="phone").status_code == 404


def done(way: Way, submission: str) -> None:
    for name in ("accept", "start"):
        assert way.act(way.officer, submission, name).status_code == 200
    assert way.resolve(submission).status_code == 200
    assert way.act(way.supervisor, submission, "verify").status_code == 200


def counts(way: Way) -> dict[str, int]:
    today = now().date()
    asked = f"since={today - timedelta(days=40)}&until={today + timedelta(days=40)}&area=990101"
    found = way.supervisor.get(f"/v1/figures?{asked}").get_json()["counts"]
    names = ("rated", "satisfied", "said_resolved", "indep_rated", "indep_satisfied", "unrated")
    return {name: found[name] for name in (*names, "relayed_rated", "relayed_satisfied") if found[name]}


OWN = {"rated": 1, "satisfied": 1, "said_resolved": 1, "indep_rated": 1, "indep_satisfied": 1}


@pytest.mark.parametrize("is_relayed", [True, False])
def test_what_is_relayed_of_the_outcome_closes_it_and_counts_apart(way: Way, is_relayed: bool) -> None:
    submission = way.accepted_for(PHONE)
    done(way, submission)
    said = {"resolved": True, "satisfaction": 5}
    if is_relayed:
        assert way.move(way.officer, submission, "rate", **said, relayed="in_person").status_code == 200
    else:
        assert way.move(person(way), submission, "rate", **said).status_code == 200
    assert way.officer.get(f"/v1/submissions/{submission}").get_json()["state"] == "closed"
    kept = one(select(Rating.relayed, Rating.account_id).where(Rating.submission_id == submission))
    assert kept is not None
    assert (kept.relayed, kept.account_id) == (is_relayed, person(way).account_id)
    assert counts(way) == ({"relayed_rated": 1, "relayed_satisfied": 1} if is_relayed else OWN)
    assert recount(check=True) == 0
    if is_relayed:
        assert way.move(person(way), submission, "reopen", note="It is still there.").status_code == 200
        assert counts(way) == {}, "what was relayed was said of another answer"
        assert way.act(way.officer, submission, "start").status_code == 200
        assert way.resolve(submission).status_code == 200
        assert way.act(way.supervisor, submission, "verify").status_code == 200
        assert way.move(person(way), submission, "rate", **said).status_code == 200
        assert counts(way) == OWN
        assert recount(check=True) == 0


def test_what_is_relayed_can_be_taken_out_of_the_figures_like_any_word(way: Way) -> None:
    submission = way.accepted_for(PHONE)
    done(way, submission)
    said = {"resolved": True, "satisfaction": 3, "relayed": "phone"}
    assert way.move(way.officer, submission, "rate", **said).status_code == 200
    assert counts(way) == {"relayed_rated": 1}
    other = way.people.staff("supervisor")
    assert way.act(other, submission, "exclude", note="It was about another matter.").status_code == 200
    assert counts(way) == {}
    assert way.act(other, submission, "include", note="It was not.").status_code == 200
    assert counts(way) == {"relayed_rated": 1}
    assert recount(check=True) == 0


def test_who_says_that_it_is_not_resolved_has_it_reopened_though_it_is_relayed(way: Way) -> None:
    submission = way.accepted_for(PHONE)
    done(way, submission)
    said = {"resolved": False, "satisfaction": 1, "comment": "Still there.", "relayed": "phone"}
    assert way.move(way.officer, submission, "rate", **said).get_json()["state"] == "assigned"


def test_who_has_filed_it_does_not_decide_on_it(way: Way) -> None:
    both = way.people.staff_with(Grant("grid_officer", way.cell), Grant("moderator", "990101"))
    submission = str(way.filed_for(PHONE, by=both).get_json()["id"])
    way.work()
    task = way.task(submission)["id"]
    answer = both.post(f"/v1/moderation/tasks/{task}/decision", {"decision": "accept"})
    assert answer.status_code in {403, 404, 409}
    assert way.decide(submission, "accept").status_code == 200


def test_unknown_calls_are_not_there(way: Way) -> None:
    assert way.officer.get(f"/v1/calls/{new_id()}").status_code == 404
