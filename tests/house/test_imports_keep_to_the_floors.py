"""Imports point down only, the worker alone knows RQ, and each desk leaves the others' tools alone."""

import ast
from collections.abc import Iterator

import pytest
from importlinter.cli import lint_imports

from tests.house.source import ROOT, modules

# What belongs to one request: only the desks that speak HTTP may look at it.
REQUEST = {"request", "g", "session", "has_request_context"}
# What reads and writes rows: routes leave it to queries and services.
SQL = {"db", "rows", "one"}


def test_the_contracts_are_kept(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    # It would turn off the loggers that there are, and with them what later tests in this process look for.
    monkeypatch.setattr("importlinter.cli._configure_logging", lambda _verbose: None)
    kept = lint_imports(str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True) == 0
    assert kept, capsys.readouterr().out


def _imported(tree: ast.Module, module: str) -> Iterator[str]:
    """The names that are taken from `module`; the whole of it, imported by name, counts as all of them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == module:
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Import) and any(alias.name == module for alias in node.names):
            yield from REQUEST | SQL


def test_only_kernel_app_and_routes_see_the_request() -> None:
    speaks_http = ("kernel/", "app.py")
    seen = {
        path: REQUEST.intersection(_imported(tree, "flask"))
        for path, tree in modules().items()
        if not path.startswith(speaks_http) and not path.endswith("/routes.py")
    }
    assert not {path: names for path, names in seen.items() if names}


def test_routes_ask_queries_and_services_for_rows() -> None:
    asked = {
        path: SQL.intersection(_imported(tree, "participate.kernel.db"))
        for path, tree in modules("*/routes.py").items()
    }
    assert len(asked) >= 7
    assert not {path: names for path, names in asked.items() if names}
