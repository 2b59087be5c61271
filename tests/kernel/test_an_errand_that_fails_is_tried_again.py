"""An errand that fails is tried again, later each time; one that keeps failing ends where staff see it."""

from datetime import timedelta

from flask import Flask

from participate.kernel import errands, outbox
from participate.kernel.outbox import Fact, Subscriptions
from tests.conftest import HeldClock
from tests.kernel.errands import act, effects, elsewhere, errand, listen, tell, work


def test_a_failed_errand_leaves_nothing_and_waits_longer_each_time(heard: Subscriptions, clock: HeldClock) -> None:
    def half(fact: Fact) -> None:
        act(fact)
        raise InterruptedError("with a resident's name in it")

    listen(heard, half)
    tell()
    for attempt in range(1, outbox.MAX_ATTEMPTS + 1):
        assert work() == 1
        assert work() == 0, "it is not tried again at once"
        assert effects() == []
        pause = (errand().next_at - clock()).total_seconds()
        assert 0.8 * 2**attempt <= pause <= 1.2 * 2**attempt
        assert (errand().attempts, errand().dead, errand().last_error) == (attempt, False, "InterruptedError")
        clock.forward(seconds=pause)


def test_the_pause_does_not_grow_without_end(heard: Subscriptions, clock: HeldClock) -> None:
    def fail(_fact: Fact) -> None:
        raise InterruptedError

    listen(heard, fail, max_attempts=20)
    tell()
    for _ in range(15):
        work()
        pause = (errand().next_at - clock()).total_seconds()
        clock.forward(seconds=pause)
    assert 480 <= pause <= 720


def test_an_errand_that_keeps_failing_ends_dead_and_visible(heard: Subscriptions, clock: HeldClock) -> None:
    tries = list[str]()

    def fail(fact: Fact) -> None:
        tries.append(fact.id)
        raise InterruptedError

    listen(heard, fail, max_attempts=3)
    tell()
    for _ in range(10):
        work()
        clock.forward(hours=1)
    assert len(tries) == 3
    assert outbox.backlog() == {"dead": 1}
    assert outbox.waiting_kinds() == []
    assert errand().last_error == "InterruptedError"


def test_what_was_given_up_can_be_tried_again(heard: Subscriptions, clock: HeldClock) -> None:
    trouble = [True]

    def recover(fact: Fact) -> None:
        if trouble:
            raise InterruptedError
        act(fact)

    listen(heard, recover, max_attempts=1)
    facts = tell()
    for _ in range(3):
        work()
        clock.forward(hours=1)
    (dead,) = outbox.dead()
    assert (dead.subscriber, dead.fact, dead.last_error) == ("trial", "thing.happened", "InterruptedError")
    trouble.clear()
    assert (outbox.revive(), outbox.revive()) == (1, 0)
    work()
    assert effects() == facts
    assert outbox.backlog() == {}


def test_an_errand_that_failed_succeeds_later(heard: Subscriptions, clock: HeldClock) -> None:
    trouble = [True, True]

    def recover(fact: Fact) -> None:
        act(fact)
        if trouble:
            trouble.pop()
            raise InterruptedError

    listen(heard, recover)
    facts = tell()
    for _ in range(4):
        work()
        clock.forward(minutes=1)
    assert effects() == facts
    assert outbox.backlog() == {}


def test_the_last_resort_acts_once_instead(heard: Subscriptions, clock: HeldClock) -> None:
    def fail(_fact: Fact) -> None:
        raise InterruptedError

    listen(heard, fail, give_up=act, max_attempts=2)
    facts = tell()
    for _ in range(6):
        work()
        clock.forward(hours=1)
    assert effects() == facts
    assert outbox.backlog() == {}


def test_a_late_failure_does_not_put_off_the_one_who_took_over(
    app: Flask, heard: Subscriptions, clock: HeldClock
) -> None:
    lease = timedelta(seconds=errands.LEASE.total_seconds())

    def slow(_fact: Fact) -> None:
        if errand().attempts == 1:
            clock.forward(seconds=lease.total_seconds())
            elsewhere(app)
        raise InterruptedError

    listen(heard, prepare=slow)
    tell()
    work()
    assert errand().attempts == 2
    assert errand().next_at <= clock() + timedelta(seconds=4.8)
    assert errand().next_at >= clock() + timedelta(seconds=3.2), "the pause after the second try, not the first"
