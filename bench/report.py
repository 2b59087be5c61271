"""The table, on the screen, as results.json for machines, and in RESULTS.md for those who come later."""

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from bench.limits import limit_of
from bench.measure import Measured

HERE = Path(__file__).parent
_HEAD = ("what", "store", "ours", "floor", "ratio", "limit")


@dataclass(frozen=True)
class Result:
    """What one line has come to on one store."""

    name: str
    store: str
    measured: Measured

    @property
    def limit(self) -> float:
        """The ratio that it may not exceed."""
        return limit_of(self.name)

    @property
    def is_over(self) -> bool:
        """Whether it does."""
        return self.measured.ratio > self.limit

    @property
    def cells(self) -> tuple[str, ...]:
        """Its cells in the table."""
        sides = (f"{side:.4f}" if side < 0.1 else f"{side:.2f}" for side in (self.measured.ours, self.measured.floor))
        ratio = f"{self.measured.ratio:.2f}{' !' if self.is_over else ''}"
        return self.name, self.store, *(f"{side} {self.measured.unit}" for side in sides), ratio, f"{self.limit:g}"


def table(results: Sequence[Result]) -> str:
    """The results as Markdown, its columns aligned."""
    rows = [_HEAD, *(result.cells for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = ["| " + " | ".join(_padded(row, widths)) + " |" for row in rows]
    rule = "|".join(f"{'-' * (width + 1)}{'-' if column < 2 else ':'}" for column, width in enumerate(widths))
    return "\n".join([lines[0], f"|{rule}|", *lines[1:]])


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Words to the left, numbers to the right."""
    return [
        text.ljust(width) if n < 2 else text.rjust(width)
        for n, (text, width) in enumerate(zip(row, widths, strict=True))
    ]


def write(results: Sequence[Result]) -> None:
    """results.json: `[{name, ratio, limit}]`."""
    found = [
        {"name": f"{result.name}, {result.store}", "ratio": round(result.measured.ratio, 3), "limit": result.limit}
        for result in results
    ]
    (HERE / "results.json").write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def record(results: Sequence[Result]) -> None:
    """Append the table to the history, with the day, the commit and the machine."""
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    with (HERE / "RESULTS.md").open("a", encoding="utf-8") as history:
        history.write(f"\n## {datetime.now(UTC):%Y-%m-%d}, {_commit()}, {machine}\n\n{table(results)}\n")


def _commit() -> str:
    """The commit that was measured; `+` says that there were changes on top of it."""
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    found = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "no commit"
