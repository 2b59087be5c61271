"""The service's own source and plan, as the guards read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import participate

PACKAGE = Path(participate.__file__).parent
ROOT = PACKAGE.parent


@cache
def modules(pattern: str = "**/*.py") -> dict[str, ast.Module]:
    """Every module of the service by its path within the package; migrations are Alembic's hand, not ours."""
    found = sorted(path for path in PACKAGE.glob(pattern) if "migrations" not in path.parts)
    return {path.relative_to(PACKAGE).as_posix(): _parsed(path) for path in found}


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    """The calls of functions (or of methods) that bear one of `names`."""
    return (call for name, call in _calls(tree) if name in names)


@cache
def _calls(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    # Kept, for the guards ask the same trees again and again, and in every process that collects them.
    return [(called(node), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def called(call: ast.Call) -> str:
    """What is called, as it is written; `outbox.record` and `ma.ValidationError` keep their module."""
    return ast.unparse(call.func)


def texts(node: ast.AST) -> list[str]:
    """The plain texts that stand anywhere in `node`."""
    return [found.value for found in ast.walk(node) if isinstance(found, ast.Constant) and isinstance(found.value, str)]
