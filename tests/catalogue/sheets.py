"""Sheets for tests: a heading and lines, written as a spreadsheet would."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from participate.kernel.errors import Invalid

Line = dict[str, str]


def write(path: Path, lines: Sequence[Line]) -> Path:
    """The lines as a sheet at `path`; the first one's cells name the columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    return path


def refused(verb: Callable[[Path], Any], path: Path) -> list[tuple[str, str]]:
    """The faults that `verb` finds in the sheet, in its order, each as field and code."""
    with pytest.raises(Invalid) as caught:
        verb(path)
    return [(fault.field, fault.code) for fault in caught.value.faults]
