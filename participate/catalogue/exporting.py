"""The catalogue given out as the sheets that bring it in again: CSV text with a heading, inactive rows included."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from sqlalchemy import and_, select

from participate.catalogue.checking import OF_CATEGORY
from participate.catalogue.forms import KEYED
from participate.catalogue.models import Category, Condition, Question, Responsibility, Scheme, Service, Unit
from participate.catalogue.sheets import (
    CategoryLine,
    QuestionLine,
    ResponsibilityLine,
    SchemeLine,
    ServiceLine,
    UnitLine,
    write,
)
from participate.kernel.db import AnyRow, rows

_CATEGORY_COLUMNS = [getattr(Category, column).label(name) for name, column in OF_CATEGORY.items()]
_CONDITION_COLUMNS = [
    Condition.code.label("condition_code"),
    *(column for column in Condition.__table__.columns if column.name not in {"code", "category_code"}),
]


def schemes() -> str:
    """The sheet that `import_schemes` takes, by code and version."""
    return write(SchemeLine, _plain(rows(select(Scheme.__table__).order_by(Scheme.code, Scheme.version))))


def categories(scheme: str | None = None, version: str | None = None) -> str:
    """The sheet that `import_categories` takes: one line per condition, by its code; of one scheme or version alone.

    Its codes are those of the scheme's own list, without the prefix.
    """
    joined = select(*_CATEGORY_COLUMNS, *_CONDITION_COLUMNS, Scheme.prefix).join_from(Category, Condition)
    joined = joined.outerjoin(Scheme, and_(Scheme.code == Category.scheme, Scheme.version == Category.version))
    asked = ((Category.scheme, scheme), (Category.version, version))
    joined = joined.where(*(column == wanted for column, wanted in asked if wanted is not None))
    return write(CategoryLine, map(_unkeyed, rows(joined.order_by(Category.code, Condition.code))))


def _unkeyed(row: AnyRow) -> dict[str, object]:
    line: dict[str, object] = row._asdict()
    return line | {name: str(line[name]).removeprefix(row.prefix or "") for name in KEYED}


def services() -> str:
    """The sheet that `import_services` takes, by code."""
    return write(ServiceLine, _plain(rows(select(Service.__table__).order_by(Service.code))))


def questions() -> str:
    """The sheet that `import_questions` takes, by code."""
    return write(QuestionLine, _plain(rows(select(Question.__table__).order_by(Question.code))))


def responsibilities() -> str:
    """The sheet that `import_folder` takes as `responsibilities.csv`, by code and area."""
    held = Responsibility
    return write(ResponsibilityLine, _plain(rows(select(held.__table__).order_by(held.code, held.area_code))))


def units() -> str:
    """The sheet that `import_units` takes, each parent above those below it."""
    return write(UnitLine, _plain(_parents_first(rows(select(Unit.__table__).order_by(Unit.id)))))


def _plain(found: Iterable[AnyRow]) -> Iterator[dict[str, object]]:
    return (row._asdict() for row in found)


def _parents_first(found: Iterable[AnyRow]) -> Iterator[AnyRow]:
    """All the units level by level; an import lets none be below itself."""
    below = defaultdict[str | None, list[AnyRow]](list)
    for unit in found:
        below[unit.parent_id].append(unit)
    level = below[None]
    while level:
        yield from level
        level = [unit for parent in level for unit in below[parent.id]]


SHEETS = {
    "schemes": schemes,
    "units": units,
    "categories": categories,
    "services": services,
    "questions": questions,
    "responsibilities": responsibilities,
}
