"""The service's own source and plan, as the guards read them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import participate

PACKAGE = Path(participate.__file__).parent
ROOT = PACKAGE.parent


def modules(pattern: str = "**/*.py") -> dict[str, ast.Module]:
    """Every module of the service by its path within the package; migrations are Alembic's hand, not ours."""
    found = sorted(path for path in PACKAGE.glob(pattern) if "migrations" not in path.parts)
    return {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in found}


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    """The calls of functions (or of methods) that bear one of `names`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in names:
            yield node


def called(call: ast.Call) -> str:
    """What is called, as it is written; `outbox.record` and `ma.ValidationError` keep their module."""
    return ast.unparse(call.func)


def texts(node: ast.AST) -> list[str]:
    """The plain texts that stand anywhere in `node`."""
    return [found.value for found in ast.walk(node) if isinstance(found, ast.Constant) and isinstance(found.value, str)]
