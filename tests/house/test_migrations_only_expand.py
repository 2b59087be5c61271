"""A release's migrations only add, and hold nobody up: the release before goes on serving while they run (ADR 0013)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import PACKAGE, called, texts

# 0001 and 0002 made the tables; nothing was served before them.
FIRST = "0003"
VERSIONS = sorted(path for path in (PACKAGE / "migrations" / "versions").glob("[0-9]*.py") if path.name >= FIRST)
SHRINKS = {
    "drop_column": "the release before still reads it",
    "drop_table": "the release before still reads it",
    "rename_table": "the release before knows the old name",
    "alter_column": "another name, type or NOT NULL is not what the release before expects",
}
BULK = re.compile(r"\b(UPDATE|DELETE)\b", re.IGNORECASE)
DDL = re.compile(r"\b(DROP|RENAME|SET NOT NULL|LOCK TABLE|CLUSTER|VACUUM FULL)\b", re.IGNORECASE)


def _upgrade(tree: ast.Module) -> ast.Module:
    """All but the way back, which is for tests alone."""
    kept = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and node.name == "downgrade")]
    return ast.Module(body=kept, type_ignores=[])


def _contracts(tree: ast.Module) -> bool:
    """Whether the migration says why nobody uses any more what it takes away."""
    return any(
        isinstance(node, ast.Assign)
        and [ast.unparse(target) for target in node.targets] == ["contract"]
        and any(texts(node))
        for node in tree.body
    )


def _option(call: ast.Call, name: str) -> str | None:
    return next((ast.unparse(each.value) for each in call.keywords if each.arg == name), None)


def complaints(source: str) -> Iterator[str]:
    """What is wrong with a migration."""
    tree = ast.parse(source)
    upgrade, contracts = _upgrade(tree), _contracts(tree)
    new_tables = [
        call for call in ast.walk(upgrade) if isinstance(call, ast.Call) and called(call) == "op.create_table"
    ]
    made = {texts(call)[0] for call in new_tables}
    inside = {id(node) for call in new_tables for node in ast.walk(call)}
    for call in ast.walk(upgrade):
        if isinstance(call, ast.Call) and id(call) not in inside:
            name = called(call).rpartition(".")[2]
            if name in SHRINKS and not contracts:
                yield f'{name}: {SHRINKS[name]}; do it a release later, with `contract = "why"`'
            if not made & set(texts(call)):
                yield from _waits(call, name)


def _waits(call: ast.Call, name: str) -> Iterator[str]:
    """What others would have to wait for, or old code stumble over, in a table that is there already."""
    if name == "Column" and _option(call, "nullable") == "False" and _option(call, "server_default") is None:
        yield "a column that is NOT NULL needs a server_default: the release before does not fill it"
    # By its own name it was imported from there.
    if name in {"create_index", "drop_index"} and called(call) not in {name, f"online.{name}"}:
        yield f"{name}: through participate.migrations.online, which keeps no writer waiting"
    if name in {"create_check_constraint", "create_foreign_key"} and _option(call, "postgresql_not_valid") != "True":
        yield f"{name}: postgresql_not_valid=True, and VALIDATE CONSTRAINT after it"
    if name in {"create_unique_constraint", "create_primary_key"}:
        yield f"{name}: a unique index through participate.migrations.online"
    if name in {"execute", "exec_driver_sql"}:
        for sql in texts(call):
            if BULK.search(sql):
                yield "rows are changed in batches by the worker, not in bulk by a migration"
            if DDL.search(sql):
                yield "say it with Alembic's operations, which are looked at here"


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_only_expands_and_holds_nobody_up(path: Path) -> None:
    assert list(complaints(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "step",
    [
        'op.drop_column("accounts", "phone")',
        'op.drop_table("accounts")',
        'op.rename_table("accounts", "people")',
        'op.alter_column("accounts", "phone", new_column_name="number")',
        'op.alter_column("accounts", "phone", nullable=False)',
        'op.add_column("accounts", sa.Column("mail", sa.String(), nullable=False))',
        'op.create_index("ix_accounts_phone", "accounts", ["phone"])',
        'op.create_index("ix_accounts_phone", "accounts", ["phone"], postgresql_concurrently=True)',
        'op.drop_index("ix_accounts_phone", "accounts")',
        'op.create_foreign_key("fk_a", "cases", "accounts", ["holder"], ["id"])',
        'op.create_check_constraint("ck_a", "accounts", "phone IS NOT NULL")',
        'op.create_unique_constraint("uq_a", "accounts", ["phone"])',
        'op.execute("UPDATE accounts SET version = 1")',
        'op.execute("ALTER TABLE accounts ALTER phone SET NOT NULL")',
        'with op.batch_alter_table("accounts") as batch:\n        batch.drop_column("phone")',
        'with op.batch_alter_table("accounts") as batch:\n        batch.create_index("ix_a", ["phone"])',
    ],
)
def test_what_shrinks_or_waits_is_found(step: str) -> None:
    assert list(complaints(f"def upgrade():\n    {step}\n"))


@pytest.mark.parametrize(
    "step",
    [
        'op.add_column("accounts", sa.Column("mail", sa.String(), nullable=True))',
        'op.add_column("accounts", sa.Column("kind", sa.String(), nullable=False, server_default="x"))',
        'online.create_index("ix_accounts_phone", "accounts", ["phone"])',
        'op.create_table("mails", sa.Column("id", sa.Uuid()))\n    op.create_index("ix_m", "mails", ["id"])',
        'op.create_check_constraint("ck_a", "accounts", "TRUE", postgresql_not_valid=True)',
        'op.execute("ALTER TABLE accounts VALIDATE CONSTRAINT ck_a")',
    ],
)
def test_what_only_adds_is_let_through(step: str) -> None:
    assert list(complaints(f"def upgrade():\n    {step}\n\ndef downgrade():\n    op.drop_table('mails')\n")) == []


def test_what_nobody_uses_any_more_may_go_when_the_migration_says_why() -> None:
    step = 'def upgrade():\n    op.drop_column("accounts", "phone")\n'
    assert list(complaints(f'contract = "nobody reads it since release 7"\n{step}')) == []
    assert list(complaints(f'contract = ""\n{step}'))
