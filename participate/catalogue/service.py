"""What changes the catalogue: sheets that are taken in, and the days and hours of duty."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, time
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chinese_calendar.constants import Holiday, holidays, workdays
from flask import Flask, current_app
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.orm import Session

from participate.catalogue.calendar import DEFAULT_HOURS, Calendar, Hours
from participate.catalogue.forms import CATEGORIES, FORMS, QUESTIONS, SCHEMES, SERVICES, UNITS
from participate.catalogue.importing import Areas, Counts, Form, bring_in
from participate.catalogue.models import CalendarDay, CalendarRevision, DutyHours
from participate.catalogue.schemes import ZONE
from participate.catalogue.sheets import Progress
from participate.kernel.db import AnyRow, AnySelect, one, rows, transaction
from participate.kernel.errors import Fault, Invalid
from participate.kernel.ids import new_id
from participate.kernel.inserting import inserting

_CACHE, _AREAS = "participate.calendar.cache", "participate.catalogue.areas"
_STARTER = files("participate.catalogue") / "starter"


def init_catalogue(app: Flask, zone: ZoneInfo, areas: Areas) -> None:
    """Let `app` count its working hours in `zone`, and know by `areas` which of some codes are those of areas."""
    app.extensions |= {ZONE: zone, _AREAS: areas}


def calendar() -> Calendar:
    """The calendar as the rows are now; read again only after a change, whichever process made it."""
    found = one(select(CalendarRevision.mark))
    mark = found.mark if found else None
    cached: tuple[str | None, Calendar] | None = current_app.extensions.get(_CACHE)
    if cached is None or cached[0] != mark:
        # The mark was read before the rows: a change in between is seen by the next caller.
        cached = current_app.extensions[_CACHE] = (mark, _calendar_from_rows())
    return cached[1]


def calendar_by(connection: Connection) -> Calendar:
    """The calendar as this connection reads it, for those who must not wait for another."""
    return _calendar_from_rows(lambda statement: connection.execute(statement).all())


def _calendar_from_rows(read: Callable[[AnySelect], Sequence[AnyRow]] = rows) -> Calendar:
    hours = read(select(DutyHours.opens, DutyHours.closes).order_by(DutyHours.opens))
    days = read(select(CalendarDay.day, CalendarDay.working))
    return Calendar(
        current_app.extensions[ZONE],
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
        Calendar(current_app.extensions[ZONE], hours)
    except ValueError as error:
        raise Invalid(Fault("hours", "hours_order")) from error


def _mark_changed(session: Session) -> None:
    """Give the calendar a new mark; as the first statement of a change it also makes the writers queue.

    The mark is random, not a number: one that was rolled back never comes again with other rows behind it.
    """
    mark = {"mark": new_id()}
    statement = inserting(CalendarRevision).values(id=1, **mark)
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=mark))


def seed_starter() -> dict[str, Counts]:
    """Add the starter catalogue and its demo units; what is there already stays as it is."""
    with as_file(_STARTER) as folder:
        return _bring_in(_in_folder(folder), keep=True)


def _in_folder(folder: Path) -> dict[Path, Form]:
    return {path: form for name, form in FORMS.items() if (path := folder / f"{name}.csv").exists()}


def _bring_in(
    forms: Mapping[Path, Form], dry_run: bool = False, on_progress: Progress | None = None, keep: bool = False
) -> dict[str, Counts]:
    return bring_in(forms, current_app.extensions[_AREAS], keep=keep, dry_run=dry_run, on_progress=on_progress)


def import_folder(folder: Path, dry_run: bool = False, on_progress: Progress | None = None) -> dict[str, Counts]:
    """Take in a whole catalogue at once: those of the sheets that lie in `folder`, each under its own name.

    They may refer to one another. A fault's field is `<file>:<row>.<column>`, else as with `import_categories`.
    Raises Invalid where there is no sheet at all.
    """
    found = _in_folder(folder)
    if not found:
        raise Invalid(Fault("folder", "no_sheets", (("names", ", ".join(f"{name}.csv" for name in FORMS)),)))
    return _bring_in(found, dry_run, on_progress)


def import_schemes(path: Path, dry_run: bool = False, on_progress: Progress | None = None) -> dict[str, Counts]:
    """Take in a sheet of schemes as `import_categories` does its own, one line per version.

    Columns, in any order: `code`, `version`, `prefix` (before the codes of its list, up to 12 characters), `name_zh`,
    `name_en`, `valid_from` (the first day on which it holds; a draft where it is empty), `valid_until` (the first day
    on which it holds no more; empty where a later version is to follow it).

    Raises Invalid with every fault when a cell is wrong, a version is told twice or ends before it begins, or another
    prefix than that of the categories which are there is given; and OSError.
    """
    return _bring_in({path: SCHEMES}, dry_run, on_progress)


def import_categories(path: Path, dry_run: bool = False, on_progress: Progress | None = None) -> dict[str, Counts]:
    """Take in a category sheet: UTF-8 CSV with a heading, one line per condition with its category.

    Columns, in any order: `category_code`, `category_name_zh`, `category_name_en`, `scheme`, `version`,
    `kind` (event, component or service), `major_code`, `active` (yes or no; yes where left out),
    `condition_code`, `name_zh`, `name_en`, `limit_value` (1 to 9999), `clock` (urgent_hour, work_hour,
    work_day or calendar_day), `photo_required` (yes or no), `closing_zh`, `closing_en` (when it counts as
    done), `safe_value` and `safe_clock` (the limit for making it safe; both or neither). Codes are those of the
    scheme's own list; behind the prefix of its version they are unique in the deployment.

    A code that is there already takes on what the sheet says. A dry run counts and checks the same and writes
    nothing. `on_progress` is told rows done and rows in all.

    Raises Invalid with every fault, its field being `<row>.<column>`, when a cell is wrong, a limit is half, a category
    is told in two ways, a code is used twice or taken by another scheme or category, or nobody knows that version of a
    scheme of which there are others; nothing is written then.
    Raises OSError when the file cannot be read.
    """
    return _bring_in({path: CATEGORIES}, dry_run, on_progress)


def import_services(path: Path, dry_run: bool = False, on_progress: Progress | None = None) -> dict[str, Counts]:
    """Take in a service sheet as `import_categories` does its own, one line per service.

    Columns, in any order: `code`, `major_code`, `name_zh`, `name_en`, `description_zh`, `description_en`,
    `limit_value` (1 to 9999), `clock` (as for a condition), `asked_by` (everybody, area, need or members; everybody
    where left out), `area_code` (for area alone), `need_zh` and `need_en` (for need alone), `documents`
    (`code:中文:English`, `|` between them), `keep_days` (1 to 3650; 30 where left out), `unit_id` (who does it; empty
    for whoever the rules name), `active` (yes or no; yes where left out).

    Raises Invalid with every fault when a cell is wrong, a code is used twice, who may ask is told by halves, or nobody
    knows the area or the unit; and OSError.
    """
    return _bring_in({path: SERVICES}, dry_run, on_progress)


def import_questions(path: Path, dry_run: bool = False, on_progress: Progress | None = None) -> dict[str, Counts]:
    """Take in a question sheet as `import_categories` does its own, one line per question.

    Columns, in any order: `code`, `asked_for` (a condition's or a service's code), `type` (text, number, yes_no,
    date or choice), `required` (yes or no), `text_zh`, `text_en`, `choices` (`value:中文:English`, `|` between them;
    for a choice alone), `active` (yes or no; yes where left out).

    Raises Invalid with every fault when a cell is wrong, a code is used twice or asked for by something else, or
    nobody knows what it is asked for; and OSError.
    """
    return _bring_in({path: QUESTIONS}, dry_run, on_progress)


def import_units(path: Path, dry_run: bool = False, on_progress: Progress | None = None) -> dict[str, Counts]:
    """Take in a unit sheet as `import_categories` does its own, one line per unit.

    Columns, in any order: `id` (a UUID), `name_zh`, `name_en`, `parent_id` (empty for none), `area_code`,
    `active` (yes or no; yes where left out).

    Raises Invalid with every fault when a cell is wrong, an id is used twice, or a parent stands neither above
    in the sheet nor in the database, or would be below its own unit; and OSError.
    """
    return _bring_in({path: UNITS}, dry_run, on_progress)
