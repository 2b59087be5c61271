"""What may be wrong with a sheet beside its single cells: what its lines say of one another, and of what is there."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from participate.catalogue.asking import choices
from participate.catalogue.importing import Beside
from participate.catalogue.models import IN_NEED, OF_AREA, Category, Condition, Question, Scheme, Service, Unit
from participate.catalogue.sheets import Line, Sheet
from participate.kernel.db import rows
from participate.kernel.errors import Fault

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


def given_twice(lines: Mapping[int, Line], *columns: str) -> Iterator[Fault]:
    """Lines whose code or id, or what else makes them one thing, stands in a line above."""
    first_of = dict[tuple[Any, ...], int]()
    for number, line in lines.items():
        first = first_of.setdefault(tuple(line[column] for column in columns), number)
        if first != number:
            yield Fault(f"{number}.{columns[0]}", "same_as_row", (("row", first),))


def schemes(sheet: Sheet, _beside: Beside) -> Iterator[Fault]:
    """A version twice, one that ends before it begins, and another prefix than its categories have already."""
    yield from given_twice(sheet.lines, "code", "version")
    present = {(row.code, row.version): row.prefix for row in rows(select(Scheme.code, Scheme.version, Scheme.prefix))}
    used = {(row.scheme, row.version) for row in rows(select(Category.scheme, Category.version).distinct())}
    for number, line in sheet.lines.items():
        begins, ends = line["valid_from"], line["valid_until"]
        if ends is not None and (begins is None or ends <= begins):
            yield Fault(f"{number}.valid_until", "until_order")
        edition = line["code"], line["version"]
        if edition in used and present.get(edition, "") != line["prefix"]:
            yield Fault(f"{number}.prefix", "prefix_fixed")


def categories(sheet: Sheet, _beside: Beside) -> Iterator[Fault]:
    """What a category is told to be in two ways, halves of limits, and codes that stand for something else."""
    yield from _disagreements(sheet.lines)
    yield from _halves(sheet.lines)
    yield from given_twice(sheet.lines, "condition_code")
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


# The cells that say more of who may ask, by what they say it of.
_OF_ASKERS = {OF_AREA: ("area_code",), IN_NEED: ("need_zh", "need_en")}


def services(sheet: Sheet, beside: Beside) -> Iterator[Fault]:
    """A code twice, half of who may ask, documents of another form, and areas and units that nobody knows."""
    yield from given_twice(sheet.lines, "code")
    areas = beside.areas({line["area_code"] for line in sheet.lines.values() if line["area_code"] is not None})
    units = beside.there(Unit.id, units="id")
    for number, line in sheet.lines.items():
        yield from _asker_faults(number, line)
        if not _is_list(line["documents"]):
            yield Fault(f"{number}.documents", "documents_form")
        for column, there in (("area_code", areas), ("unit_id", units)):
            if line[column] is not None and line[column] not in there:
                yield Fault(f"{number}.{column}", "unknown_code")


def _asker_faults(number: int, line: Line) -> Iterator[Fault]:
    for asked_by, columns in _OF_ASKERS.items():
        for column in columns:
            if (line[column] is not None) != (line["asked_by"] == asked_by):
                yield Fault(f"{number}.{column}", "asker_form", (("asked_by", asked_by),))


def _is_list(cell: str) -> bool:
    try:
        choices(cell)
    except ValueError:
        return False
    return True


def questions(sheet: Sheet, beside: Beside) -> Iterator[Fault]:
    """A code twice or asked for by something else, what nobody knows, and choices where there can be none."""
    yield from given_twice(sheet.lines, "code")
    there = beside.there(Condition.code, categories="condition_code") | beside.there(Service.code, services="code")
    home = {row.code: row.asked_for for row in rows(select(Question.code, Question.asked_for))}
    for number, line in sheet.lines.items():
        if line["asked_for"] not in there:
            yield Fault(f"{number}.asked_for", "unknown_code")
        elif home.get(line["code"], line["asked_for"]) != line["asked_for"]:
            yield Fault(f"{number}.code", "taken_by_category", (("category", home[line["code"]]),))
        yield from _choice_faults(number, line)


def _choice_faults(number: int, line: Line) -> Iterator[Fault]:
    if (line["type"] == "choice") != bool(line["choices"]) or not _is_list(line["choices"]):
        yield Fault(f"{number}.choices", "choices_form")


def units(sheet: Sheet, _beside: Beside) -> Iterator[Fault]:
    """An id twice, and parents that are not there or lead back."""
    yield from given_twice(sheet.lines, "id")
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


def responsibilities(sheet: Sheet, beside: Beside) -> Iterator[Fault]:
    """A code twice for one area, codes, areas and units that are not there, and units that watch themselves."""
    yield from given_twice(sheet.lines, "code", "area_code")
    codes = beside.there(Condition.code, categories="condition_code")
    units_there = beside.there(Unit.id, units="id")
    there: dict[str, set[Any]] = {
        "code": codes | beside.there(Category.code, categories="category_code"),
        "area_code": beside.areas({line["area_code"] for line in sheet.lines.values()}),
        "responsible": units_there,
        "supervising": units_there | {None},
    }
    for number, line in sheet.lines.items():
        for name, known in there.items():
            if line[name] not in known:
                yield Fault(f"{number}.{name}", "unknown_code")
        if line["supervising"] == line["responsible"]:
            yield Fault(f"{number}.supervising", "watches_itself")


def _leads_back(unit: str, parents: dict[str, str | None]) -> bool:
    """Whether the way up from `unit`, from parent to parent, comes by it again."""
    passed, above = set[str](), parents.get(unit)
    while above is not None and above != unit and above not in passed:
        passed.add(above)
        above = parents.get(above)
    return above == unit
