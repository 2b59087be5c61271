"""Each of the six kinds is handed in, moderated and brought to its first state; its author hears of every step."""

import statistics
import time
from collections.abc import Iterator

import pytest

from tests.journeys.callers import Caller, resident, staff
from tests.live import Live, until

CELL = "990101001001036"
# Two are promised, and a fraction of one is usual; the rest is for a busy machine.
PROMPT_SECONDS = 10.0
_FILED = ["accept", "file"]
_ROUTED = [*_FILED, "dispatch"]
# What only the kind says, its state after acceptance, who then has its case, and what is heard from acceptance on.
KINDS: dict[str, tuple[dict[str, str], str, str | None, list[str]]] = {
    "snap_report": ({}, "assigned", "grid_officer", _ROUTED),
    "micro_suggestion": ({"reason": "Cars and children meet.", "benefit": "Safety."}, "accepted", None, _FILED),
    "micro_proposal": ({"situation": "No stands.", "analysis": "E-bikes.", "ask": "60."}, "accepted", None, ["accept"]),
    "micro_consultation": ({"question": "When are the lights to go out?"}, "open", None, ["accept", "open"]),
    "micro_supervision": ({"watched": "The new road."}, "assigned", "supervisor", _ROUTED),
    "micro_service": ({"service": "S0101", "when": "mornings"}, "assigned", "grid_officer", _ROUTED),
}


@pytest.fixture(scope="module")
def delays() -> Iterator[list[float]]:
    """How long after each step its author could read of it, in seconds."""
    found: list[float] = []
    yield found
    print(f"\nupdates heard after {statistics.median(found):.2f} s (median), {max(found):.2f} s at most")  # noqa: T201


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_walks_to_its_first_state(service: Live, delays: list[float], kind: str) -> None:
    details, state, holder, heard = KINDS[kind]
    author, moderator = resident(service), staff(service, "moderator")
    made = author.hand_in(kind, details=details)
    delays.append(_heard_after(author, made["id"], ["submit", "admit"]))
    assert author.get(f"/v1/submissions/{made['id']}")["state"] == "in_moderation"
    task = moderator.wait_for_task(made["id"])
    moderator.make(f"/v1/moderation/tasks/{task['id']}/decision", {"decision": "accept"})
    delays.append(_heard_after(author, made["id"], ["submit", "admit", *heard]))
    shown = author.get(f"/v1/submissions/{made['id']}")
    assert (shown["state"], shown["details"]) == (state, details)
    assert _case(service, made["id"]) == (_first(holder) if "file" in heard else None)
    if holder:
        holding = staff(service, holder, CELL if holder == "grid_officer" else None)
        _work_begins(holding, author, made["id"], delays)


def _heard_after(author: Caller, submission_id: str, facts: list[str]) -> float:
    """Seconds until the author's updates hold exactly these facts."""
    began = time.monotonic()
    until(lambda: sorted(author.heard(submission_id)) == sorted(facts), f"updates {facts}", PROMPT_SECONDS)
    return time.monotonic() - began


def _case(service: Live, submission_id: str) -> tuple[str, bool] | None:
    """The state of a submission's case, and whether it has a holder, as the district's supervisor sees it."""
    listed = staff(service, "supervisor").items("/v1/cases", view="area")
    found = [(case["state"], case["assignee"] is not None) for case in listed if case["submission_id"] == submission_id]
    return found[0] if found else None


def _first(holder: str | None) -> tuple[str, bool]:
    return ("dispatched", True) if holder else ("filed", False)


def _work_begins(holder: Caller, author: Caller, submission_id: str, delays: list[float]) -> None:
    """Whoever has the case can act on it, and the author hears of that too."""
    case = holder.wait_for_case(submission_id)
    before = author.heard(submission_id)
    for move in ("accept", "start"):
        holder.make(f"/v1/cases/{case['id']}/moves", {"move": move})
        before = [*before, move]
        delays.append(_heard_after(author, submission_id, before))
    assert author.get(f"/v1/submissions/{submission_id}")["state"] == "in_progress"
