"""Every operation that takes an id answers another's id as it would one that names nothing."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from tests.journeys.callers import Caller, resident, sample_photo, staff
from tests.live import Live

METHODS = {"get", "post", "put", "patch", "delete"}
# A resident has no business at the desks at all, whatever the id; elsewhere an id of another's is not there.
AT_DESKS = {"task_id", "case_id"}
DESKS = ("/v1/moderation/", "/v1/submissions/{submission_id}/deliveries")
# Whose role has no business there hears so whatever the id; not more than that.
NOTHING = {"case_id": "019aafc3-7c00-7000-8000-000000000001"}
# What only some submissions have: those filed by somebody else for their author, supervisions, and proposals.
OF_SOME = tuple(f"/v1/submissions/{{submission_id}}/{name}" for name in ("assisted", "unmaskings", "file"))


@dataclass(frozen=True)
class Operation:
    """An operation of the contract, to be called with ids of somebody's choice."""

    method: str
    path: str
    example: Any

    @property
    def ids(self) -> set[str]:
        """The names of its path parameters."""
        return set(re.findall(r"{(\w+)}", self.path))

    @property
    def is_at_a_desk(self) -> bool:
        """Whether a resident has no business there."""
        return bool(self.ids & AT_DESKS) or self.path.startswith(DESKS)

    def status_for(self, caller: Caller, ids: dict[str, str]) -> int:
        """The status that `caller` gets for these ids, with the contract's own example as the body."""
        return caller.request(self.method, self.path.format(**ids), json=self.example).status_code


@pytest.fixture(scope="module")
def operations(service: Live) -> list[Operation]:
    """All that the contract offers, but for streams: they tell what a list does, and have no end."""
    contract = resident(service).get("/openapi.json")
    return [
        Operation(method, path, _example(described))
        for path, methods in contract["paths"].items()
        for method, described in methods.items()
        if method in METHODS and not _is_stream(described)
    ]


def _is_stream(described: dict[str, Any]) -> bool:
    return "text/event-stream" in described["responses"].get("200", {}).get("content", {})


def _example(described: dict[str, Any]) -> Any:
    content = described.get("requestBody", {}).get("content", {})
    return content.get("application/json", {}).get("example")


@pytest.fixture(scope="module")
def owner(service: Live) -> Caller:
    """Whose things they are."""
    return resident(service)


@pytest.fixture(scope="module")
def stranger(service: Live) -> Caller:
    """A resident who wants to see them."""
    return resident(service, "+8613800000002")


@pytest.fixture(scope="module")
def private(service: Live, owner: Caller) -> dict[str, str]:
    """The owner's, by the contract's parameter names; the submission waits for moderation, another has a case."""
    moderator = staff(service, "moderator")
    made = owner.hand_in(photos=(sample_photo(),))
    accepted = owner.hand_in("micro_service", details={"service": "S0101"})
    task = moderator.wait_for_task(accepted["id"])
    moderator.make(f"/v1/moderation/tasks/{task['id']}/decision", {"decision": "accept"})
    owner.wait_for_state(made["id"], "in_moderation")
    sessions = owner.get("/v1/auth/sessions")["items"]
    return {
        "submission_id": made["id"],
        "photo_id": made["photos"][0]["id"],
        "session_id": next(session["id"] for session in sessions if session["present"]),
        "task_id": moderator.wait_for_task(made["id"])["id"],
        "case_id": staff(service, "grid_officer").wait_for_case(accepted["id"])["id"],
    }


def test_another_resident_finds_nothing(operations: list[Operation], stranger: Caller, private: dict[str, str]) -> None:
    tried = [operation for operation in operations if operation.ids and operation.ids <= private.keys()]
    assert len(tried) > 10
    for operation in tried:
        expected = 403 if operation.is_at_a_desk else 404
        assert operation.status_for(stranger, private) == expected, operation


def test_the_owner_finds_it(operations: list[Operation], owner: Caller, private: dict[str, str]) -> None:
    """Otherwise the test above could pass on ids that name nothing."""
    found = {
        operation.path: operation.status_for(owner, private)
        for operation in operations
        if operation.method == "get" and operation.ids and operation.ids <= {"submission_id", "photo_id"}
        if not operation.is_at_a_desk and operation.path not in OF_SOME
    }
    assert len(found) > 4
    assert found == dict.fromkeys(found, 200)


def test_the_officer_next_door_finds_no_case(
    service: Live, operations: list[Operation], private: dict[str, str]
) -> None:
    officer, neighbour = (staff(service, "grid_officer", nth=nth) for nth in range(2))
    tried = [operation for operation in operations if operation.ids == {"case_id"}]
    assert tried
    for operation in tried:
        status = operation.status_for(neighbour, private)
        assert status == 404 or (status == 403 and operation.status_for(neighbour, NOTHING) == 403), operation
        if operation.method == "get" and status == 404:
            assert operation.status_for(officer, private) == 200, operation


def test_no_list_holds_anothers_things(operations: list[Operation], stranger: Caller, private: dict[str, str]) -> None:
    for operation in operations:
        if operation.method == "get" and not operation.ids:
            said = stranger.request("GET", operation.path).text
            assert [name for name, value in private.items() if value in said] == [], operation
