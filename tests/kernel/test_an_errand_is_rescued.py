"""Errands that would wait too long, since a wrong clock has put them off, are made due."""

import pytest
from flask import Flask

from participate.kernel import rescue
from participate.kernel.outbox import Fact, Subscriptions
from tests.conftest import HeldClock
from tests.kernel.errands import effects, elsewhere, errand, listen, tell, work

pytestmark = pytest.mark.usefixtures("app")


def test_what_a_clock_two_hours_ahead_has_put_off_is_done_now(heard: Subscriptions, clock: HeldClock) -> None:
    listen(heard)
    clock.forward(hours=2)
    facts = tell()
    clock.forward(hours=-2)
    assert work() == 0
    assert rescue.set_right() == 1
    assert work() == 1
    assert effects() == facts


def test_the_longest_pause_is_not_cut_short(app: Flask, heard: Subscriptions, clock: HeldClock) -> None:
    def fail(_fact: Fact) -> None:
        raise InterruptedError

    listen(heard, fail, max_attempts=20)
    tell()
    for _ in range(12):
        elsewhere(app)
        clock.moment = errand().next_at
    elsewhere(app)
    assert (errand().next_at - clock.moment).total_seconds() > 400
    assert rescue.set_right() == 0
