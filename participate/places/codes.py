"""The hierarchical statistical code: what level it is of, and what lies above it."""

from collections.abc import Iterator
from itertools import pairwise

LEVELS = {
    2: "province",
    4: "city",
    6: "district",
    9: "street",
    12: "community",
    15: "cell",
    18: "subcell",
}
CELL_DIGITS = 15
MAX_DIGITS = max(LEVELS)

_LENGTHS = tuple(LEVELS)
_AREA_LENGTHS = tuple(length for length in reversed(_LENGTHS) if length < CELL_DIGITS)
_GROUPS = tuple(pairwise((0, *_LENGTHS)))


def significant(text: str) -> str | None:
    """The digits of `text` that say something, or None where it is no code.

    Statistical tables fill a code up with zeros to 6 or 12 digits (430100000000 is the city 4301). No group of a
    code is zero otherwise, so the filling can be told from the code. Cells are never filled up.
    """
    if len(text) not in LEVELS or not (text.isascii() and text.isdecimal()):
        return None
    if len(text) < CELL_DIGITS:
        text = _unfilled(text)
    groups = (text[start:end] for start, end in _GROUPS if start < len(text))
    return text if text and all(group.strip("0") for group in groups) else None


def _unfilled(text: str) -> str:
    for start, end in reversed(_GROUPS):
        if len(text) == end and not text[start:].strip("0"):
            text = text[:start]
    return text


def level(code: str) -> str:
    """The name of the level that `code` is of."""
    return LEVELS[len(code)]


def is_cell(code: str) -> bool:
    """Whether `code` names a grid cell or a part of one."""
    return len(code) >= CELL_DIGITS


def upward(code: str) -> Iterator[str]:
    """The codes above `code`, the nearest first."""
    return (code[:length] for length in reversed(_LENGTHS) if length < len(code))


def parent(code: str) -> str | None:
    """The code right above `code`; a province has none."""
    return next(upward(code), None)


def areas_above(code: str) -> tuple[str, ...]:
    """The codes above `code` that are areas and not cells, the nearest first."""
    return tuple(code[:length] for length in _AREA_LENGTHS if length < len(code))
