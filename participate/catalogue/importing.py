"""How sheets become rows: read, looked at one beside the other, and written whole or not at all."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import insert, inspect, select, update
from sqlalchemy.orm import Session

from participate.catalogue.sheets import Cells, Line, Progress, Sheet, check, opened
from participate.kernel.db import Base, rows, transaction
from participate.kernel.errors import Fault, Invalid
from participate.kernel.shapes import Shape

Sheets = Mapping[str, Sheet]
Areas = Callable[[set[str]], set[str]]


@dataclass(frozen=True)
class Counts:
    """What a sheet did to the rows of one table."""

    added: int
    changed: int
    unchanged: int

    def __str__(self) -> str:
        return f"{self.added} added, {self.changed} changed, {self.unchanged} unchanged"


@dataclass(frozen=True)
class Beside:
    """What a sheet may refer to: what the database holds, and what the sheets say that come with it.

    `areas` says which of some codes are those of areas.
    """

    sheets: Sheets
    areas: Areas

    def lines(self, *names: str) -> Iterator[Line]:
        """The lines of these sheets, of those with faults the cells that are sound."""
        for sheet in (self.sheets[name] for name in names if name in self.sheets):
            yield from (sheet.lines | sheet.spoilt).values()

    def there(self, column: Any, **of: str) -> set[str]:
        """What `column` holds of the database, and what the cells of sheets hold: by each name the column in it."""
        said = {line.get(cell) for name, cell in of.items() for line in self.lines(name)}
        return {row[0] for row in rows(select(column))} | {value for value in said if value is not None}


@dataclass(frozen=True)
class Form:
    """One form of sheet: the shape of its lines, what is wrong between them, and the rows that they make.

    `tables` gives the rows by their model, in the order in which they can be written. `prepare` may say anew what the
    lines hold, for what cannot be told without what stands beside the sheet.
    """

    name: str
    shape: type[Shape]
    faults: Callable[[Sheet, Beside], Iterator[Fault]]
    tables: Callable[[list[Line], Beside], Mapping[type[Base], list[Line]]]
    prepare: Callable[[Sheet, Beside], Sheet] = field(default=lambda sheet, _beside: sheet)


def bring_in(
    forms: Mapping[Path, Form], areas: Areas, *, keep: bool, dry_run: bool, on_progress: Progress | None
) -> dict[str, Counts]:
    """Take in the sheets, all of them whole or none; what they did, by the name of the table.

    They stand in the order in which they can be written, and may refer to one another. With `keep`, rows that are there
    stay as they are, whatever the sheets say of them. A dry run counts and checks the same and writes nothing.
    `on_progress` is told rows done and rows in all.

    Raises Invalid with every fault in the order of the sheets and their rows, each behind the name of its file where
    there are several, and OSError when a file cannot be read.
    """
    read = {forms[path].name: sheet for path, sheet in _read(forms, on_progress).items()}
    with transaction() as session:
        beside = Beside(read, areas)
        for form in forms.values():
            read[form.name] = form.prepare(read[form.name], beside)
        # A sheet that changes nothing cannot contradict what is there.
        _refuse(
            {
                path: [*read[form.name].faults, *(() if keep else form.faults(read[form.name], beside))]
                for path, form in forms.items()
            }
        )
        made = (form.tables(list(read[form.name].lines.values()), beside) for form in forms.values())
        counts = dict[str, Counts]()
        for model, lines in (each for tables in made for each in tables.items()):
            name = model.__tablename__
            counts[name] = _sum(counts.get(name), _merge(session, model, lines, keep=keep, dry_run=dry_run))
        return counts


def _read(forms: Mapping[Path, Form], on_progress: Progress | None) -> dict[Path, Sheet]:
    """Each sheet, its lines checked on their own. Raises Invalid where files are no such sheets."""
    cells, unfit = dict[Path, Cells](), dict[Path, list[Fault]]()
    for path, form in forms.items():
        try:
            cells[path] = opened(path, form.shape)
        except Invalid as error:
            unfit[path] = list(error.faults)
    _refuse({path: unfit.get(path, []) for path in forms})
    total, done, found = sum(len(each.rows) for each in cells.values()), 0, dict[Path, Sheet]()
    for path, form in forms.items():
        found[path] = check(cells[path], form.shape, done, total, on_progress)
        done += len(cells[path].rows)
    return found


def _refuse(found: Mapping[Path, Iterable[Fault]]) -> None:
    """Raises Invalid with the faults that were found in each file, if there are any."""
    said = [
        replace(fault, field=f"{path.name}:{fault.field}") if len(found) > 1 else fault
        for path, faults in found.items()
        for fault in sorted(faults, key=_row)
    ]
    if said:
        raise Invalid(*said)


def _row(fault: Fault) -> int:
    number = fault.field.partition(".")[0]
    return int(number) if number.isdecimal() else 0


def _sum(first: Counts | None, second: Counts) -> Counts:
    if first is None:
        return second
    pairs = zip(
        (first.added, first.changed, first.unchanged), (second.added, second.changed, second.unchanged), strict=True
    )
    return Counts(*map(sum, pairs))


def _merge(session: Session, model: type[Base], lines: Iterable[Line], *, keep: bool, dry_run: bool) -> Counts:
    """Add the lines that are new, and change the rows that differ from theirs unless they are to be kept."""
    table = inspect(model).local_table
    keys = [column.name for column in table.primary_key]
    present = {tuple(getattr(row, key) for key in keys): row._asdict() for row in rows(select(table))}
    new, known = list[Line](), list[tuple[Line, Line]]()
    for line in lines:
        found = present.get(tuple(line[key] for key in keys))
        new.append(line) if found is None else known.append((line, found))
    differing = [line for line, found in known if not keep and line.items() - found.items()]
    if new and not dry_run:
        session.execute(insert(model), new)
    if differing and not dry_run:
        session.execute(update(model), differing)
    return Counts(len(new), len(differing), len(known) - len(differing))
