"""What the service may say: every key of words that its source, its tables and its shapes lead to."""

import ast
import json
from collections.abc import Iterator
from functools import cache
from string import Formatter
from typing import Any

from participate.cases.after_photos import AFTER_FLAGS
from participate.cases.cohandlers.workflow import COHANDLING, NAME
from participate.cases.commitments.workflow import COMMITMENT, PROMISE
from participate.cases.parts.workflow import ENTRUST, PART
from participate.cases.rectifications.workflow import ISSUE, RECTIFICATION
from participate.cases.workflow import CASE, FILE
from participate.consultations.workflow import PLAN, ROUND, STATEMENT
from participate.kernel import errors, problems, shapes
from participate.kernel.workflow import Move, Workflow
from participate.photos.outcome import Reason
from participate.submissions.unmasking.workflow import ASK, UNMASKING
from participate.submissions.workflow import SUBMISSION, SUBMIT
from participate.updates.cells import FOLLOWED, OTHERS
from tests.house.source import PACKAGE, calls, modules, texts

STEPS = [(flow, move) for flow in (SUBMISSION, CASE, PART, COMMITMENT, COHANDLING) for move in flow.moves]
STEPS += [(flow, move) for flow in (STATEMENT, ROUND) for move in flow.moves]
STEPS += [(RECTIFICATION, ISSUE), *((RECTIFICATION, move) for move in RECTIFICATION.moves)]
STEPS += [(UNMASKING, ASK), *((UNMASKING, move) for move in UNMASKING.moves)]
STEPS += [(SUBMISSION, SUBMIT), (CASE, FILE), (PART, ENTRUST), (COMMITMENT, PROMISE), (COHANDLING, NAME)]
STEPS += [(ROUND, PLAN)]
# The last states of a submission's story; nothing comes next.
ENDS = {"closed", "withdrawn", "cancelled", "kept", "superseded"}
# Refusals that name no code themselves: their class does.
_BY_CLASS = {"invalid", "not_found", "stale", "unavailable"}
# What takes a fault's code second, as `Fault` does, and what takes it first.
CODE_SECOND = ("Fault", "self._fault")
CODE_FIRST = ("_unreadable", "Unusable", "ma.ValidationError", "ValidationError")
Words = dict[str, dict[str, str]]


@cache
def words() -> Words:
    """All rooms' words; no key is given twice, by one room or by two."""
    pairs = [
        pair for path in sorted(PACKAGE.glob("*/words.json")) for pair in json.loads(path.read_text(), **_AS_PAIRS)
    ]
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), sorted({key for key in keys if keys.count(key) > 1})
    return {key: dict(by_language) for key, by_language in pairs}


_AS_PAIRS: dict[str, Any] = {"object_pairs_hook": list}


def places(text: str) -> set[str]:
    """The names between braces, which values fill."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@cache
def problem_codes() -> set[str]:
    """Every code that a refusal of a whole request may bear."""
    refusals = {name for name, kind in vars(errors).items() if isinstance(kind, type)} - {"Invalid", "Fault"}
    found = set(problems._HTTP_CODES.values()) | _BY_CLASS
    for path, tree in modules().items():
        for call in calls(tree, *refusals):
            found |= set(texts(call.args[0])) if call.args else set()
        for call in calls(tree, "Invalid"):
            found |= {text for keyword in call.keywords if keyword.arg == "code" for text in texts(keyword.value)}
        if path.endswith(("/workflow.py", "/guards.py", "/judges.py")):
            found |= set(_said_by_guards(tree))
    return found


def _said_by_guards(tree: ast.Module) -> Iterator[str]:
    """What those functions return that look at a row and say what forbids a move, if anything."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and function.returns and ast.unparse(function.returns) == "str | None":
            for returned in ast.walk(function):
                if isinstance(returned, ast.Return) and returned.value:
                    yield from _chosen(returned.value)


def _chosen(value: ast.expr) -> Iterator[str]:
    """The plain texts among which an expression chooses; what it decides by is not among them."""
    if isinstance(value, ast.IfExp):
        yield from _chosen(value.body)
        yield from _chosen(value.orelse)
    elif isinstance(value, ast.BoolOp):
        for each in value.values:
            yield from _chosen(each)
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value


@cache
def faults() -> dict[str, list[set[str]]]:
    """Every code that a fault may bear and, for each place that gives it, the names of the values beside it."""
    found: dict[str, list[set[str]]] = {code: [set()] for code in {*shapes._TYPE_CODES.values(), "value", "unknown"}}
    for tree in modules().values():
        for call in calls(tree, *CODE_SECOND):
            for code in _chosen(call.args[1]):
                found.setdefault(code, []).append(set(_value_names(call)))
        for call in calls(tree, *CODE_FIRST):
            for code in _chosen(call.args[0]):
                found.setdefault(code, []).append(set())
    for check in (shapes.length(0, 1), shapes.between(0, 1), shapes.one_of("a"), shapes.matches("a")):
        code, *named = str(check.error).split("|")
        found.setdefault(code, []).append({value.partition("=")[0] for value in named})
    return found


def _value_names(call: ast.Call) -> Iterator[str]:
    """The names of the values that fill the words: `((name, value), …)`, or keywords."""
    yield from (keyword.arg for keyword in call.keywords if keyword.arg)
    for pairs in call.args[2:]:
        assert isinstance(pairs, ast.Tuple), f"{ast.unparse(call)}: write its values out"
        for pair in pairs.elts:
            yield from _chosen(pair.elts[0]) if isinstance(pair, ast.Tuple) else ()


def _texts() -> set[str]:
    """The keys for text messages, which a step that people hear of has where its words are too long for one."""
    texts = {f"sms.{flow.name}.{move.name}" for flow, move in STEPS if move.shown_to != "desk"}
    return texts | {key.replace("step.", "sms.", 1) for key in ("step.photo.refused", *OTHERS, *FOLLOWED)}


def coming_next() -> set[str]:
    """The keys for what comes next, in every state in which a move that people hear of leaves them."""
    return {
        f"next.{flow.name}.{state}"
        for flow, move in STEPS
        if move.shown_to != "desk"
        for state in _left_in(flow, move)
        if state not in ENDS or flow is PART  # The rest of its case goes on.
    } | ({f"next.{flow.name}.{move.name}" for flow, move in STEPS} & words().keys())


def _left_in(flow: Workflow, move: Move) -> set[str]:
    return {move.target} if move.target else set(move.sources) or {flow.initial}


@cache
def wanted() -> set[str]:
    """Every key that may be said."""
    plain = {text for tree in modules().values() for text in texts(tree)}
    return (
        {f"problem.{code}" for code in problem_codes()}
        | {f"fault.{code}" for code in faults()}
        | {f"step.{flow.name}.{move.name}" for flow, move in STEPS}
        | {f"photo.{reason}" for reason in Reason}
        | {f"flag.{code}" for code in AFTER_FLAGS}
        | coming_next()
        | ((plain | _texts()) & words().keys())
    )
