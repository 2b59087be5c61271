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

from participate.cases.figures import recounting as figures
from participate.kernel import deadlines
from participate.kernel.auth import Grant
from participate.kernel.clock import now
from participate.kernel.db import transaction
from participate.kernel.ids import new_id
from tests.cases.model import MOVES, OPEN, STAFF, Modelled
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
of_which = st.integers(0, 2)
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
                self.go_on(0)

        def either(self, which: int) -> tuple[str, Modelled]:
            """The case, or one of its parts: where it is found, and its model."""
            if not which or not self.model.parts:
                return self.path, self.model
            number = which % len(self.model.parts)
            return f"/v1/cases/{self.parts()[number]['id']}", self.model.parts[number]

        def parts(self) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = watcher.get(self.path).get_json()["parts"]
            return found

        @rule(who=staff, move=moves, to=anybody, which=of_which)
        def try_anything(self, who: str, move: str, to: str, which: int) -> None:
            path, model = self.either(which)
            refused = model.refused(who, move, to)
            answer = self.post(path, people[who], move, to)
            assert (refused or 200) == (200 if answer.status_code == 200 else code_of(answer)), answer.get_json()
            if refused is None:
                model.make(who, move, to)

        @rule(data=st.data(), to=anybody, which=of_which)
        def do_what_is_offered(self, data: st.DataObject, to: str, which: int) -> None:
            _, model = self.either(which)
            offered = [(who, move) for who in STAFF for move in sorted(model.offered(who))]
            if offered:
                who, move = data.draw(st.sampled_from(offered))
                self.try_anything(who, move, to, which)

        @rule(which=of_which)
        def go_on(self, which: int) -> None:
            _, model = self.either(which)
            move = AHEAD.get(model.state, "")
            who = next((who for who in STAFF if move in model.offered(who)), None)
            if who:
                self.try_anything(who, move, STAFF[0], which)

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
            for each in (self.model, *self.model.parts):
                each.wait()
            self.model.end()

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
            self.alike(self.path, self.model)
            assert [part["state"] for part in self.parts()] == [part.state for part in self.model.parts]
            path, part = self.either(self.model.version)
            if part.state != "cancelled":  # What befell it at the same moment may have come first.
                self.alike(path, part)

        def alike(self, path: str, model: Modelled) -> None:
            shown = watcher.get(path).get_json()
            holder = people[model.holder].account_id if model.holder else None
            held = {"state": model.state, "level": model.level, "version": model.version}
            held |= {"assignee": holder, "extensions": model.extensions}
            held |= {"found": model.found, "sampled": model.sampled}
            assert {name: shown[name] for name in held} == held
            invited = [each for each in shown["cohandlers"] if each["state"] != "released"]
            assert {each["account"] for each in invited} == {people[each].account_id for each in model.invited}
            assert (shown["extension_until"] is not None) == model.asked
            who = STAFF[model.version % len(STAFF)]
            assert set(people[who].get(path).get_json()["moves"]) == model.offered(who)

        def post(self, path: str, who: Person, move: str, to: str) -> Any:
            due_at = watcher.get(path).get_json()["due_at"] if move == "extend" else None
            body = {"move": move, "note": NOTE, "answer_class": "C", "waits_for": "weather", "title": "A part"}
            body |= {"to": {"assignee": people[to].account_id}, "due_at": _an_hour_after(due_at), "to_area": self.home}
            return who.post(f"{path}/moves", body | {"part": self.one_of_them(move)})

        def one_of_them(self, move: str) -> str:
            """The first part with which the move could be made."""
            fit = self.model.first(*({"closed"} if move == "reopen_part" else OPEN))
            parts = self.parts() if fit and move in {"reopen_part", "drop_part"} else []
            return str(parts[self.model.parts.index(fit)]["id"]) if fit and parts else new_id()

        def by_author(self, move: str, possible: bool, **fields: Any) -> None:
            answer = way.move(self.author, self.submission, move, **fields)
            assert (answer.status_code == 200) == possible, answer.get_json()
            self.model.end()

        def teardown(self) -> None:
            if hasattr(self, "path"):
                with transaction():
                    for case in (self.path.rpartition("/")[2], *(part["id"] for part in self.parts())):
                        deadlines.settle(case)
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
