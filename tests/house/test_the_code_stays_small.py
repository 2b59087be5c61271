"""Functions and files stay small, every module says in one sentence what it is for, and nothing is waved through."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.house.source import PACKAGE, modules

LONGEST_FUNCTION, MEDIAN_FUNCTION, LONGEST_FILE = 50, 8, 300  # lines
CODE = sorted(PACKAGE.rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions() -> Iterator[tuple[str, Function]]:
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield f"{path}:{node.lineno} {node.name}", node


def _lines(function: Function) -> int:
    """From `def` to the last line; decorators, which describe a route, do not count."""
    return (function.end_lineno or 0) - function.lineno + 1


def test_no_function_is_long() -> None:
    assert not [name for name, function in _functions() if _lines(function) > LONGEST_FUNCTION]


def test_functions_are_short() -> None:
    assert median(_lines(function) for _, function in _functions()) <= MEDIAN_FUNCTION


@pytest.mark.parametrize("path", modules())
def test_a_module_fits_on_a_few_screens_and_says_what_it_is_for(path: str) -> None:
    lines = (PACKAGE / path).read_bytes().count(b"\n")
    assert lines <= LONGEST_FILE
    said = ast.get_docstring(modules()[path])
    assert said, "say what it is for"
    first = said.partition("\n\n")[0]
    assert first.endswith(".")
    assert ". " not in first, "one sentence"


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    drawers = {"util", "utils", "helper", "helpers", "common", "misc"}
    assert not [path for path in CODE if path.stem in drawers or path.parent.name in drawers]


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_types_are_not_waved_through(path: Path) -> None:
    assert "# type: " + "ignore" not in path.read_text(encoding="utf-8")
