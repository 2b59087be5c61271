"""The catalogue given out as the sheets that bring it in again: CSV text with a heading, inactive rows included."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from sqlalchemy import select

from participate.catalogue.importing import OF_CATEGORY
from participate.catalogue.models import Category, Condition, Question, Service, Unit
from participate.catalogue.sheets import CategoryLine, QuestionLine, ServiceLine, UnitLine, write
from participate.kernel.db import AnyRow, rows

_CATEGORY_COLUMNS = [getattr(Category, column).label(name) for name, column in OF_CATEGORY.items()]
_CONDITION_COLUMNS = [
    Condition.code.label("condition_code"),
    *(column for column in Condition.__table__.columns if column.name not in {"code", "category_code"}),
]


def categories() -> str:
    """The sheet that `import_categories` takes: one line per condition, by its code."""
    joined = select(*_CATEGORY_COLUMNS, *_CONDITION_COLUMNS).join_from(Category, Condition)
    return write(CategoryLine, _plain(rows(joined.order_by(Category.code, Condition.code))))


def services() -> str:
    """The sheet that `import_services` takes, by code."""
    return write(ServiceLine, _plain(rows(select(Service.__table__).order_by(Service.code))))


def questions() -> str:
    """The sheet that `import_questions` takes, by code."""
    return write(QuestionLine, _plain(rows(select(Question.__table__).order_by(Question.code))))


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
