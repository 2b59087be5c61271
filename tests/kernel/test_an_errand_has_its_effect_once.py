"""Whatever becomes of the workers, what a subscriber does about a fact is done once."""

from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from participate.kernel import errands, logs, outbox
from participate.kernel.context import settings
from participate.kernel.db import in_transaction, one, transaction
from participate.kernel.ids import new_id
from participate.kernel.outbox import Fact, OutboxErrand, Subscriptions
from participate.kernel.wake import WAKE_LIST, connect
from tests.conftest import HeldClock
from tests.kernel.errands import KIND, act, effects, elsewhere, errand, listen, tell, work
from tests.steps import at_once


def test_two_workers_share_the_errands(app: Flask, heard: Subscriptions) -> None:
    listen(heard)
    facts = tell(60)

    def until_done() -> int:
        with app.app_context():
            done = 0
            while claimed := work(7):
                done += claimed
            return done

    assert sum(at_once(until_done, until_done)) == 60
    assert effects() == sorted(facts)
    assert outbox.backlog() == {}


def test_each_subscriber_acts_by_itself(heard: Subscriptions) -> None:
    def fail(_fact: Fact) -> None:
        raise InterruptedError

    listen(heard, fail, "fails")
    listen(heard, act, "acts")
    facts = tell(3)
    assert work() == 6
    assert effects() == sorted(facts)
    assert outbox.backlog() == {KIND: 3}


def test_a_fact_that_was_rolled_back_reaches_nobody(heard: Subscriptions) -> None:
    listen(heard)
    with pytest.raises(InterruptedError), transaction():
        outbox.record("thing.happened", "thing", new_id())
        raise InterruptedError
    assert work() == 0


def test_a_worker_is_woken_once_when_facts_have_landed(heard: Subscriptions) -> None:
    listen(heard)
    client = connect(settings().redis_url)
    client.delete(WAKE_LIST)
    with transaction():
        for _ in range(3):
            outbox.record("thing.happened", "thing", new_id())
        assert client.lrange(WAKE_LIST, 0, -1) == []
    assert client.lrange(WAKE_LIST, 0, -1) == [KIND.encode()]
    with pytest.raises(InterruptedError), transaction():
        outbox.record("thing.happened", "thing", new_id())
        raise InterruptedError
    assert client.llen(WAKE_LIST) == 1


def test_what_is_prepared_outside_is_handed_to_the_handler(heard: Subscriptions) -> None:
    seen = list[Any]()

    def prepare(fact: Fact) -> tuple[str, bool]:
        return fact.name, in_transaction()

    listen(heard, lambda fact, prepared: seen.append((prepared, in_transaction())), prepare=prepare)
    tell()
    work()
    assert seen == [(("thing.happened", False), True)]


def test_the_request_s_id_follows_into_the_job(heard: Subscriptions) -> None:
    seen = list[str]()
    listen(heard, lambda _fact: seen.append(logs.request_id.get()))
    logs.begin("request-7")
    tell()
    logs.begin("another")
    work()
    assert seen == ["request-7"]


def test_a_lease_that_runs_out_is_taken_over_and_the_first_worker_comes_too_late(
    app: Flask, heard: Subscriptions, clock: HeldClock
) -> None:
    taken = list[int]()

    def slow(_fact: Fact) -> None:
        if not taken:
            taken.append(elsewhere(app))
            clock.forward(seconds=errands.LEASE.total_seconds())
            taken.append(elsewhere(app))

    calls = list[str]()

    def handle(fact: Fact, *_prepared: Any) -> None:
        calls.append(fact.id)
        act(fact)

    listen(heard, handle, prepare=slow)
    facts = tell()
    work()
    assert taken == [0, 1], "another worker gets it when the lease is over, not before"
    assert calls == effects() == facts
    assert outbox.backlog() == {}


def test_while_another_has_it_in_hand_the_first_worker_s_late_finish_has_no_effect(
    app: Flask, heard: Subscriptions, clock: HeldClock
) -> None:
    taken_over, too_late, acted = Event(), Event(), list[int]()

    def slow(_fact: Fact) -> int:
        attempt = int(errand().attempts)
        if attempt == 1:
            clock.forward(seconds=errands.LEASE.total_seconds())
            other.start()
            assert taken_over.wait(10)
        else:
            taken_over.set()
            assert too_late.wait(10)
        return attempt

    def handle(fact: Fact, attempt: int) -> None:
        acted.append(attempt)
        act(fact)

    other = Thread(target=elsewhere, args=(app,))
    listen(heard, handle, prepare=slow)
    facts = tell()
    work()
    assert (acted, effects()) == ([], [])
    too_late.set()
    other.join(10)
    assert (acted, effects()) == ([2], facts)


def test_a_worker_that_died_loses_no_errand(heard: Subscriptions, clock: HeldClock) -> None:
    class Killed(BaseException):
        pass

    deaths = [Killed]

    def die(fact: Fact) -> None:
        act(fact)
        if deaths:
            raise deaths.pop()

    listen(heard, die)
    facts = tell()
    with pytest.raises(Killed):
        work()
    assert effects() == []
    clock.forward(seconds=errands.LEASE.total_seconds() - 1)
    assert work() == 0
    clock.forward(seconds=1)
    assert outbox.waiting_kinds() == [KIND]
    assert work() == 1
    assert effects() == facts


def test_an_errand_for_a_subscriber_that_only_a_newer_release_knows_holds_up_nobody(heard: Subscriptions) -> None:
    listen(heard, act, "newer")
    listen(heard, act, "known")
    facts = tell(3)
    del heard.by_name["newer"]
    assert work() == 6
    assert effects() == sorted(facts)
    found = one(select(func.count()).where(OutboxErrand.subscriber == "newer", OutboxErrand.dead.is_(False)))
    assert found is not None
    assert found[0] == 3
