"""Every kind of work has a queue that somebody consumes, and every fact that is heard can be told."""

import ast
import re
from collections.abc import Iterator

import click
import pytest
from flask import Flask

from participate import worker
from participate.app import FACTS
from participate.cases.clues.workflow import CLUE, FIND
from participate.cases.cohandlers.workflow import COHANDLING, NAME
from participate.cases.commitments.workflow import COMMITMENT, PROMISE
from participate.cases.parts.workflow import ENTRUST, PART
from participate.cases.rectifications.workflow import ISSUE, RECTIFICATION
from participate.cases.workflow import CASE, FILE
from participate.cli import launch, main, processes
from participate.config import from_environment
from participate.consultations.workflow import ADD, PLAN, ROUND, STATEMENT
from participate.kernel.outbox import Subscriber, Subscriptions
from participate.submissions.unmasking.workflow import ASK, UNMASKING
from participate.submissions.workflow import SUBMISSION, SUBMIT
from participate.updates.broadcasts.workflow import ANNOUNCE, BROADCAST
from tests.house.source import calls, modules, texts

FLOWS = (CLUE, RECTIFICATION, SUBMISSION, CASE, PART, COMMITMENT, COHANDLING, UNMASKING, STATEMENT, ROUND, BROADCAST)
# Facts whose name is put together where they are recorded.
COMPOSED = {"f'photo.{state}'": {"photo.ready", "photo.refused"}}
# The engine's own two places, which name facts after tables and rows.
ENGINE = {"kernel/workflow.py", "kernel/deadlines.py"}
# What has happened, said otherwise than with -ed.
PAST = {
    "begun",
    "split",
    "sent_back",
    "sent_to_rework",
    "withdrawn",
    "handed_over",
    "assigned_down",
    "taken_back",
    "passed_up",
    "ready",
    "kept",
    "fed_back",
    "made_safe",
    "handed_on",
    "taken",
    "taken_up",
    "found",
    "shown",
    "upheld",
    "stood",
}


class Recorder(processes.Group):
    """A group that starts nobody."""

    def __init__(self) -> None:
        super().__init__(lambda _text: None)

    def start(self, child: processes.Child) -> None:
        """Note who would be started."""
        self.children.append(child)

    def stop_on_signals(self) -> None:
        """Nothing runs that signals could stop."""

    def watch(self) -> None:
        """Nothing runs that could end."""


@pytest.fixture
def heard(service: Flask) -> Subscriptions:
    found: Subscriptions = service.extensions["participate.subscriptions"]
    return found


def _consumed(children: list[processes.Child]) -> set[str]:
    """The kinds of work that these processes consume."""
    return {child.name for child in children} & set(worker.KINDS)


def test_the_worker_knows_every_kind(heard: Subscriptions) -> None:
    assert heard.kinds == set(worker.KINDS)
    assert set(worker.KINDS) >= worker.HEAVY
    assert FACTS in worker.KINDS  # Housekeeping rides on this queue.
    assert len({worker.queue_name(kind) for kind in worker.KINDS}) == len(worker.KINDS)


def test_up_starts_a_consumer_of_every_kind_and_the_relay(heard: Subscriptions) -> None:
    group = Recorder()
    launch._start(group, from_environment({"SECRET_KEY": "x" * 32, "REDIS_URL": "redis://localhost"}))
    assert _consumed(group.children) == heard.kinds
    assert {"web", "relay"} <= {child.name for child in group.children}


def test_worker_alone_starts_a_consumer_of_every_kind_and_the_relay(
    heard: Subscriptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = Recorder()
    monkeypatch.setattr("participate.cli.Group", lambda *_: group)
    monkeypatch.setenv("SECRET_KEY", "x" * 32)
    main.main(["worker"], standalone_mode=False)
    assert _consumed(group.children) == heard.kinds
    assert "relay" in {child.name for child in group.children}


def test_every_process_that_is_started_is_a_part_that_the_command_takes(heard: Subscriptions) -> None:
    part = next(parameter for parameter in main.commands["worker"].params if parameter.name == "part")
    assert isinstance(part.type, click.Choice)
    assert set(part.type.choices) == {"relay", *heard.kinds}


def _subscribers(heard: Subscriptions) -> Iterator[Subscriber]:
    for subscribers in heard.by_fact.values():
        yield from subscribers


def test_every_subscriber_has_a_name_of_its_own(heard: Subscriptions) -> None:
    """An errand is kept under its subscriber's name: two of one name would do each other's work."""
    assert all(heard.by_name[subscriber.name] is subscriber for subscriber in _subscribers(heard))
    for fact, subscribers in heard.by_fact.items():
        names = [subscriber.name for subscriber in subscribers]
        assert len(names) == len(set(names)), fact


def test_nobody_subscribes_to_nothing(heard: Subscriptions) -> None:
    assert {subscriber.name for subscriber in _subscribers(heard)} == set(heard.by_name)


def _moves() -> set[str]:
    steps = [(flow, move) for flow in FLOWS for move in flow.moves]
    steps += [
        (SUBMISSION, SUBMIT),
        (CASE, FILE),
        (PART, ENTRUST),
        (COMMITMENT, PROMISE),
        (COHANDLING, NAME),
        (UNMASKING, ASK),
        (CLUE, FIND),
        (RECTIFICATION, ISSUE),
        (STATEMENT, ADD),
        (ROUND, PLAN),
        (BROADCAST, ANNOUNCE),
    ]
    return {flow.fact(move) for flow, move in steps}


def _duties() -> set[str]:
    """What falls due: duties that a workflow's table starts, and those that are started by name."""
    clocks = {"part": "case"}  # A part is a case, and so are its clocks.
    named = [(clocks.get(flow.name, flow.name), move) for flow in FLOWS for move in flow.moves]
    found = {f"{name}.{duty}_due" for name, move in named for duty in move.starts}
    for tree in modules().values():
        for call in calls(tree, "deadlines.start"):
            subject, _, duty = call.args[:3]
            if isinstance(duty, ast.Constant):
                found |= {f"{text}.{duty.value!s}_due" for text in texts(subject)}
    return found


def _recorded() -> set[str]:
    found = set()
    for path, tree in modules().items():
        for call in calls(tree, "outbox.record"):
            name = call.args[0]
            if isinstance(name, ast.Constant):
                found.add(str(name.value))
            elif path not in ENGINE:
                found |= COMPOSED[ast.unparse(name)]
    return found


def test_every_fact_that_is_heard_is_told_by_somebody(heard: Subscriptions) -> None:
    assert set(heard.by_fact) <= _moves() | _duties() | _recorded()


@pytest.mark.parametrize("fact", sorted(_moves() | _recorded()))
def test_a_fact_says_whose_it_is_and_what_has_happened(fact: str) -> None:
    subject, _, what = fact.partition(".")
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", subject)
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", what)
    assert what.endswith("ed") or what in PAST


def test_somebody_acts_when_a_duty_falls_due(heard: Subscriptions) -> None:
    assert _duties() <= set(heard.by_fact)
