"""Whatever is tried on a case, by whomever and in whatever order, becomes of it what a simple model says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from participate.cases.figures import service as figures
from participate.kernel import deadlines
from participate.kernel.auth import Grant
from participate.kernel.clock import now
from participate.kernel.db import transaction
from participate.kernel.ids import new_id
from tests.cases.model import MOVES, STAFF, Modelled
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import HERE, Way, code_of

CITY = "9901"
MOST_WAITED = 10
PLACE = HERE | {"lat": HERE["lat"] + 0.01}
DRAWN = (None, None, False, True)
NOTE = "The pipe below has to be laid anew first, and that is a matter of next year's budget."
# The shortest way to the end; by chance alone few would come there.
AHEAD = {"filed": "take", "dispatched": "accept", "objected": "dispatch", "accepted": "start", "in_progress": "resolve"}
AHEAD |= {"paused": "resume", "rework": "start", "resolved": "verify"}
ROLES = ("grid_officer", "grid_officer", "dispatcher", "supervisor")
staff, moves, anybody = st.sampled_from(STAFF), st.sampled_from(MOVES), st.sampled_from(STAFF[:2])


def machine(way: Way, clock: HeldClock, draw: Callable[[bool], None]) -> type[RuleBasedStateMachine]:
    """Moves one case of `way`, and its model beside it.

    A resident has asked for it, or an officer has found and mended it; then `draw` says whether somebody verifies that.
    """
    people = {name: way.people.staff_with(Grant(role, CITY)) for name, role in zip(STAFF, ROLES, strict=True)}
    watcher, began = way.people.staff("auditor", CITY), clock.moment

    class Case(RuleBasedStateMachine):
        """Each rule does to both the same."""

        @initialize(steps=st.integers(0, len(AHEAD)), patient=st.booleans(), drawn=st.sampled_from(DRAWN))
        def open(self, steps: int, patient: bool, drawn: bool | None) -> None:
            self.model, self.waited = Modelled(), 0
            clock.moment = began  # Sessions do not last for ever.
            if drawn is None:
                self.author, self.submission = way.author, way.accepted(place=PLACE)
            else:
                draw(drawn)
                self.author, self.model = people[STAFF[0]], Modelled.mended(STAFF[0], drawn)
                self.submission = way.mended(self.author, PLACE)["submission_id"]
            self.path = f"/v1/cases/{way.case(self.submission)}"
            self.patient, self.home = patient, watcher.get(self.path).get_json()["area"]
            for _ in range(steps):
                if self.model.state in AHEAD:
                    self.go_on()

        @rule(who=staff, move=moves, to=anybody)
        def try_anything(self, who: str, move: str, to: str) -> None:
            refused = self.model.refused(who, move, to)
            answer = self.post(people[who], move, to)
            assert (refused or 200) == (200 if answer.status_code == 200 else code_of(answer)), answer.get_json()
            if refused is None:
                self.model.make(who, move, to)

        @precondition(lambda self: any(map(self.model.offered, STAFF)))
        @rule(data=st.data(), to=anybody)
        def do_what_is_offered(self, data: st.DataObject, to: str) -> None:
            offered = [(who, move) for who in STAFF for move in sorted(self.model.offered(who))]
            who, move = data.draw(st.sampled_from(offered))
            self.try_anything(who, move, to)

        @precondition(lambda self: AHEAD.get(self.model.state) in set().union(*map(self.model.offered, STAFF)))
        @rule()
        def go_on(self) -> None:
            move = AHEAD[self.model.state]
            self.try_anything(next(who for who in STAFF if move in self.model.offered(who)), move, STAFF[0])

        @rule(who=anybody)
        def countersign(self, who: str) -> None:
            shown = watcher.get(self.path).get_json()["cohandlers"]
            theirs = [each["id"] for each in shown if each["account"] == people[who].account_id]
            path = f"{self.path}/cohandlers/{theirs[-1] if theirs else new_id()}/moves"
            answer = people[who].post(path, {"move": "countersign"})
            assert (answer.status_code == 200) == self.model.countersign(who), answer.get_json()

        @precondition(lambda self: self.waited < MOST_WAITED)
        @rule()
        def let_time_pass(self) -> None:
            self.waited += 1
            clock.forward(days=30)
            deadlines.sweep()
            way.work()
            self.model.wait()

        @precondition(lambda self: self.model.begun or not self.patient)
        @rule()
        def withdraw(self) -> None:
            self.by_author("withdraw", self.model.withdraw())

        @rule()
        def be_content(self) -> None:
            self.by_author("rate", self.model.rate(), resolved=True, satisfaction=5)

        @rule()
        def say_that_it_is_not_resolved(self) -> None:
            self.by_author("reopen", self.model.reopen(), note="It is open again.")

        @rule()
        def insist(self) -> None:
            self.by_author("dispute", self.model.dispute(), note="It is open for the third time.")

        @invariant()
        def both_stand_alike(self) -> None:
            shown = watcher.get(self.path).get_json()
            holder = people[self.model.holder].account_id if self.model.holder else None
            held = {"state": self.model.state, "level": self.model.level, "version": self.model.version}
            held |= {"assignee": holder, "extensions": self.model.extensions}
            held |= {"found": self.model.found, "sampled": self.model.sampled}
            assert {name: shown[name] for name in held} == held
            invited = [each for each in shown["cohandlers"] if each["state"] != "released"]
            assert {each["account"] for each in invited} == {people[each].account_id for each in self.model.invited}
            assert (shown["extension_until"] is not None) == self.model.asked
            who = STAFF[self.model.version % len(STAFF)]
            assert set(people[who].get(self.path).get_json()["moves"]) == self.model.offered(who)

        def post(self, who: Person, move: str, to: str) -> Any:
            due_at = watcher.get(self.path).get_json()["due_at"] if move == "extend" else None
            body = {"move": move, "note": NOTE, "answer_class": "C", "waits_for": "weather"}
            body |= {"to": {"assignee": people[to].account_id}, "due_at": _an_hour_after(due_at), "to_area": self.home}
            return who.post(f"{self.path}/moves", body)

        def by_author(self, move: str, possible: bool, **fields: Any) -> None:
            answer = way.move(self.author, self.submission, move, **fields)
            assert (answer.status_code == 200) == possible, answer.get_json()

        def teardown(self) -> None:
            if hasattr(self, "path"):
                with transaction():
                    deadlines.settle(self.path.rpartition("/")[2])
                    deadlines.settle(self.submission)

    return Case


def _an_hour_after(due_at: str | None) -> str:
    return ((datetime.fromisoformat(due_at) if due_at else now()) + timedelta(hours=1)).isoformat()


def test_a_case_goes_as_its_model(way: Way, clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(drawn: bool) -> None:
        held = replace(way.app.extensions["participate.settings"], sample_percent=100 * drawn)
        monkeypatch.setitem(way.app.extensions, "participate.settings", held)

    bounded = settings(
        max_examples=12,
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    run_state_machine_as_test(machine(way, clock, draw), settings=bounded)
    # Whatever became of them, the sums are what all the rows add up to.
    assert figures.recount(check=True) == 0
