"""How a sheet becomes rows: what may be wrong with it beside its single cells, and what it changes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, inspect, select, update
from sqlalchemy.orm import Session

from participate.catalogue.asking import choices
from participate.catalogue.models import Category, Condition, Question, Service, Unit
from participate.catalogue.sheets import (
    CategoryLine,
    Line,
    Progress,
    QuestionLine,
    ServiceLine,
    Sheet,
    UnitLine,
    read,
)
from participate.kernel.db import Base, rows, transaction
from participate.kernel.errors import Fault, Invalid
from participate.kernel.shapes import Shape

# The columns of a category sheet that tell of the category; the others tell of the condition.
OF_CATEGORY = {
    "category_code": "code",
    "category_name_zh": "name_zh",
    "category_name_en": "name_en",
    "scheme": "scheme",
    "version": "version",
    "kind": "kind",
    "major_code": "major_code",
    "active": "active",
}


@dataclass(frozen=True)
class Counts:
    """What a sheet did to the rows of one table."""

    added: int
    changed: int
    unchanged: int

    def __str__(self) -> str:
        return f"{self.added} added, {self.changed} changed, {self.unchanged} unchanged"


@dataclass(frozen=True)
class Form:
    """One form of sheet: the shape of its lines, what is wrong between them, and the rows that they make.

    `tables` gives the rows by their model, in the order in which they can be written.
    """

    shape: type[Shape]
    faults: Callable[[Sheet], Iterator[Fault]]
    tables: Callable[[list[Line]], Mapping[type[Base], list[Line]]]


def bring_in(
    form: Form, path: Path, *, keep: bool = False, dry_run: bool = False, on_progress: Progress | None = None
) -> dict[str, Counts]:
    """Take in the sheet at `path`, whole or not at all; what it did, by the name of the table.

    With `keep`, rows that are there stay as they are, whatever the sheet says of them. A dry run counts and
    checks the same and writes nothing. `on_progress` is told rows done and rows in all.

    Raises Invalid with every fault in the order of the rows, and OSError when the file cannot be read.
    """
    sheet = read(path, form.shape, on_progress)
    with transaction() as session:
        # A sheet that changes nothing cannot contradict what is there.
        found = [*sheet.faults, *(() if keep else form.faults(sheet))]
        if found:
            raise Invalid(*sorted(found, key=_row))
        tables = form.tables(list(sheet.lines.values()))
        return {
            model.__tablename__: _merge(session, model, lines, keep=keep, dry_run=dry_run)
            for model, lines in tables.items()
        }


def _row(fault: Fault) -> int:
    return int(fault.field.partition(".")[0])


def _merge(session: Session, model: type[Base], lines: Iterable[Line], *, keep: bool, dry_run: bool) -> Counts:
    """Add the lines that are new, and change the rows that differ from theirs unless they are to be kept."""
    table = inspect(model).local_table
    (key,) = (column.name for column in table.primary_key)
    present = {getattr(row, key): row._asdict() for row in rows(select(table))}
    new, known = list[Line](), list[Line]()
    for line in lines:
        (known if line[key] in present else new).append(line)
    differing = [line for line in known if not keep and line.items() - present[line[key]].items()]
    if new and not dry_run:
        session.execute(insert(model), new)
    if differing and not dry_run:
        session.execute(update(model), differing)
    return Counts(len(new), len(differing), len(known) - len(differing))


def _given_twice(lines: dict[int, Line], column: str) -> Iterator[Fault]:
    """Lines whose code or id stands in a line above."""
    first_of = dict[str, int]()
    for number, line in lines.items():
        first = first_of.setdefault(line[column], number)
        if first != number:
            yield Fault(f"{number}.{column}", "same_as_row", (("row", first),))


def _category_faults(sheet: Sheet) -> Iterator[Fault]:
    yield from _disagreements(sheet.lines)
    yield from _halves(sheet.lines)
    yield from _given_twice(sheet.lines, "condition_code")
    yield from _taken_codes(sheet.lines)


def _disagreements(lines: dict[int, Line]) -> Iterator[Fault]:
    """Lines that tell a category otherwise than its first line."""
    first_of = dict[str, int]()
    for number, line in lines.items():
        first = first_of.setdefault(line["category_code"], number)
        for name in OF_CATEGORY:
            if line[name] != lines[first][name]:
                yield Fault(f"{number}.{name}", "differs_from_row", (("row", first),))


def _halves(lines: dict[int, Line]) -> Iterator[Fault]:
    """Lines that name one half of the limit within which it must be made safe."""
    for number, line in lines.items():
        lacking = [name for name in ("safe_value", "safe_clock") if line[name] is None]
        if len(lacking) == 1:
            yield Fault(f"{number}.{lacking[0]}", "required")


def _taken_codes(lines: dict[int, Line]) -> Iterator[Fault]:
    """Codes that stand for something else already: they are on old cases, so their meaning cannot change."""
    meaning = {row.code: row for row in rows(select(Category.code, Category.scheme, Category.version))}
    home = {row.code: row.category_code for row in rows(select(Condition.code, Condition.category_code))}
    for number, line in lines.items():
        known = meaning.get(line["category_code"])
        if known and (known.scheme, known.version) != (line["scheme"], line["version"]):
            yield Fault(
                f"{number}.category_code",
                "taken_by_scheme",
                (("scheme", known.scheme), ("version", known.version)),
            )
        category = home.get(line["condition_code"], line["category_code"])
        if category != line["category_code"]:
            yield Fault(f"{number}.condition_code", "taken_by_category", (("category", category),))


def _split(lines: list[Line]) -> dict[type[Base], list[Line]]:
    """The categories, each once, and the conditions, by the names of their columns in the rows."""
    categories = {line["category_code"]: _category_of(line) for line in lines}
    return {Category: list(categories.values()), Condition: [_condition_of(line) for line in lines]}


def _category_of(line: Line) -> Line:
    return {column: line[name] for name, column in OF_CATEGORY.items()}


def _condition_of(line: Line) -> Line:
    own = {name: value for name, value in line.items() if name not in OF_CATEGORY}
    return {"code": own.pop("condition_code"), "category_code": line["category_code"], **own}


def _service_faults(sheet: Sheet) -> Iterator[Fault]:
    yield from _given_twice(sheet.lines, "code")


def _question_faults(sheet: Sheet) -> Iterator[Fault]:
    yield from _given_twice(sheet.lines, "code")
    there = {row.code for held in (Condition, Service) for row in rows(select(held.code))}
    home = {row.code: row.asked_for for row in rows(select(Question.code, Question.asked_for))}
    for number, line in sheet.lines.items():
        if line["asked_for"] not in there:
            yield Fault(f"{number}.asked_for", "unknown_code")
        elif home.get(line["code"], line["asked_for"]) != line["asked_for"]:
            yield Fault(f"{number}.code", "taken_by_category", (("category", home[line["code"]]),))
        yield from _choice_faults(number, line)


def _choice_faults(number: int, line: Line) -> Iterator[Fault]:
    if (line["type"] == "choice") != bool(line["choices"]):
        yield Fault(f"{number}.choices", "choices_form")
        return
    try:
        choices(line["choices"])
    except ValueError:
        yield Fault(f"{number}.choices", "choices_form")


def _unit_faults(sheet: Sheet) -> Iterator[Fault]:
    yield from _given_twice(sheet.lines, "id")
    yield from _parent_faults(sheet)


def _parent_faults(sheet: Sheet) -> Iterator[Fault]:
    """Lines whose parent stands neither above them nor in the database, or is below them in turn."""
    parents = {row.id: row.parent_id for row in rows(select(Unit.id, Unit.parent_id))}
    there = set(parents)
    parents |= {line["id"]: line["parent_id"] for line in sheet.lines.values()}
    # A parent whose own line has a fault is none that is missing.
    for number, line in sorted((sheet.lines | sheet.spoilt).items()):
        unit, parent = line.get("id"), line.get("parent_id")
        if parent is not None and parent != unit and parent not in there:
            yield Fault(f"{number}.parent_id", "parent_missing")
        elif unit is not None and _leads_back(unit, parents):
            yield Fault(f"{number}.parent_id", "parent_circle")
        there.add(unit)


def _leads_back(unit: str, parents: dict[str, str | None]) -> bool:
    """Whether the way up from `unit`, from parent to parent, comes by it again."""
    passed, above = set[str](), parents.get(unit)
    while above is not None and above != unit and above not in passed:
        passed.add(above)
        above = parents.get(above)
    return above == unit


CATEGORIES = Form(CategoryLine, _category_faults, _split)
QUESTIONS = Form(QuestionLine, _question_faults, lambda lines: {Question: lines})
SERVICES = Form(ServiceLine, _service_faults, lambda lines: {Service: lines})
UNITS = Form(UnitLine, _unit_faults, lambda lines: {Unit: lines})
