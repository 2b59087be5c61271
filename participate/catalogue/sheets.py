"""The catalogue as people keep it: CSV sheets, read whole, with every fault named by its row and column."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields

from participate.catalogue.calendar import Clock
from participate.catalogue.models import ASKERS, EVERYBODY, KEEP_DAYS, KINDS, QUESTION_TYPES
from participate.kernel.errors import Fault, Invalid
from participate.kernel.shapes import Shape, between, faults, identifier, matches, one_of, text

LONGEST_CODE = 40
MAX_LIMIT = 9999  # units of the clock
Line = dict[str, Any]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Sheet:
    """The sound lines by row number, the heading being row 1, and what is wrong with the others.

    `spoilt` holds, by row number, the cells of those others that are sound.
    """

    lines: dict[int, Line]
    faults: list[Fault]
    spoilt: dict[int, Line]


def _code(**options: Any) -> fields.String:
    return fields.String(validate=matches(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}"), **options)


def _day() -> fields.Date:
    return fields.Date(load_default=None)


def _yes_or_no(**options: Any) -> fields.Boolean:
    return fields.Boolean(truthy={"yes"}, falsy={"no"}, **options)


def _limit() -> fields.Integer:
    return fields.Integer(required=True, validate=between(1, MAX_LIMIT))


def _clock() -> fields.String:
    return fields.String(required=True, validate=one_of(*Clock))


class SchemeLine(Shape):
    """One version of a scheme; `prefix` goes before the codes of its list."""

    code = text(1, 40, required=True)
    version = text(1, 20, required=True)
    prefix = fields.String(load_default="", validate=matches(r"([A-Za-z0-9][A-Za-z0-9._-]{0,11})?"))
    name_zh = text(1, 100, required=True)
    name_en = text(1, 100, required=True)
    valid_from = _day()
    valid_until = _day()


class CategoryLine(Shape):
    """One condition with the category it belongs to, by the codes of its scheme's own list.

    An empty cell is one that is not there.
    """

    category_code = _code(required=True)
    category_name_zh = text(1, 100, required=True)
    category_name_en = text(1, 100, required=True)
    scheme = text(1, 40, required=True)
    version = text(1, 20, required=True)
    kind = fields.String(required=True, validate=one_of(*KINDS))
    major_code = _code(required=True)
    active = _yes_or_no(load_default=True)
    condition_code = _code(required=True)
    name_zh = text(1, 200, required=True)
    name_en = text(1, 200, required=True)
    limit_value = _limit()
    clock = _clock()
    photo_required = _yes_or_no(required=True)
    closing_zh = text(1, 300, required=True)
    closing_en = text(1, 300, required=True)
    safe_value = fields.Integer(load_default=None, validate=between(1, MAX_LIMIT))
    safe_clock = fields.String(load_default=None, validate=one_of(*Clock))


class ServiceLine(Shape):
    """One service; `documents` is `code:中文:English` for each of them, `|` between."""

    code = _code(required=True)
    major_code = _code(required=True)
    name_zh = text(1, 100, required=True)
    name_en = text(1, 100, required=True)
    description_zh = text(1, 500, required=True)
    description_en = text(1, 500, required=True)
    limit_value = _limit()
    clock = _clock()
    asked_by = fields.String(load_default=EVERYBODY, validate=one_of(*ASKERS))
    area_code = _code(load_default=None)
    need_zh = text(1, 200, load_default=None)
    need_en = text(1, 200, load_default=None)
    documents = text(0, 1000, load_default="")
    keep_days = fields.Integer(load_default=KEEP_DAYS, validate=between(1, 3650))
    unit_id = identifier(load_default=None)
    active = _yes_or_no(load_default=True)


class QuestionLine(Shape):
    """One question; `choices` is `value:中文:English` for each of them, `|` between."""

    code = _code(required=True)
    asked_for = _code(required=True)
    type = fields.String(required=True, validate=one_of(*QUESTION_TYPES))
    required = _yes_or_no(required=True)
    text_zh = text(1, 200, required=True)
    text_en = text(1, 200, required=True)
    choices = text(0, 1000, load_default="")
    active = _yes_or_no(load_default=True)


class UnitLine(Shape):
    """One unit; its parent stands above it in the sheet, or is there already."""

    id = identifier(required=True)
    name_zh = text(1, 100, required=True)
    name_en = text(1, 100, required=True)
    parent_id = identifier(load_default=None)
    area_code = _code(required=True)
    active = _yes_or_no(load_default=True)


class ResponsibilityLine(Shape):
    """Who answers in an area for a category or a condition, and who watches over them, as ids of units."""

    code = _code(required=True)
    area_code = _code(required=True)
    responsible = identifier(required=True)
    supervising = identifier(load_default=None)
    active = _yes_or_no(load_default=True)


@dataclass(frozen=True)
class Cells:
    """A sheet as it was found: its heading, and the rows below it, every cell without the blanks around it."""

    columns: list[str]
    rows: list[list[str]]


def opened(path: Path, shape: type[Shape]) -> Cells:
    """The UTF-8 sheet at `path` (with or without BOM).

    Raises Invalid for a file whose heading or form makes its rows meaningless, OSError for one that cannot be read.
    """
    columns, cells = _cells(path)
    _check_heading(columns, shape())
    return Cells(columns, cells)


def check(cells: Cells, shape: type[Shape], done: int, total: int, on_progress: Progress | None = None) -> Sheet:
    """The sheet, each line checked on its own.

    Rows are counted as a spreadsheet counts them; empty ones are passed over. A fault's field is
    `<row>.<column>`. `on_progress` is told rows done, after the `done` ones of other sheets, and rows in all.
    """
    reader, sheet = shape(), Sheet({}, [], {})
    for number, row in enumerate(cells.rows, start=2):
        if any(row):
            try:
                sheet.lines[number] = reader.load(_named(cells.columns, row))
            except ValidationError as error:
                sheet.faults.extend(faults(error.messages, str(number)))
                sheet.spoilt[number] = dict(error.valid_data or {})
        if on_progress:
            on_progress(done + number - 1, total)
    return sheet


def _cells(path: Path) -> tuple[list[str], list[list[str]]]:
    """The heading and the rows, every cell without the blanks around it."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            sheet = [[cell.strip() for cell in row] for row in csv.reader(file, strict=True)]
    except UnicodeDecodeError as error:
        raise Invalid(Fault("file", "not_utf8")) from error
    except csv.Error as error:
        raise Invalid(Fault("file", "not_csv")) from error
    return (sheet[0], sheet[1:]) if sheet else ([], [])


def _check_heading(columns: Sequence[str], shape: Shape) -> None:
    found = list(_heading_faults(columns, shape))
    if found:
        raise Invalid(*found)


def _heading_faults(columns: Sequence[str], shape: Shape) -> Iterator[Fault]:
    for name in dict.fromkeys(columns):
        if name not in shape.fields:
            yield Fault(f"1.{name}", "unknown")
        elif columns.count(name) > 1:
            yield Fault(f"1.{name}", "duplicate_column")
    for name, column in shape.fields.items():
        if column.required and name not in columns:
            yield Fault(f"1.{name}", "required")


def _named(columns: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    """The row's cells that are filled; those beyond the heading get names that no shape knows."""
    names = [*columns, *(f"column_{number}" for number in range(len(columns) + 1, len(row) + 1))]
    return {name: cell for name, cell in zip(names, row, strict=False) if cell}


def write(shape: type[Shape], lines: Iterable[Mapping[str, Any]]) -> str:
    """The text of the sheet from which `read` takes these lines, its columns in the shape's order.

    Rows end as RFC 4180 has it, so that every line break within a cell is quoted.
    """
    columns, sheet = list(shape().fields), StringIO()
    writer = csv.writer(sheet)
    writer.writerow(columns)
    writer.writerows([_cell(line[name]) for name in columns] for line in lines)
    return sheet.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
