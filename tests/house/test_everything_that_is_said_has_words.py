"""Whatever the service says, it can say in both languages; no word lacks a value, and none is there for nothing."""

import ast
import re

import pytest

from participate.kernel.words import LANGUAGES
from tests.house.source import called, calls, modules
from tests.house.speech import CODE_FIRST, CODE_SECOND, STEPS, coming_next, faults, places, problem_codes, wanted, words

# The families whose keys are put together where they are said; `speech` gathers each.
FAMILIES = {"problem", "fault", "photo", "step", "next", "flag"}
# Where a code is not written out, as it is handed on from a place where it is.
HANDED_ON = {
    "kernel/strict_json.py": {"code"},
    "kernel/shapes.py": {"code"},
    "places/area_files.py": {"code", "str(error)"},
}


@pytest.mark.parametrize("key", sorted(words()))
def test_a_word_is_there_in_both_languages_with_the_same_places_to_fill(key: str) -> None:
    by_language = words()[key]
    assert set(by_language) == set(LANGUAGES)
    assert all(text.strip() for text in by_language.values())
    assert len({frozenset(places(text)) for text in by_language.values()}) == 1


@pytest.mark.parametrize("key", sorted(wanted()))
def test_what_may_be_said_has_words(key: str) -> None:
    assert key in words()


def test_no_word_is_there_for_nothing() -> None:
    assert not words().keys() - wanted()


@pytest.mark.parametrize("code", sorted(faults()))
def test_a_fault_brings_what_its_words_speak_of(code: str) -> None:
    """A place without a value would turn a refusal into an error of ours."""
    for given in faults()[code]:
        assert places(words()[f"fault.{code}"]["en"]) <= given


def test_problems_steps_and_what_comes_next_speak_of_nothing_they_are_not_given() -> None:
    keys = {f"problem.{code}" for code in problem_codes()} | coming_next()
    assert not {key for key in keys if places(words()[key]["en"])}
    steps = {f"step.{flow.name}.{move.name}" for flow, move in STEPS}
    dated = {f"step.commitment.{move}" for move in ("promise", "postpone")} | {"step.case.make_safe"}
    dated |= {"step.submission.inform", "step.round.announce", "step.round.open", "step.rectification.plan"}
    sent = {f"step.{flow}.{move}" for flow in ("case", "part") for move in ("assign_down", "take_back")}
    assert {key for key in steps if "area" in places(words()[key]["en"])} == sent
    assert {key for key in steps if "day" in places(words()[key]["en"])} == dated
    said = {"reference", "day", "area", "who", "number", "carried", "grade", "mark"}
    assert not {key for key in steps if not places(words()[key]["en"]) <= said}
    assert [key for key in steps if "who" in places(words()[key]["en"])] == ["step.submission.inform"]


def test_no_family_of_words_escapes_this_guard() -> None:
    every_call = [node for tree in modules().values() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    keys = [call.args[0] for call in every_call if called(call).rpartition(".")[2] in {"say", "known"} and call.args]
    composed = {ast.unparse(key) for key in keys if isinstance(key, ast.JoinedStr)}
    assert composed
    assert {re.split(r"[.']", key)[1] for key in composed} <= FAMILIES


def test_no_code_of_a_fault_is_hidden() -> None:
    for path, tree in modules().items():
        codes = [call.args[1] for call in calls(tree, *CODE_SECOND)] + [
            call.args[0] for call in calls(tree, *CODE_FIRST)
        ]
        hidden = {ast.unparse(code) for code in codes if not isinstance(code, (ast.Constant, ast.IfExp))}
        assert hidden <= HANDED_ON.get(path, set()), path
