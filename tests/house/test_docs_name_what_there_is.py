"""The README names every setting and every command, and calls nothing that is not there."""

import re
from collections.abc import Iterator, Mapping

import click
import pytest
import yaml

from participate.cli import contract, main
from participate.config import from_environment
from tests.house.source import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


class _Watched(dict[str, str]):
    """An environment that remembers what was looked up in it."""

    def __init__(self, env: Mapping[str, str]) -> None:
        super().__init__(env)
        self.asked = set[str]()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        self.asked.add(name)
        return super().get(name, default)


def _settings() -> set[str]:
    env = _Watched({"SECRET_KEY": "x" * 32})
    from_environment(env)
    return env.asked


def _table(heading: str) -> list[str]:
    """The first cells of the table below a heading."""
    section = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| (`.*?`) \|", section, re.MULTILINE)


def _commands(group: click.Group, path: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path}{name} ")
        else:
            yield path + name


def test_every_setting_is_in_the_readme_and_no_other() -> None:
    named = {name for cell in _table("Settings") for name in re.findall(r"`([A-Z_]+)`", cell)}
    assert named == _settings()


def test_every_command_is_in_the_readme_and_no_other() -> None:
    named = [cell.strip("`") for cell in _table("Commands")]
    there = set(_commands(main))
    assert {command for command in there if not any(_is(cell, command) for cell in named)} == set()
    assert [cell for cell in named if not any(_is(cell, command) for command in there)] == []


def _is(cell: str, command: str) -> bool:
    return cell == command or cell.startswith(f"{command} ")


def _calls(text: str) -> Iterator[tuple[str, str]]:
    """The (method, path) of each `curl` in a shell text; what the shell puts in stands as `{}`."""
    text = text.replace("\\\n", " ")
    for line in re.findall(r"\b(?:curl|call|wait_for)\b[^\n]*", text):
        for path in re.findall(r"\$BASE(/(?:\$\([^)]*\)|[^\s\"?;)])*)", line):
            sent = re.search(r" -X ([A-Z]+)", line)
            method = sent[1].lower() if sent else "post" if re.search(r" (?:-d|-F|--data\S*|--json) ", line) else "get"
            yield method, re.sub(r"\$\([^)]*\)|\$\w+", "{}", path)


def _documented() -> set[tuple[str, str]]:
    spec = yaml.load(contract(), yaml.CSafeLoader)
    return {
        (method, re.sub(r"{\w+}", "{}", path))
        for path, operations in spec["paths"].items()
        for method in operations
        if method != "parameters"
    }


KINDS = sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs/kinds").glob("micro_*.md"))


@pytest.mark.parametrize("page", ["README.md", "docs/quickstart.sh", *KINDS])
def test_every_call_is_in_the_contract(page: str) -> None:
    called = set(_calls((ROOT / page).read_text(encoding="utf-8")))
    assert len(called) >= 5
    assert called - _documented() == set()


def test_the_probes_in_the_docs_are_there() -> None:
    probes = {("get", path) for path in re.findall(r"`(/(?:livez|readyz))`", README)}
    assert probes == {("get", "/livez"), ("get", "/readyz")}
    assert probes <= _documented()
