"""The journeys in the docs are what the workflow tables say, to the letter."""

from dataclasses import replace
from pathlib import Path

import pytest

from participate.cli import diagrams
from participate.kernel.workflow import Move, Workflow
from tests.house.source import ROOT

FIRST = Move("submit", frozenset(), "received", frozenset({"author"}), "received", "It comes in.")
CLOSE = Move("close", frozenset({"received"}), "closed", frozenset({"author"}), "closed", "It is over.", ("note",))
WORKFLOW = Workflow("thing", "received", {"received": "intake", "closed": "feedback"}, (CLOSE,))


def test_the_docs_show_what_the_tables_say() -> None:
    assert [str(page) for page in diagrams.stale(ROOT)] == [], "run `participate diagrams --write`"


def test_a_changed_page_shows(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for page in diagrams.pages():
        text = (ROOT / page).read_text(encoding="utf-8")
        (tmp_path / page).write_text(text.replace("in_moderation --> accepted", "received --> accepted"))
    assert set(diagrams.stale(tmp_path)) == {tmp_path / page for page in diagrams.pages()}


def test_every_move_has_its_arrow_and_its_line() -> None:
    assert "    received --> closed: close\n    closed --> [*]\n" in diagrams.diagram(WORKFLOW, FIRST)
    assert "| `close` | received | closed | author | note |  | its author; all may see it | It is over. |\n" in (
        diagrams.table(WORKFLOW, FIRST)
    )


def test_a_move_of_many_states_leaves_from_one_box() -> None:
    stages = dict.fromkeys(("a", "b", "c", "d"), "intake") | WORKFLOW.stages
    drawn = diagrams.diagram(Workflow("thing", "a", stages, (replace(CLOSE, sources=frozenset("dbca")),)), FIRST)
    assert '    state "a,<br/>b,<br/>c,<br/>d" as may_close\n    may_close --> closed: close\n' in drawn
    assert "a --> closed" not in drawn


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="journey:begin"):
        diagrams.redrawn("# Participate\n", "journey", "anything")
