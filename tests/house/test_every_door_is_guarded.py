"""Every route has a door: who is not let in hears so before a body is read, and what is open is listed here."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from participate.accounts import tokens
from participate.accounts.models import ROLES
from participate.kernel.ids import new_id
from tests.people import People, Person

# Open to everyone, for a reason that each group names.
OPEN = {
    # Probes, and what explains the service itself.
    "GET /livez",
    "GET /readyz",
    "GET /openapi.json",
    "GET /docs/",
    "GET /docs/<path:path>",
    # Nobody has a token before they sign in.
    "POST /v1/auth/otp",
    "POST /v1/auth/otp/verify",
    "POST /v1/auth/login",
    # Public facts, and a receipt that nobody guesses.
    "GET /v1/places/lookup",
    "GET /v1/areas/<code:area>",
    "GET /v1/areas/<code:area>/children",
    "GET /v1/areas/<code:area>/boundary",
    "GET /v1/schemes",
    "GET /v1/categories",
    "GET /v1/services",
    "GET /v1/units",
    "GET /v1/units/<id:unit_id>/ledger",
    "GET /v1/receipts/<receipt>",
    "POST /v1/receipts/<receipt>/rating",
    # Who watches over a unit need not say who they are: see docs/kinds/micro_supervision.md.
    "POST /v1/supervisions",
    "GET /v1/receipts/<receipt>/updates",
    "POST /v1/receipts/<receipt>/moves",
    "GET /v1/moderation/report",
    # Whoever holds the address may go without, and needs no account for that (RFC 8058).
    "GET /v1/unsubscribe/<token>",
    "POST /v1/unsubscribe/<token>",
}
# Open to everyone, and to some with more to see.
OPTIONAL = {
    "GET /v1/submissions/<id:submission_id>/file",
    "GET /v1/submissions",
    "GET /v1/submissions/nearby",
    "GET /v1/submissions/<id:submission_id>",
    "GET /v1/submissions/<id:submission_id>/timeline",
    "GET /v1/submissions/<id:submission_id>/related",
    "GET /v1/commitments",
    "GET /v1/proposals",
    "GET /v1/members",
    "GET /v1/members/<id:account_id>/ledger",
    "GET /v1/consultations/<id:consultation_id>/statements",
    "GET /v1/consultations/<id:consultation_id>/results",
    "GET /v1/consultations/<id:consultation_id>/rounds",
    "GET /v1/consultations/<id:consultation_id>/rounds/<id:round_id>",
    "GET /v1/commitments/<id:commitment_id>",
    "GET /v1/rectifications",
    "GET /v1/rectifications/<id:rectification_id>",
    "GET /v1/photos/<id:photo_id>",
    "GET /v1/photos/<id:photo_id>/thumb",
    "GET /v1/photos/<id:photo_id>/view",
}
REFRESH = "POST /v1/auth/refresh"
HANDLING = {"grid_officer", "dispatcher", "handler", "supervisor", "auditor"}
# What begins like this is for these roles alone.
STAFF = {
    "/metrics": {"admin", "auditor"},
    "/v1/moderation/": {"moderator"},
    "/v1/cases": HANDLING,
    "/v1/submissions/assisted": {"grid_officer", "dispatcher"},
    "/v1/calls": {"grid_officer", "dispatcher"},
    "/v1/visits": {"grid_officer", "dispatcher", "supervisor"},
    "/v1/absences": {"dispatcher", "supervisor"},
    "/v1/me/absence": {"grid_officer", "handler", "dispatcher", "supervisor"},
    "/v1/dispatch/": {"admin"},
    "/v1/words/": {"admin", "desk_head"},
    "/v1/broadcasts": {"dispatcher", "supervisor"},
    "/v1/deliveries": {"admin"},
    "/v1/submissions/019aafc3-7c00-7000-8000-000000000001/deliveries": HANDLING | {"moderator", "evaluator"},
    "/v1/webhooks": {"admin", "handler"},
    "/v1/figures": HANDLING | {"admin", "desk_head", "evaluator"},
    "/v1/commitments/019aafc3-7c00-7000-8000-000000000001/moves": HANDLING,
    "/v1/clues": {"supervisor", "auditor"},
    "/v1/rectifications/019aafc3-7c00-7000-8000-000000000001/moves": {"handler", "supervisor"},
    "/v1/submissions/019aafc3-7c00-7000-8000-000000000001/unmaskings/": {"moderator", "supervisor"},
    "/v1/consultations/019aafc3-7c00-7000-8000-000000000001/outcome": {"moderator"},
    "/v1/consultations/019aafc3-7c00-7000-8000-000000000001/rounds": {"moderator"},
    "/v1/consultations/019aafc3-7c00-7000-8000-000000000001/signs": {"moderator"},
    "/v1/consultations/clusters": {"moderator"},
    "/v1/consultations/019aafc3-7c00-7000-8000-000000000001/statements/019aafc3-7c00-7000-8000-000000000001/moves": {
        "moderator"
    },
}
# Among them, these are for others.
OTHERWISE = {
    "POST /v1/visits": {"grid_officer"},
    "POST /v1/clues/<id:clue_id>/moves": {"supervisor"},
    "POST /v1/cases/<id:case_id>/rectifications": {"supervisor"},
    "POST /v1/submissions/<id:submission_id>/unmaskings/<id:unmasking_id>/moves": {
        "moderator",
        "supervisor",
        "auditor",
    },
    "POST /v1/cases/found": {"grid_officer"},
    "PATCH /v1/visits/<id:visit_id>": {"grid_officer"},
    "GET /v1/dispatch/rules": {"admin", "dispatcher", "supervisor", "auditor"},
    "GET /v1/deliveries/figures": {"admin", "auditor"},
    "GET /v1/broadcasts": {"dispatcher", "supervisor", "auditor"},
    "GET /v1/broadcasts/<id:broadcast_id>": {"dispatcher", "supervisor", "auditor"},
    "GET /v1/moderation/overdue": {"desk_head"},
    "GET /v1/moderation/silent": {"moderator", "desk_head"},
    "POST /v1/moderation/tasks/<id:task_id>/assign": {"desk_head"},
    "PUT /v1/moderation/reasons/<reason>": {"desk_head"},
    "GET /v1/moderation/reasons": {"moderator", "desk_head"},
    "GET /v1/moderation/reasons/<reason>": {"moderator", "desk_head"},
    "GET /v1/moderation/decisions/<id:batch_id>": {"moderator", "desk_head"},
    "POST /v1/moderation/decisions/<id:batch_id>/undo": {"moderator", "desk_head"},
    "GET /v1/moderation/figures": {"desk_head", "auditor"},
    "GET /v1/moderation/flags": {"moderator", "desk_head", "auditor"},
}
_DUMMY = {"id": "019aafc3-7c00-7000-8000-000000000001", "code": "990101", "path": "index.html", "": "unknown"}
_BROKEN_BODY = '{"kind": '


class Route(NamedTuple):
    """A method on a rule, and a path that it takes."""

    name: str
    method: str
    path: str


def routes(app: Flask) -> Iterator[Route]:
    """All that the application answers, except the OPTIONS that Flask gives by itself."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:(\w+):)?\w+>", lambda found: _DUMMY[found[1] or ""], rule.rule)
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            # HEAD goes where GET goes.
            yield Route(f"{'GET' if method == 'HEAD' else method} {rule.rule}", method, path)


def _knock(person: Person, route: Route, **headers: str) -> TestResponse:
    """Call with a body that no parser takes, so that an answer about it would show that it was read."""
    body = {} if route.method in {"GET", "HEAD"} else {"data": _BROKEN_BODY, "content_type": "application/json"}
    return person.request(route.method, route.path, headers=headers, **body)


def _problem(answer: TestResponse) -> str:
    assert answer.content_type == "application/problem+json"
    return "" if answer.request.method == "HEAD" else answer.get_json()["type"].rpartition(":")[2]


def _guarded(app: Flask) -> list[Route]:
    return [route for route in routes(app) if route.name not in OPEN | OPTIONAL]


def _staffed(app: Flask) -> list[tuple[Route, set[str]]]:
    found = [
        (route, roles) for route in _guarded(app) for start, roles in STAFF.items() if route.path.startswith(start)
    ]
    assert found
    assert {route.name for route, _ in found} >= OTHERWISE.keys()
    return [(route, OTHERWISE.get(route.name, roles)) for route, roles in found]


def test_the_lists_name_what_there_is(service: Flask) -> None:
    assert {route.name for route in routes(service)} >= OPEN | OPTIONAL | {REFRESH}


def test_without_a_token_every_other_route_refuses_before_the_body_is_read(service: Flask) -> None:
    nobody = People(service).nobody()
    assert len(_guarded(service)) > 20
    for route in _guarded(service):
        answer = _knock(nobody, route)
        assert answer.status_code == 401, f"{route} answers {answer.status_code}"
        assert _problem(answer) in {"sign_in", ""}
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_open_route_asks_for_no_token(people: People, app: Flask) -> None:
    for route in routes(app):
        if route.name in OPEN | OPTIONAL:
            assert _knock(people.nobody(), route).status_code not in {401, 403}, route


def test_a_token_that_is_none_opens_nothing_but_what_is_open(people: People, app: Flask) -> None:
    for route in routes(app):
        refused = _knock(people.nobody(), route, Authorization="Bearer none").status_code == 401
        assert refused == (route.name not in OPEN), route


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_the_other_kind_of_token_opens_nothing(people: People, app: Flask, kind: str) -> None:
    token = tokens.issue(new_id(), new_id(), new_id())[kind]
    for route in _guarded(app):
        is_right_kind = (route.name == REFRESH) == (kind == "refresh_token")
        answer = _knock(people.nobody(), route, Authorization=f"Bearer {token}")
        assert answer.status_code == 401
        assert _problem(answer) in {"session_ended" if is_right_kind else "bad_token", ""}, route


def test_a_resident_finds_no_way_to_a_desk(people: People, app: Flask) -> None:
    resident = people.resident()
    for route, _ in _staffed(app):
        answer = _knock(resident, route)
        assert answer.status_code == 403, route
        assert _problem(answer) in {"role_lacking", ""}


@pytest.mark.parametrize("role", ROLES)
def test_a_desk_lets_in_its_own_roles_alone(people: People, app: Flask, role: str) -> None:
    person = people.staff(role, area="")
    for route, roles in _staffed(app):
        let_in = _knock(person, route).status_code not in {401, 403}
        assert let_in == (role in roles), f"{role} at {route}"


def test_every_other_door_is_for_all_who_are_signed_in(people: People, app: Flask) -> None:
    """A door that asks for a role must be in the list above: nobody puts up a desk unseen."""
    desks = {route.name for route, _ in _staffed(app)}
    for route in _guarded(app):
        if route.name not in desks | {REFRESH}:
            # A person of their own for each: one of the routes signs out.
            assert _knock(people.resident(), route).status_code not in {401, 403}, route
