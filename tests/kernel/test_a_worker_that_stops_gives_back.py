"""A worker that is told to stop ends the errand at hand, and what it has claimed besides waits for nobody's lease."""

from itertools import count

from sqlalchemy import select

from participate.kernel import errands
from participate.kernel.db import rows
from participate.kernel.outbox import OutboxErrand, Subscriptions
from tests.conftest import HeldClock
from tests.kernel.errands import KIND, act, effects, listen, tell, work


def test_what_was_not_begun_is_due_again_at_once(heard: Subscriptions, clock: HeldClock) -> None:
    listen(heard, act)
    facts, looked = tell(5), count()
    assert errands.work_off(KIND, 100, lambda: next(looked) >= 2) == 0
    assert len(effects()) == 2
    held = OutboxErrand
    left = rows(select(held.attempts, held.next_at))
    assert [(row.attempts, row.next_at) for row in left] == [(0, clock())] * 3, "as though they had not been claimed"
    assert work() == 3
    assert effects() == sorted(facts)


def test_what_another_worker_has_taken_over_meanwhile_is_left_alone(heard: Subscriptions, clock: HeldClock) -> None:
    listen(heard, act)
    tell(2)
    claimed = errands.claim(KIND, 2)
    clock.forward(minutes=1)
    errands.claim(KIND, 2)
    errands._give_back(claimed)
    held = OutboxErrand
    assert {row.attempts for row in rows(select(held.attempts))} == {2}
    assert work() == 0
