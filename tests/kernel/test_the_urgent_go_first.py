"""When there are more requests than places, the less urgent are refused first, and no place is ever lost."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from random import Random

import pytest

from participate.kernel.overload import (
    DECISION,
    EMERGENCY,
    EXPORT,
    LINE,
    LIST,
    REPORT,
    SIGN_IN,
    STATUS,
    URGENCIES,
    Ticket,
    Turnstile,
    Urgency,
)


class _Staying(Ticket):
    """One who has sent a long body."""

    def __init__(self) -> None:
        super().__init__(LIST, lambda: None, lambda: None)
        self.stays = True


AT_ONCE = 0.0  # Nobody waits for a place.
LONG = 60.0  # Nobody waits for so long: who waits is called in.


def _fill(turnstile: Turnstile, urgency: Urgency) -> int:
    """How many of one class are let in, one after the other, none of whom leaves."""
    entered = 0
    while turnstile.enter(urgency) is not None:
        entered += 1
    return entered


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as threads:
        yield threads


@pytest.fixture
def wait(pool: ThreadPoolExecutor) -> Callable[[Turnstile, Urgency], "Future[Urgency | None]"]:
    """Has somebody wait at a turnstile, and comes back once they do."""

    def waiting(turnstile: Turnstile, urgency: Urgency) -> "Future[Urgency | None]":
        _, before = turnstile.counts()
        entering = pool.submit(turnstile.enter, urgency)
        while turnstile.counts()[1] == before:
            assert not entering.done()
        return entering

    return waiting


def test_each_class_leaves_room_for_the_more_urgent() -> None:
    turnstile = Turnstile(16, AT_ONCE)
    entered = {urgency.name: _fill(turnstile, urgency) for urgency in reversed(URGENCIES)}
    assert entered == {
        "export": 4,
        "list": 6,
        "status": 2,
        "report": 2,
        "sign_in": 2,
        "decision": 0,
        "emergency": 0,
    }
    assert turnstile.counts() == (16, 0)


@pytest.mark.parametrize("urgency", [STATUS, LIST, EXPORT])
def test_a_flood_of_what_is_less_urgent_keeps_no_report_out(urgency: Urgency) -> None:
    turnstile = Turnstile(16, AT_ONCE)
    _fill(turnstile, urgency)
    assert turnstile.enter(REPORT) is REPORT
    assert turnstile.enter(DECISION) is DECISION


def test_when_the_house_fills_up_the_classes_are_shut_out_from_the_bottom() -> None:
    turnstile, shut = Turnstile(16, AT_ONCE), list[str]()
    for _ in range(16):
        turnstile.resume(DECISION)
        for urgency in reversed(URGENCIES):
            entered = turnstile.enter(urgency) if urgency is not DECISION else DECISION
            if entered is None:
                shut += [urgency.name] if urgency.name not in shut else []
            elif urgency is not DECISION:
                turnstile.leave(entered)
    assert shut == ["export", "list", "status", "report", "sign_in", "emergency"]


@pytest.mark.parametrize(("urgency", "most"), [(SIGN_IN, 8), (REPORT, 8), (DECISION, 12)])
def test_no_flood_of_one_kind_takes_all_places(urgency: Urgency, most: int) -> None:
    turnstile = Turnstile(16, AT_ONCE)
    assert _fill(turnstile, urgency) == most
    assert turnstile.enter(STATUS) is (STATUS if most < 12 else None)
    assert turnstile.enter(EMERGENCY) is EMERGENCY


def test_emergencies_have_a_few_places_of_their_own_and_go_as_reports_beyond_them() -> None:
    turnstile = Turnstile(16, AT_ONCE)
    entered = [turnstile.enter(EMERGENCY) for _ in range(16)]
    assert entered == [EMERGENCY] * 4 + [REPORT] * 8 + [None] * 4
    assert turnstile.enter(DECISION) is DECISION, "who cries emergency does not shut out who decides"


def test_an_emergency_gets_in_where_a_report_does_not() -> None:
    turnstile = Turnstile(16, AT_ONCE)
    _fill(turnstile, REPORT)
    assert turnstile.enter(EMERGENCY) is EMERGENCY


@pytest.mark.parametrize("places", [1, 2, 3])
def test_even_the_smallest_house_serves_every_class(places: int) -> None:
    for urgency in URGENCIES:
        turnstile = Turnstile(places, AT_ONCE)
        assert turnstile.enter(urgency) is urgency


def test_a_place_that_is_given_back_is_there_again() -> None:
    turnstile = Turnstile(1, AT_ONCE)
    assert turnstile.enter(REPORT) is REPORT
    assert turnstile.enter(REPORT) is None
    turnstile.leave(REPORT)
    assert turnstile.enter(REPORT) is REPORT


def test_who_has_waited_goes_in_as_soon_as_a_place_is_free(
    wait: Callable[[Turnstile, Urgency], "Future[Urgency | None]"],
) -> None:
    turnstile = Turnstile(1, LONG)
    turnstile.enter(LIST)
    waiting = wait(turnstile, LIST)
    turnstile.leave(LIST)
    assert waiting.result() is LIST
    assert turnstile.counts() == (1, 0)


def test_of_those_who_wait_the_most_urgent_is_called_first(
    wait: Callable[[Turnstile, Urgency], "Future[Urgency | None]"],
) -> None:
    turnstile = Turnstile(4, LONG)
    for _ in range(4):
        turnstile.resume(EXPORT)
    first_list, report, decision = (wait(turnstile, urgency) for urgency in (LIST, REPORT, DECISION))
    turnstile.leave(EXPORT)
    assert decision.result() is DECISION
    turnstile.leave(EXPORT)
    assert not report.done(), "the last place is kept for the most urgent"
    turnstile.leave(EXPORT)
    assert report.result() is REPORT
    turnstile.leave(EXPORT)
    assert not first_list.done()
    turnstile.leave(DECISION)
    assert first_list.result() is LIST


def test_of_two_who_could_both_go_in_the_more_urgent_goes(
    wait: Callable[[Turnstile, Urgency], "Future[Urgency | None]"],
) -> None:
    turnstile = Turnstile(3, LONG)
    for _ in range(3):
        turnstile.resume(EXPORT)
    status, report = wait(turnstile, STATUS), wait(turnstile, REPORT)  # Both reach as far in a house so small.
    for _ in range(2):
        turnstile.leave(EXPORT)
    assert report.result() is REPORT
    assert not status.done()
    turnstile.leave(REPORT)
    assert status.result() is STATUS


def test_only_a_few_may_wait(wait: Callable[[Turnstile, Urgency], "Future[Urgency | None]"]) -> None:
    turnstile = Turnstile(2, LONG)
    for _ in range(2):
        turnstile.resume(EXPORT)
    waiting = [wait(turnstile, SIGN_IN) for _ in range(2 * LINE)]
    assert turnstile.enter(SIGN_IN) is None
    turnstile.leave(EXPORT)
    for entered in waiting:  # One after the other: those who sign in may hold one place of two.
        assert entered.result() is SIGN_IN
        turnstile.leave(SIGN_IN)
    assert turnstile.counts() == (1, 0)


def test_in_a_full_line_the_more_urgent_takes_the_place_of_the_last_of_the_least(
    wait: Callable[[Turnstile, Urgency], "Future[Urgency | None]"],
) -> None:
    turnstile = Turnstile(2, LONG)
    for _ in range(2):
        turnstile.resume(EXPORT)
    first, last = (wait(turnstile, LIST) for _ in range(2))
    while turnstile.counts()[1] < 2 * LINE:
        assert turnstile.apply(_Staying())
    called = Ticket(DECISION, lambda: None, lambda: None)
    assert turnstile.apply(called)
    assert last.result() is None, "who is ousted hears so at once"
    assert not first.done()
    turnstile.leave(EXPORT)
    turnstile.leave(EXPORT)
    assert called.has_place
    turnstile.leave(DECISION)
    assert first.result() is LIST


def test_nobody_is_ousted_for_an_equal_and_who_stays_for_nobody() -> None:
    turnstile = Turnstile(2, LONG)
    for _ in range(2):
        turnstile.resume(EXPORT)
    while turnstile.apply(Ticket(DECISION, lambda: None, lambda: None)):
        continue
    assert turnstile.would_refuse(DECISION)
    assert turnstile.would_refuse(REPORT)
    waiting = turnstile.counts()[1]
    assert turnstile.apply(_Staying())
    assert turnstile.counts() == (2, waiting + 1)
    assert turnstile.would_refuse(DECISION)


def test_who_has_waited_in_vain_is_no_longer_in_line() -> None:
    turnstile = Turnstile(1, 0.001)
    turnstile.enter(REPORT)
    assert turnstile.enter(REPORT) is None
    assert turnstile.counts() == (1, 0)
    turnstile.leave(REPORT)
    assert turnstile.counts() == (0, 0)


def test_half_done_work_goes_on_though_others_have_come_in_meanwhile() -> None:
    turnstile = Turnstile(1, AT_ONCE)
    turnstile.enter(REPORT)
    turnstile.leave(REPORT)
    assert turnstile.enter(REPORT) is REPORT
    turnstile.resume(REPORT)
    assert turnstile.counts() == (2, 0)
    turnstile.leave(REPORT)
    assert turnstile.enter(REPORT) is None, "there is one too many still"


def test_after_any_crowd_every_place_is_free_again(pool: ThreadPoolExecutor) -> None:
    turnstile = Turnstile(4, 0.0005)

    def come_and_go(seed: int) -> int:
        chance, entered = Random(seed), 0
        for _ in range(300):
            found = turnstile.enter(chance.choice(URGENCIES))
            if found is not None:
                entered += 1
                turnstile.leave(found)
        return entered

    assert sum(pool.map(come_and_go, range(16))) > 0
    assert turnstile.counts() == (0, 0)
    assert _fill(Turnstile(4, AT_ONCE), DECISION) == _fill(turnstile, DECISION) == 3
