"""A subscriber in line gets a story's facts one after another; crowds are told behind everybody else's work."""

from typing import Any

from flask import Flask

from participate.kernel import errands, outbox
from participate.kernel.db import transaction
from participate.kernel.ids import new_id
from participate.kernel.outbox import Fact, Subscriptions
from tests.conftest import HeldClock
from tests.kernel.errands import KIND, elsewhere, listen, work


def tell(thread: str, **data: Any) -> str:
    with transaction():
        return outbox.record("thing.happened", "thing", new_id(), {"thread": thread} | data)


def test_nobody_gets_the_second_while_another_has_the_first(app: Flask, heard: Subscriptions) -> None:
    done = list[str]()
    listen(heard, lambda fact: done.append(fact.id), in_line=True)
    one, other = new_id(), new_id()
    first, second, apart = tell(one), tell(one), tell(other)
    claimed = errands.claim(KIND, 100)
    assert [errand.fact.id for errand in claimed] == [first, apart]
    assert elsewhere(app) == 0
    errands.attempt(claimed[0])
    assert elsewhere(app) == 1
    assert done == [first, second]


def test_what_fails_holds_up_its_own_story_until_it_is_given_up(heard: Subscriptions, clock: HeldClock) -> None:
    done = list[str]()
    story, other = new_id(), new_id()
    first, second, apart = tell_unheard(heard, done, story, story, other)
    work()
    assert done == [apart]
    for _ in range(3):
        clock.forward(hours=1)
        work()
        work()
    assert done == [apart, second], f"{first} is dead, and holds up nobody any more"


def tell_unheard(heard: Subscriptions, done: list[str], *threads: str) -> list[str]:
    """A fact for each; the first of all always fails."""
    first = list[str]()

    def act(fact: Fact) -> None:
        if fact.id == first[0]:
            raise ValueError
        done.append(fact.id)

    listen(heard, act, in_line=True, max_attempts=2)
    told = [tell(thread) for thread in threads]
    first.append(told[0])
    return told


def test_what_goes_on_takes_the_place_of_what_it_goes_on_with(heard: Subscriptions) -> None:
    done, story = list[str](), new_id()

    def act(fact: Fact) -> None:
        origin = fact.data.get("origin", fact.id)
        done.append(origin)
        if done.count(origin) < 3:
            tell(story, origin=origin)

    listen(heard, act, in_line=True)
    first, second = tell(story), tell(story)
    while work():
        pass
    assert done == [first] * 3 + [second] * 3


def test_between_two_goes_at_a_crowd_the_others_work_is_done(heard: Subscriptions) -> None:
    done, story = list[str](), new_id()

    def tell_some(_fact: Fact) -> None:
        done.append("crowd")
        if done.count("crowd") < 3:
            tell(story)

    listen(heard, tell_some, "crowd", crowd=True)
    tell(story)
    heard.by_fact["thing.happened"].clear()
    listen(heard, lambda _fact: done.append("own"), "own")
    tell(new_id())
    assert work() == 2
    assert done == ["own", "crowd"]


def test_those_who_tell_crowds_take_turns(heard: Subscriptions, clock: HeldClock) -> None:
    done = list[str]()
    for name in ("a", "b"):
        listen(heard, lambda facts, name=name: done.append(f"{name}{len(facts)}"), name, crowd=True, many=True)
    for _ in range(2):
        tell(new_id())
        clock.forward(seconds=1)
    assert [work(), work(), work()] == [2, 2, 0]
    assert sorted(done) == ["a2", "b2"]
