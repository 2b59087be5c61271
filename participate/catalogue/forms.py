"""The forms of sheet that there are, in the order in which they can be written, and the rows that each makes."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import select

from participate.catalogue import checking
from participate.catalogue.checking import OF_CATEGORY
from participate.catalogue.importing import Beside, Form
from participate.catalogue.models import Category, Condition, Question, Responsibility, Scheme, Service, Unit
from participate.catalogue.schemes import today
from participate.catalogue.sheets import (
    LONGEST_CODE,
    CategoryLine,
    Line,
    QuestionLine,
    ResponsibilityLine,
    SchemeLine,
    ServiceLine,
    Sheet,
    UnitLine,
)
from participate.kernel.db import Base, rows
from participate.kernel.errors import Fault

KEYED = ("category_code", "condition_code")


def _prefixes(beside: Beside) -> dict[Any, str]:
    """What goes before the codes of each version of a scheme that the database or a sheet beside knows."""
    known = {(row.code, row.version): row.prefix for row in rows(select(Scheme.code, Scheme.version, Scheme.prefix))}
    said = {(line.get("code"), line.get("version")): line.get("prefix", "") for line in beside.lines("schemes")}
    return known | said


def _keyed(sheet: Sheet, beside: Beside) -> Sheet:
    """The category sheet with codes that are unique in the deployment.

    Of a scheme that is known the version must be known too.
    """
    prefixes = _prefixes(beside)
    schemes = {scheme for scheme, _ in prefixes}
    found = Sheet({}, list(sheet.faults), {})
    for lines, kept in ((sheet.lines, found.lines), (sheet.spoilt, found.spoilt)):
        for number, line in lines.items():
            edition = line.get("scheme"), line.get("version")
            if edition[0] in schemes and edition[1] is not None and edition not in prefixes:
                found.faults.append(Fault(f"{number}.version", "unknown_version", (("scheme", edition[0]),)))
            kept[number] = line | {name: prefixes.get(edition, "") + line[name] for name in KEYED if name in line}
            found.faults.extend(_too_long(number, kept[number]))
    return found


def _too_long(number: int, line: Line) -> Iterator[Fault]:
    for name in KEYED:
        if len(line.get(name, "")) > LONGEST_CODE:
            yield Fault(f"{number}.{name}", "length", (("min", 1), ("max", LONGEST_CODE)))


def _split(lines: list[Line], beside: Beside) -> dict[type[Base], list[Line]]:
    """The categories, each once, and the conditions, by the names of their columns in the rows.

    A scheme of which no version is known is taken in with them, from today on.
    """
    known = _prefixes(beside)
    editions = dict.fromkeys((line["scheme"], line["version"]) for line in lines)
    unknown = [_scheme_of(*edition) for edition in editions if edition not in known]
    categories = {line["category_code"]: _category_of(line) for line in lines}
    made: dict[type[Base], list[Line]] = {Scheme: unknown} if unknown else {}
    return made | {Category: list(categories.values()), Condition: [_condition_of(line) for line in lines]}


def _scheme_of(scheme: str, version: str) -> Line:
    named = {"name_zh": scheme, "name_en": scheme}
    return {"code": scheme, "version": version, "prefix": "", "valid_from": today(), "valid_until": None} | named


def _category_of(line: Line) -> Line:
    return {column: line[name] for name, column in OF_CATEGORY.items()}


def _condition_of(line: Line) -> Line:
    own = {name: value for name, value in line.items() if name not in OF_CATEGORY}
    return {"code": own.pop("condition_code"), "category_code": line["category_code"], **own}


def _rows_of(model: type[Base]) -> Callable[[list[Line], Beside], Mapping[type[Base], list[Line]]]:
    """Where a line is a row."""
    return lambda lines, _beside: {model: lines}


SCHEMES = Form("schemes", SchemeLine, checking.schemes, _rows_of(Scheme))
UNITS = Form("units", UnitLine, checking.units, _rows_of(Unit))
CATEGORIES = Form("categories", CategoryLine, checking.categories, _split, _keyed)
SERVICES = Form("services", ServiceLine, checking.services, _rows_of(Service))
QUESTIONS = Form("questions", QuestionLine, checking.questions, _rows_of(Question))
RESPONSIBILITIES = Form("responsibilities", ResponsibilityLine, checking.responsibilities, _rows_of(Responsibility))
FORMS = {form.name: form for form in (SCHEMES, UNITS, CATEGORIES, SERVICES, QUESTIONS, RESPONSIBILITIES)}
