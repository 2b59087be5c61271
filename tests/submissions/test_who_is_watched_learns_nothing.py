"""A micro-supervision is kept from the unit watched, those below it, and all whose own work it is about, everywhere."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from participate.accounts import queries as accounts
from participate.cases import telling as case_queue
from participate.cases.queries import VIEWS
from participate.cases.rectifications.queries import VIEWS as RECTIFICATION_VIEWS
from participate.kernel.auth import Grant
from participate.kernel.clock import now
from participate.kernel.db import rows
from participate.kernel.ids import new_id
from participate.kernel.queues import QueueEvent
from participate.moderation import telling as desk_queue
from participate.moderation.queries import queue
from participate.submissions.supervisions.models import Supervision, SupervisionBar
from tests.people import Person
from tests.steps import HERE, Way, at_once, code_of, noise, upload

AREA = "990101"
# The demo district's units: one, two below it, and one that stands apart.
ABOVE, WATCHED, APART = (f"019a0000-9901-7000-8000-00000000000{number}" for number in (1, 2, 6))
ROLES = ("dispatcher", "supervisor", "evaluator", "auditor", "moderator", "desk_head", "admin")
SINCE, UNTIL = ((now() + timedelta(days=days)).date().isoformat() for days in (-20, 2))
DAYS, PERIOD = f"since={SINCE}&until={UNTIL}", f"since={SINCE}T00:00:00Z&until={UNTIL}T00:00:00Z"
# With which queries a list is read, where not with none.
QUERIES = {
    "/v1/cases": [f"view={view}" for view in VIEWS],
    "/v1/cases/route": ["lat=28.2282&lon=112.9388&crs=wgs84"],
    "/v1/submissions/nearby": ["lat=28.2282&lon=112.9388&crs=wgs84"],
    "/v1/submissions": ["", "kind=micro_supervision", "q=ledger"],
    "/v1/places/lookup": ["lat=28.2282&lon=112.9388&crs=wgs84"],
    "/v1/commitments": ["", "mine=true"],
    "/v1/rectifications": [f"view={view}" for view in RECTIFICATION_VIEWS],
    "/v1/figures": [f"area={AREA}&{DAYS}"],
    "/v1/moderation/queue": [f"view={view}" for view in queue.VIEWS] + ["kind=micro_supervision", "q=ledger"],
    "/v1/moderation/figures": [f"{PERIOD}&by={by}" for by in ("moderator", "decision", "area", "reason")],
    "/v1/moderation/flags": [PERIOD],
    "/v1/moderation/report": ["month=2026-10"],
    "/v1/deliveries/figures": [DAYS],
    "/v1/words/preview": ["kind=micro_supervision"],
}
# Streams are told of below; the rest is about the service itself.
NOT_READ = re.compile(r"/docs|/livez|/readyz|/metrics|/openapi|.*/stream$")


class Walk:
    """Everything that somebody can read, with the ids of one supervision in the places of ids."""

    def __init__(self, app: Flask, ids: dict[str, str]) -> None:
        self._rules = [
            rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not NOT_READ.match(rule.rule)
        ]
        self._ids = ids

    def lists(self, who: Person) -> dict[str, Any]:
        """What the caller reads where no id is asked for."""
        return {path: _read(who, path) for rule in self._rules if not rule.arguments for path in _asked(rule.rule)}

    def singles(self, who: Person) -> dict[str, int]:
        """What the caller hears where an id of the supervision is asked for."""
        found = {}
        for rule in self._rules:
            if rule.arguments and rule.arguments <= self._ids.keys():
                path = re.sub(r"<(?:\w+:)?(\w+)>", lambda name: self._ids[name[1]], rule.rule)
                found[rule.rule] = who.get(path).status_code
        return found


def _asked(path: str) -> Iterator[str]:
    yield from (f"{path}?{query}" for query in QUERIES.get(path, [""]))


def _read(who: Person, path: str) -> Any:
    answer = who.get(path)
    assert answer.status_code != 422, f"say in QUERIES with what {path} is read"
    return answer.status_code, answer.get_data()


def staff(way: Way, role: str, *grants: Grant) -> Person:
    """Who holds the role in the district, besides what else they hold."""
    return way.people.staff_with(Grant(role, AREA), *grants)


def of_units(way: Way, *units: str) -> dict[str, Person]:
    """For each unit somebody who belongs to it and holds all roles in the district: no single role reads more."""
    grants = [Grant(role, AREA) for role in ROLES]
    return {unit: way.people.staff_with(*grants, Grant("handler", None, unit)) for unit in units}


def supervised(way: Way, seers: list[Person], unseen: dict[str, Person], **details: str) -> dict[str, str]:
    """A supervision that is handed in, accepted and begun, of which nobody of `unseen` learns anything meanwhile."""
    way.hand_in(by=way.people.resident())  # So that something was screened before: that, too, can be read.
    before = {name: Walk(way.app, {}).lists(who) for name, who in unseen.items()}
    moderator, supervisor = seers
    photo = upload(way.author, noise()).get_json()["id"]
    way.work()
    said = {"kind": "micro_supervision", "body": "The ledger shows what was never built.", "place": HERE}
    answer = way.author.post("/v1/submissions", said | {"photo_ids": [photo], "details": details})
    assert answer.status_code == 201, answer.get_json()
    way.work()
    submission = str(answer.get_json()["id"])
    ids = {"submission_id": submission, "photo_id": photo, "task_id": way.task(submission, moderator)["id"]}
    _nothing_learned(way, ids, unseen, before)
    assert way.decide(submission, "accept", by=moderator).status_code == 200
    assert way.act(supervisor, submission, "urge", note="How does it stand?").status_code in {200, 409}
    ids |= {"case_id": way.case(submission), "receipt": "unknown"}
    _nothing_learned(way, ids, unseen, before)
    return ids


def _nothing_learned(way: Way, ids: dict[str, str], unseen: dict[str, Person], before: dict[str, Any]) -> None:
    walk = Walk(way.app, ids)
    for name, who in unseen.items():
        heard = {path: status for path, status in walk.singles(who).items() if status not in {403, 404}}
        assert not heard, f"{name} reads {heard}"
        after = walk.lists(who)
        changed = {path: (before[name][path], after[path]) for path in after if after[path] != before[name][path]}
        assert not changed, f"{name} sees a change in {changed}"
        caller = accounts.grantee(who.account_id)
        for event in rows(select(QueueEvent.queue, QueueEvent.seen, QueueEvent.shown)):
            if caller is not None and event.shown.get("submission_id") == ids["submission_id"]:
                sees = {"cases": case_queue.sees, "moderation": desk_queue.sees}[event.queue]
                assert not any(seen and sees(caller, seen) for seen in event.seen), f"{name} hears of it"


def seen_by(way: Way, ids: dict[str, str], who: Person) -> set[str]:
    """The routes on which somebody sees something of it."""
    walk = Walk(way.app, ids)
    found = {path for path, status in walk.singles(who).items() if status == 200}
    return found | {path for path, (_, read) in walk.lists(who).items() if ids["submission_id"].encode() in read}


@pytest.mark.parametrize("target", [{"target": "unit"}, {"target": "project", "watched": "The new road"}, {}])
def test_no_unit_learns_that_it_is_watched_nor_those_below_it(way: Way, target: dict[str, str]) -> None:
    seers = [way.people.staff("moderator"), way.people.staff("supervisor")]
    unseen = of_units(way, ABOVE, WATCHED) | {"handler": way.people.staff("handler", unit=ABOVE)}
    ids = supervised(way, seers, unseen, watched_unit=ABOVE, **target)
    superior = staff(way, "supervisor", Grant("handler", None, APART))
    assert "/v1/cases/<id:case_id>" in seen_by(way, ids, superior), "of another unit, they supervise as before"
    assert "/v1/moderation/tasks/<id:task_id>" in seen_by(way, ids, seers[0])
    assert {"/v1/cases?view=area", "/v1/photos/<id:photo_id>"} <= seen_by(way, ids, seers[1])


def test_who_is_above_the_unit_watched_supervises_it(way: Way) -> None:
    seers = [way.people.staff("moderator"), staff(way, "supervisor", Grant("handler", None, ABOVE))]
    ids = supervised(way, seers, of_units(way, WATCHED), target="unit", watched_unit=WATCHED)
    assert "/v1/cases?view=area" in seen_by(way, ids, seers[1])


def test_where_nobody_has_said_which_unit_it_is_kept_from_all(way: Way) -> None:
    seers = [way.people.staff("moderator"), way.people.staff("supervisor")]
    ids = supervised(way, seers, of_units(way, WATCHED, APART), watched="Some office")
    assert "/v1/cases?view=area" in seen_by(way, ids, seers[1])


@pytest.fixture
def handled(way: Way) -> tuple[str, dict[str, Person]]:
    """A submission of the author's that is answered, and all who had a part in that: each supervises here, too."""
    both = [Grant("supervisor", AREA), Grant("moderator", AREA)]
    way.moderator = way.people.staff_with(*both)
    way.officer = way.people.staff_with(Grant("grid_officer", way.cell), *both)
    way.dispatcher = way.people.staff_with(Grant("dispatcher", AREA), *both)
    fellow, deputy = (way.people.staff_with(Grant("grid_officer", way.cell), *both) for _ in range(2))
    submission, mine = way.accepted(), {"assignee": way.officer.account_id}
    asked = {"to": {"assignee": fellow.account_id}, "note": "Help."}
    assert way.act(way.dispatcher, submission, "reassign", to=mine, note="Yours.").status_code == 200
    assert way.act(way.officer, submission, "accept").status_code == 200
    assert way.act(way.dispatcher, submission, "invite", **asked).status_code == 200
    away = {"deputy": deputy.account_id, "ends_at": (now() + timedelta(days=3)).isoformat()}
    assert way.officer.put("/v1/me/absence", away).status_code < 300
    unseen = {"moderator": way.moderator, "officer": way.officer, "dispatcher": way.dispatcher, "fellow": fellow}
    return submission, unseen | {"deputy": deputy}


def test_nobody_learns_that_their_own_work_is_watched(way: Way, handled: tuple[str, dict[str, Person]]) -> None:
    watched, concerned = handled
    seers = [way.people.staff("moderator"), way.people.staff("supervisor")]
    ids = supervised(way, seers, concerned, target="case", watched_submission=watched)
    assert "/v1/cases?view=area" in seen_by(way, ids, seers[1])
    later = way.supervisor
    assert "/v1/cases?view=area" in seen_by(way, ids, later), "they have nothing to do with it yet"
    assert way.act(later, watched, "urge", note="How does it stand?").status_code == 200
    assert not seen_by(way, ids, later) - {"/v1/photos/<id:photo_id>"}
    assert way.author.get(f"/v1/submissions/{ids['submission_id']}").status_code == 200


def test_who_comes_to_a_case_while_it_is_handed_in_is_not_missed(way: Way) -> None:
    watched = way.started()
    other, moderator = way.people.staff("supervisor"), way.people.staff("moderator")
    said = {"kind": "micro_supervision", "body": "Nothing is done.", "place": HERE}
    said |= {"details": {"target": "case", "watched_submission": watched}}
    urging = f"/v1/cases/{way.case(watched)}/moves"
    handed_in, urged = at_once(
        lambda: way.author.post("/v1/submissions", said),
        lambda: other.post(urging, {"move": "urge", "note": "How does it stand?"}),
    )
    assert (handed_in.status_code, urged.status_code) == (201, 200)
    way.work()
    submission = handed_in.get_json()["id"]
    assert way.decide(submission, "accept", by=moderator).status_code == 200
    assert other.get(f"/v1/submissions/{submission}").status_code == 404
    bars = [row.who for row in rows(select(SupervisionBar.who).where(SupervisionBar.submission_id == submission))]
    assert len(bars) == len(set(bars))


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"target": "unit"}, "watched_unit"),
        ({"target": "unit", "watched_unit": new_id()}, "watched_unit"),
        ({"target": "project", "watched_unit": WATCHED}, "watched"),
        ({"target": "project", "watched": "A road"}, "watched_unit"),
        ({"target": "case"}, "watched_submission"),
        ({"target": "case", "watched_submission": new_id()}, "watched_submission"),
        ({"target": "bridge"}, "target"),
    ],
)
def test_what_is_watched_must_be_there(way: Way, details: dict[str, str], field: str) -> None:
    answer = way.author.post(
        "/v1/submissions", {"kind": "micro_supervision", "body": "Look.", "place": HERE, "details": details}
    )
    assert answer.status_code == 422
    assert [each["field"] for each in answer.get_json()["errors"]] == [f"details.{field}"]


def test_one_watches_over_what_one_sees_and_over_answers_that_were_given(way: Way) -> None:
    strangers = way.accepted("micro_service", by=way.people.resident())
    waiting, proposal = way.hand_in(), way.accepted("micro_proposal")
    for target, of in (("case", strangers), ("case", waiting), ("answer", proposal), ("answer", way.accepted())):
        details = {"target": target, "watched_submission": of}
        body = {"kind": "micro_supervision", "body": "Look.", "place": HERE, "details": details}
        assert code_of(way.author.post("/v1/submissions", body)) == (422, "invalid")
    way.hand_in("micro_supervision", details={"target": "case", "watched_submission": proposal})


def test_a_moderator_says_what_is_watched_where_its_author_has_not(way: Way) -> None:
    submission = way.hand_in("micro_supervision", details=None)
    theirs = staff(way, "moderator", Grant("handler", None, APART))
    path = f"/v1/moderation/tasks/{way.task(submission)['id']}"
    assert theirs.get(path).status_code == 404, "it may be about their unit"
    answer = way.moderator.patch(path, {"details": {"target": "unit", "watched_unit": WATCHED}})
    assert answer.status_code == 200
    assert theirs.get(path).status_code == 200
    assert way.decide(submission, "accept").status_code == 200


def test_what_names_nothing_that_is_watched_is_not_accepted_before_a_moderator_does(way: Way) -> None:
    submission = way.hand_in("micro_supervision", details=None)
    path = f"/v1/moderation/tasks/{way.task(submission)['id']}"
    refused = way.decide(submission, "accept")
    assert refused.status_code == 422
    assert [(each["field"], each["code"]) for each in refused.get_json()["errors"]] == [("details.target", "required")]
    assert way.moderator.get(path).get_json()["state"] == "waiting", "nothing has happened"
    lacking = way.decide(submission, "accept", edits={"details": {"target": "unit"}})
    assert [each["field"] for each in lacking.get_json()["errors"]] == ["details.watched_unit"]
    edits = {"details": {"target": "unit", "watched_unit": WATCHED}}
    assert way.decide(submission, "accept", edits=edits).status_code == 200
    (kept,) = rows(select(Supervision.target, Supervision.unit).where(Supervision.id == submission))
    assert (kept.target, kept.unit) == ("unit", WATCHED)


@pytest.mark.parametrize(
    ("named", "target"), [("watched", "project"), ("watched_unit", "unit"), ("watched_submission", "case")]
)
def test_what_is_named_says_what_is_watched(way: Way, named: str, target: str) -> None:
    said = {named: {"watched": "The new road", "watched_unit": WATCHED}.get(named) or way.accepted()}
    submission, moderator = way.hand_in("micro_supervision", details=said), way.people.staff("moderator")
    assert way.decide(submission, "accept", by=moderator).status_code == 200
    (kept,) = rows(select(Supervision.target).where(Supervision.id == submission))
    assert kept.target == target
    assert way.author.get(f"/v1/submissions/{submission}").get_json()["details"] == said, "as its author has said it"


def test_an_answer_is_watched_over_from_its_filing_to_the_supervisor_and_nobody_who_gave_it_learns(way: Way) -> None:
    """A proposal that was answered and audited: its unit's people, who answered and who audited it, are kept out."""
    proposal, both = way.accepted("micro_proposal"), [Grant("supervisor", AREA), Grant("moderator", AREA)]
    filer = way.people.staff_with(*both)
    assert way.move(filer, proposal, "file").status_code == 200
    answerer, auditor = (way.people.staff_with(Grant("grid_officer", way.cell), *both) for _ in range(2))
    to = {"assignee": answerer.account_id}
    assert way.act(way.dispatcher, proposal, "dispatch", to=to).status_code == 200
    for name in ("accept", "start"):
        assert way.act(answerer, proposal, name).status_code == 200
    reply = {"note": "Sixty stands were put up at the north gate on Monday.", "answer_class": "A"}
    assert way.act(answerer, proposal, "resolve", **reply).status_code == 200
    details = {"target": "answer", "watched_submission": proposal}
    body = {"kind": "micro_supervision", "body": "Nobody has put up anything.", "place": HERE, "details": details}
    assert way.author.post("/v1/submissions", body).status_code == 422, "nobody has read an answer yet"
    assert way.act(auditor, proposal, "verify").status_code == 200
    unseen = {"filer": filer, "answerer": answerer, "auditor": auditor}
    seers = [way.people.staff("moderator"), way.people.staff("supervisor")]
    ids = supervised(way, seers, unseen, **details)
    assert "/v1/cases?view=area" in seen_by(way, ids, seers[1])
    (kept,) = rows(select(Supervision.target, Supervision.thread_id).where(Supervision.id == ids["submission_id"]))
    assert (kept.target, kept.thread_id) == ("answer", proposal)
    case = seers[1].get(f"/v1/cases/{ids['case_id']}").get_json()
    holder = seers[1] if case["assignee"] == seers[1].account_id else way.supervisor
    assert case["assignee"] == holder.account_id
    for name in ("accept", "start"):
        assert way.act(holder, ids["submission_id"], name).status_code == 200
    assert way.author.get(f"/v1/submissions/{ids['submission_id']}").get_json()["state"] == "in_progress"
