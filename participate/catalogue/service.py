"""What changes the catalogue: sheets that are taken in, and the days and hours of duty."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chinese_calendar.constants import Holiday, holidays, workdays
from flask import Flask, current_app
from sqlalchemy import delete, insert, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from participate.catalogue.calendar import DEFAULT_HOURS, Calendar, Hours
from participate.catalogue.models import (
    CalendarDay,
    CalendarRevision,
    Category,
    Condition,
    DutyHours,
    Service,
    Unit,
)
from participate.catalogue.sheets import CategoryLine, Line, Progress, ServiceLine, UnitLine, read
from participate.kernel.db import Base, is_sqlite, one, rows, transaction
from participate.kernel.errors import Fault, Invalid
from participate.kernel.ids import new_id
from participate.kernel.shapes import Shape

_ZONE, _CACHE = "participate.calendar.zone", "participate.calendar.cache"
_STARTER = files("participate.catalogue") / "starter"
# The columns of a category sheet that tell of the category; the others tell of the condition.
_OF_CATEGORY = {
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


def init_catalogue(app: Flask, zone: ZoneInfo) -> None:
    """Let `app` count its working hours in `zone`."""
    app.extensions[_ZONE] = zone


def calendar() -> Calendar:
    """The calendar as the rows are now; read again only after a change, whichever process made it."""
    found = one(select(CalendarRevision.mark))
    mark = found.mark if found else None
    cached: tuple[str | None, Calendar] | None = current_app.extensions.get(_CACHE)
    if cached is None or cached[0] != mark:
        # The mark was read before the rows: a change in between is seen by the next caller.
        cached = current_app.extensions[_CACHE] = (mark, _calendar_from_rows())
    return cached[1]


def _calendar_from_rows() -> Calendar:
    hours = rows(select(DutyHours.opens, DutyHours.closes).order_by(DutyHours.opens))
    days = rows(select(CalendarDay.day, CalendarDay.working))
    return Calendar(
        current_app.extensions[_ZONE],
        tuple((row.opens, row.closes) for row in hours) or DEFAULT_HOURS,
        {row.day: row.working for row in days},
    )


def seed_calendar() -> int:
    """Add the holidays and adjusted working days that only chinesecalendar knows so far; returns how many.

    Days that are there already stay: an administrator's word outlives an upgrade of the package.
    """
    with transaction() as session:
        _mark_changed(session)
        present = set(session.scalars(select(CalendarDay.day)))
        missing = [day for day in _known_days() if day["day"] not in present]
        if missing:
            session.execute(insert(CalendarDay), missing)
    return len(missing)


def _known_days() -> Iterator[dict[str, Any]]:
    for working, days in ((False, holidays), (True, workdays)):
        for day, holiday in days.items():
            yield {"day": day, "working": working, "name": Holiday(holiday).chinese}


def set_day(day: date, working: bool, name: str) -> None:
    """Say whether `day` is worked, and what it is called."""
    with transaction() as session:
        _mark_changed(session)
        session.merge(CalendarDay(day=day, working=working, name=name))


def set_hours(hours: Sequence[tuple[time, time]]) -> None:
    """Replace the stretches of a working day, in local time; Invalid unless they are in order and apart."""
    _check_hours(tuple(hours))
    with transaction() as session:
        _mark_changed(session)
        session.execute(delete(DutyHours))
        session.execute(insert(DutyHours), [{"opens": opens, "closes": closes} for opens, closes in hours])


def _check_hours(hours: Hours) -> None:
    try:
        Calendar(current_app.extensions[_ZONE], hours)
    except ValueError as error:
        raise Invalid(Fault("hours", "hours_order")) from error


def _mark_changed(session: Session) -> None:
    """Give the calendar a new mark; as the first statement of a change it also makes the writers queue.

    The mark is random, not a number: one that was rolled back never comes again with other rows behind it.
    """
    dialect = sqlite if is_sqlite() else postgresql
    mark = {"mark": new_id()}
    statement = dialect.insert(CalendarRevision).values(id=1, **mark)
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=mark))


def seed_starter() -> dict[str, Counts]:
    """Add the starter catalogue and its demo units; what is there already stays as it is."""
    with transaction() as session:
        categories, conditions = _split(_starter("categories.csv", CategoryLine))
        services, units = _starter("services.csv", ServiceLine), _starter("units.csv", UnitLine)
        return {
            "categories": _merge(session, Category, categories, keep=True),
            "conditions": _merge(session, Condition, conditions, keep=True),
            "services": _merge(session, Service, services.values(), keep=True),
            "units": _merge(session, Unit, units.values(), keep=True),
        }


def _starter(name: str, shape: type[Shape]) -> dict[int, Line]:
    with as_file(_STARTER / name) as path:
        sheet = read(path, shape)
    if sheet.faults:
        raise Invalid(*sheet.faults)
    return sheet.lines


def import_categories(path: Path, dry_run: bool = False, on_progress: Progress | None = None) -> dict[str, Counts]:
    """Take in a category sheet: UTF-8 CSV with a heading, one line per condition with its category.

    Columns, in any order: `category_code`, `category_name_zh`, `category_name_en`, `scheme`, `version`,
    `kind` (event, component or service), `major_code`, `active` (yes or no; yes where left out),
    `condition_code`, `name_zh`, `name_en`, `limit_value` (1 to 9999), `clock` (urgent_hour, work_hour,
    work_day or calendar_day), `photo_required` (yes or no), `closing_zh`, `closing_en` (when it counts as
    done). Codes are unique in the deployment.

    A code that is there already takes on what the sheet says. A dry run counts and checks the same and writes
    nothing. `on_progress` is told rows done and rows in all.

    Raises Invalid with every fault, its field being `<row>.<column>`, when a cell is wrong, a category is
    told in two ways, or a code is used twice or taken by another scheme or category; nothing is written then.
    Raises OSError when the file cannot be read.
    """
    sheet = read(path, CategoryLine, on_progress)
    lines = sheet.lines
    with transaction() as session:
        found = [*sheet.faults, *_disagreements(lines), *_taken_codes(lines)]
        if found:
            raise Invalid(*found)
        categories, conditions = _split(lines)
        return {
            "categories": _merge(session, Category, categories, dry_run=dry_run),
            "conditions": _merge(session, Condition, conditions, dry_run=dry_run),
        }


def _split(lines: dict[int, Line]) -> tuple[list[Line], list[Line]]:
    """The categories, each once, and the conditions, by the names of their columns in the rows."""
    categories = {line["category_code"]: _category_of(line) for line in lines.values()}
    return list(categories.values()), [_condition_of(line) for line in lines.values()]


def _category_of(line: Line) -> Line:
    return {column: line[name] for name, column in _OF_CATEGORY.items()}


def _condition_of(line: Line) -> Line:
    own = {name: value for name, value in line.items() if name not in _OF_CATEGORY}
    return {"code": own.pop("condition_code"), "category_code": line["category_code"], **own}


def _disagreements(lines: dict[int, Line]) -> Iterator[Fault]:
    """Lines that tell a category otherwise than its first line, or give a condition's code a second time."""
    first_of_category, first_of_condition = dict[str, int](), dict[str, int]()
    for number, line in lines.items():
        first = first_of_category.setdefault(line["category_code"], number)
        for name in _OF_CATEGORY:
            if line[name] != lines[first][name]:
                yield Fault(f"{number}.{name}", "differs_from_row", (("row", first),))
        first = first_of_condition.setdefault(line["condition_code"], number)
        if first != number:
            yield Fault(f"{number}.condition_code", "same_as_row", (("row", first),))


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


def _merge(
    session: Session, model: type[Base], lines: Iterable[Line], keep: bool = False, dry_run: bool = False
) -> Counts:
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
