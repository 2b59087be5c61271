"""No journey has a state that nothing leads to, or one that nothing leads out of unless it is meant to be the end."""

import pytest

from participate.cases.clues.workflow import CLUE
from participate.cases.cohandlers.workflow import COHANDLING
from participate.cases.commitments.workflow import COMMITMENT
from participate.cases.parts.workflow import PART
from participate.cases.rectifications.workflow import RECTIFICATION
from participate.cases.workflow import CASE, FOLLOWS
from participate.consultations.workflow import ROUND, STATEMENT
from participate.kernel.workflow import Workflow
from participate.submissions.following import CASE as CASE_DESK
from participate.submissions.unmasking.workflow import UNMASKING
from participate.submissions.workflow import SUBMISSION
from participate.updates.broadcasts.workflow import BROADCAST

# Where a journey may end for good; `closed` is left again by whoever reopens, `sent` by whoever stops what still waits.
FINAL = {
    "submission": {"withdrawn"},
    "case": {"cancelled"},
    "part": {"cancelled"},
    "commitment": {"kept", "superseded"},
}
FINAL |= {
    "statement": set(),
    "rectification": {"rectified", "unmet"},
    "clue": {"taken_up", "dismissed"},
    "unmasking": {"granted", "refused", "lapsed"},
    "round": {"over", "cancelled", "dropped"},
    "cohandler": {"released"},
    "broadcast": {"refused", "stopped"},
}
# What opens a consultation is its acceptance, which needs no case.
WITHOUT_A_CASE = {"open"}
STAGES = ["intake", "moderation", "triage", "decision", "action", "verification", "evaluation", "feedback"]


@pytest.fixture(
    params=[
        SUBMISSION,
        CASE,
        PART,
        COMMITMENT,
        COHANDLING,
        CLUE,
        UNMASKING,
        RECTIFICATION,
        STATEMENT,
        ROUND,
        BROADCAST,
    ],
    ids=lambda flow: flow.name,
)
def flow(request: pytest.FixtureRequest) -> Workflow:
    found: Workflow = request.param
    return found


def _reached(flow: Workflow) -> set[str]:
    found, before = {flow.initial}, set[str]()
    while found != before:
        before = set(found)
        found |= {move.target for move in flow.moves if move.target and move.sources & before}
    return found


def test_every_state_is_reached(flow: Workflow) -> None:
    assert _reached(flow) == set(flow.states)


def test_every_state_is_left_unless_it_is_the_end(flow: Workflow) -> None:
    left = {source for move in flow.moves for source in move.sources if move.target not in {None, source}}
    assert set(flow.states) - left == FINAL[flow.name]


def test_every_way_leads_to_an_end(flow: Workflow) -> None:
    """From every state there is a way to `closed` or to a final state: nothing goes round for ever."""
    ends, before = FINAL[flow.name] | {"closed", "shown"} & set(flow.states), set[str]()
    while ends != before:
        before = set(ends)
        ends |= {source for move in flow.moves if move.target in before for source in move.sources}
    assert ends == set(flow.states)


def test_every_move_leads_between_states_of_the_table(flow: Workflow) -> None:
    for move in flow.moves:
        assert move.sources, move.name
        assert move.sources | {move.target or flow.initial} <= set(flow.states), move.name


def test_every_state_has_a_stage_of_the_chain(flow: Workflow) -> None:
    assert set(flow.stages.values()) <= set(STAGES)


def test_the_submission_passes_every_stage_of_the_chain() -> None:
    assert list(dict.fromkeys(SUBMISSION.stages.values())) == STAGES


def test_what_follows_the_case_has_a_move_of_the_case_to_follow() -> None:
    following = {move.name for move in SUBMISSION.moves if move.through == CASE_DESK}
    assert following == set(FOLLOWS.values()) | WITHOUT_A_CASE
    assert set(FOLLOWS) <= set(CASE.by_name)


def test_every_duty_that_is_started_is_stopped(flow: Workflow) -> None:
    """A clock that no move stops would run out on those who have long done their part."""
    started = {duty for move in flow.moves for duty in move.starts}
    stopped = {duty for move in flow.moves for duty in move.stops}
    assert started <= stopped
