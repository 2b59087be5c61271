"""What the catalogue holds, as rows."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, select, tuple_

from participate.catalogue import schemes
from participate.catalogue.asking import choices, questions
from participate.catalogue.models import Category, Condition, Service, Unit
from participate.kernel.db import AnyRow, AnySelect, one, rows
from participate.kernel.errors import Missing
from participate.kernel.paging import page
from participate.kernel.scopes import subtree

# The keys that a list is ordered by come last, where `page` looks for them.
_CATEGORY: tuple[Any, ...] = (
    Category.name_zh,
    Category.name_en,
    Category.scheme,
    Category.version,
    Category.kind,
    Category.major_code,
    Category.active,
    Category.code,
)
_CONDITION: tuple[Any, ...] = (
    Condition.category_code,
    Condition.code,
    Condition.name_zh,
    Condition.name_en,
    Condition.limit_value,
    Condition.clock,
    Condition.photo_required,
    Condition.closing_zh,
    Condition.closing_en,
    Condition.safe_value,
    Condition.safe_clock,
)
_SERVICE: tuple[Any, ...] = (
    Service.major_code,
    Service.name_zh,
    Service.name_en,
    Service.description_zh,
    Service.description_en,
    Service.limit_value,
    Service.clock,
    Service.asked_by,
    Service.area_code,
    Service.need_zh,
    Service.need_en,
    Service.documents,
    Service.keep_days,
    Service.unit_id,
    Service.active,
    Service.code,
)
_UNIT: tuple[Any, ...] = (
    Unit.name_zh,
    Unit.name_en,
    Unit.parent_id,
    Unit.active,
    Unit.area_code,
    Unit.id,
)


def _plain(row: AnyRow) -> dict[str, Any]:
    found: dict[str, Any] = row._asdict()
    return found


_CONDITIONS = (
    select(*_CONDITION)
    .where(Condition.category_code.in_(bindparam("codes", expanding=True)))
    .order_by(Condition.category_code, Condition.code)
)
_SERVICES = (
    select(Unit.name_zh.label("unit_zh"), Unit.name_en.label("unit_en"), *_SERVICE)
    .outerjoin(Unit, and_(Unit.id == Service.unit_id, Unit.active))
    .where(Service.active.is_(True))
)
_OF_CLASS = _SERVICES.where(Service.major_code == bindparam("major"))


@lru_cache(maxsize=256)
def _units(area: str | None) -> AnySelect:
    listed = select(*_UNIT).where(Unit.active.is_(True))
    return listed if area is None else listed.where(subtree(Unit.area_code, area))


FILTERS = ("kind", "major", "minor", "scheme", "version", "code")
_EDITION = tuple_(Category.scheme, Category.version)


def categories(limit: int, cursor: str | None = None, **filters: str) -> dict[str, Any]:
    """A page of the active categories by code, each with its `conditions` by code: four statements.

    Those that hold today, unless a `version` or a `code` is named: what an old case was filed under can still be read.
    """
    editions = {(row.code, row.version): row for row in schemes.versions()}
    given = {name: filters[name] for name in FILTERS if filters.get(name)}
    hidden = [] if given.keys() & {"version", "code"} else _not_held(editions.values())
    minors = {"minors": _minors(given.pop("minor"), editions.values())} if "minor" in given else {}
    statement = _categories(frozenset((*given, *minors)), bool(hidden))
    parameters = given | minors | ({"hidden": hidden} if hidden else {})
    found = page(statement, _CATEGORY[-1:], _plain, limit, cursor, parameters=parameters)
    by_code: dict[str, list[dict[str, Any]]] = {item["code"]: [] for item in found["items"]}
    conditions = rows(_CONDITIONS, {"codes": list(by_code)})
    asked = questions([condition.code for condition in conditions])
    for condition in conditions:
        by_code[condition.category_code].append(_plain(condition) | {"questions": asked[condition.code]})
    for item in found["items"]:
        edition = editions.get((item["scheme"], item["version"]))
        item |= {"minor_code": own_code(item["code"], edition), "conditions": by_code[item["code"]]}
    return found


@lru_cache(maxsize=256)
def _categories(given: frozenset[str], some_hidden: bool) -> AnySelect:
    """The statement for these filters; kept, so that a page need not be put together anew."""
    held = Category
    found = select(*_CATEGORY).where(held.active.is_(True))
    columns = {"kind": held.kind, "major": held.major_code, "scheme": held.scheme, "version": held.version}
    for name, column in (columns | {"code": held.code}).items():
        if name in given:
            found = found.where(column == bindparam(name))
    if "minors" in given:
        found = found.where(held.code.in_(bindparam("minors", expanding=True)))
    return found.where(_EDITION.not_in(bindparam("hidden", expanding=True))) if some_hidden else found


def _not_held(editions: Iterable[AnyRow]) -> list[tuple[str, str]]:
    """The versions that do not hold today. What belongs to none is not among them."""
    day = schemes.today()
    return [(row.code, row.version) for row in editions if schemes.state(row, day) != schemes.State.CURRENT]


def _minors(minor: str, editions: Iterable[AnyRow]) -> list[str]:
    """What a code of a scheme's own list may be called here."""
    return sorted({row.prefix + minor for row in editions} | {minor})


def own_code(code: str, edition: AnyRow | None) -> str:
    """The code as the list of its scheme has it."""
    return code.removeprefix(edition.prefix) if edition is not None else code


def services(limit: int, cursor: str | None = None, major: str | None = None) -> dict[str, Any]:
    """A page of the active services by code, all or those of the class `major`."""
    given = {} if major is None else {"major": major}
    found = page(_OF_CLASS if given else _SERVICES, _SERVICE[-1:], _service, limit, cursor, parameters=given)
    asked = questions([item["code"] for item in found["items"]])
    return found | {"items": [item | {"questions": asked[item["code"]]} for item in found["items"]]}


def _service(row: AnyRow) -> dict[str, Any]:
    """A service with its documents one by one, and the unit that does it, while there is such a one."""
    shown = _plain(row) | {"documents": choices(row.documents)}
    named = {"id": shown.pop("unit_id"), "name_zh": shown.pop("unit_zh"), "name_en": shown.pop("unit_en")}
    return shown | {"unit": named if named["name_zh"] else None}


def units(limit: int, cursor: str | None = None, area: str | None = None) -> dict[str, Any]:
    """A page of the active units by area and id: all, or those in the subtree of the area code `area`."""
    return page(_units(area), _UNIT[-2:], _plain, limit, cursor)


_ONE_CATEGORY = select(*_CATEGORY).where(Category.code == bindparam("wanted"))


def category(code: str) -> AnyRow | None:
    """The category, active or not."""
    return one(_ONE_CATEGORY, {"wanted": code})


def condition(code: str) -> AnyRow | None:
    """The condition, with the code of its category."""
    return one(select(*_CONDITION).where(Condition.code == code))


def category_codes() -> list[str]:
    """The codes of all categories, active or not, in order."""
    return sorted(row.code for row in rows(select(Category.code)))


def condition_codes() -> list[str]:
    """The codes of all conditions, in order."""
    return sorted(row.code for row in rows(select(Condition.code)))


def service(code: str) -> AnyRow | None:
    """The service, active or not."""
    return one(select(*_SERVICE).where(Service.code == code))


def unit(id: str) -> AnyRow | None:
    """The unit, active or not."""
    return one(select(*_UNIT).where(Unit.id == id))


_UNIT_NAMES = select(Unit.id, Unit.name_zh, Unit.name_en).where(Unit.id.in_(bindparam("ids", expanding=True)))


def unit_names(ids: Collection[str]) -> dict[str, dict[str, str]]:
    """What units are called in each language, by id."""
    found = rows(_UNIT_NAMES, {"ids": list(ids)}) if ids else []
    return {row.id: {"zh-Hans": row.name_zh, "en": row.name_en or row.name_zh} for row in found}


def limit_for(category_code: str, condition_code: str | None = None) -> tuple[int, str]:
    """The time limit of a condition as (value, clock), for `Calendar.due_at`.

    Where nobody has named the condition yet, the first of its category by code stands: a catalogue numbers
    the usual case first. Raises Missing for an unknown category, or a condition that is not one of its own.
    An inactive category still answers, for cases that were filed under it.
    """
    found = _limits(category_code, condition_code)
    return found.limit_value, found.clock


def safe_limit_for(category_code: str, condition_code: str | None = None) -> tuple[int, str] | None:
    """As `limit_for`, within what time it must be made safe; None where it is no danger."""
    found = _limits(category_code, condition_code)
    return None if found.safe_value is None else (found.safe_value, found.safe_clock)


def closing(category_code: str | None, condition_code: str | None, language: str) -> str | None:
    """When a condition counts as done, in `language`; None where nobody has named one."""
    if category_code is None or condition_code is None:
        return None
    try:
        found = _limits(category_code, condition_code)
    except Missing:
        return None
    return str(found.closing_en if language == "en" and found.closing_en else found.closing_zh)


def photo_required(category_code: str | None, condition_code: str | None) -> bool | None:
    """Whether it has to be shown that a condition is done with; None where nobody has named one."""
    if category_code is None or condition_code is None:
        return None
    try:
        return bool(_limits(category_code, condition_code).photo_required)
    except Missing:
        return None


def _limits(category_code: str, condition_code: str | None) -> AnyRow:
    statement = select(*_CONDITION).where(Condition.category_code == category_code)
    if condition_code is not None:
        statement = statement.where(Condition.code == condition_code)
    found = one(statement.order_by(Condition.code).limit(1))
    if found is None:
        raise Missing
    return found
