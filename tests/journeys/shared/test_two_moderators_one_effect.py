"""Two moderators decide contrarily on the same task in the same moment: one decision has effect, whole, and once."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from threading import Barrier
from typing import Any

import pytest

from tests.journeys.callers import Caller, resident, staff
from tests.live import Live, until

PAIRS = 100
DECISIONS: list[dict[str, str]] = [
    {"decision": "accept"},
    {"decision": "reject", "reason": "unclear", "note": "Nothing can be seen."},
]
REFUSED = {409, 412}


@pytest.fixture(scope="module")
def author(service: Live) -> Caller:
    """Who has handed in what is decided on."""
    return resident(service)


@pytest.fixture(scope="module")
def tasks(service: Live, author: Caller) -> list[dict[str, Any]]:
    """A hundred tasks in the queue."""
    made = {author.hand_in()["id"] for _ in range(PAIRS)}
    moderator = staff(service, "moderator")

    def found() -> list[dict[str, Any]]:
        return [task for task in moderator.items("/v1/moderation/queue") if task["submission_id"] in made]

    until(lambda: len(found()) == PAIRS, "all tasks")
    return found()


@pytest.fixture(scope="module")
def outcomes(service: Live, tasks: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """The status codes that acceptance and rejection of each task got, sent at once."""
    start = Barrier(2)

    def decide(moderator: Caller, decisions: Iterator[dict[str, str]]) -> list[tuple[str, int]]:
        codes = []
        for task, decision in zip(tasks, decisions, strict=False):
            start.wait(60)
            answer = moderator.post(f"/v1/moderation/tasks/{task['id']}/decision", decision)
            codes.append((decision["decision"], answer.status_code))
        return codes

    moderators = [staff(service, "moderator", nth=nth) for nth in range(2)]
    with ThreadPoolExecutor(2) as pool:
        # Each accepts every other task, so that neither decision is always the one that is sent first.
        both = pool.map(decide, moderators, (cycle(DECISIONS), cycle(DECISIONS[::-1])))
        return [(dict(pair)["accept"], dict(pair)["reject"]) for pair in zip(*both, strict=True)]


def test_one_of_each_pair_has_effect(outcomes: list[tuple[int, int]]) -> None:
    assert len(outcomes) == PAIRS
    assert [pair for pair in outcomes if min(pair) != 200 or max(pair) not in REFUSED] == []


def test_the_effect_is_whole_and_once(
    service: Live, author: Caller, tasks: list[dict[str, Any]], outcomes: list[tuple[int, int]]
) -> None:
    accepted = {task["submission_id"] for task, (accept, _) in zip(tasks, outcomes, strict=True) if accept == 200}
    for task in tasks:
        submission = task["submission_id"]
        author.wait_for_state(submission, "assigned" if submission in accepted else "rejected")
        moves = Counter(step["move"] for step in author.items(f"/v1/submissions/{submission}/timeline"))
        told = {"accept": 1, "reject": 0} if submission in accepted else {"accept": 0, "reject": 1}
        assert {move: moves[move] for move in told} == told
    decided_on = {task["submission_id"] for task in tasks}
    cases = Counter(case["submission_id"] for case in staff(service, "supervisor").items("/v1/cases", view="area"))
    assert {each: cases[each] for each in decided_on & set(cases)} == dict.fromkeys(accepted, 1)
