"""The rows of the catalogue: classes and their conditions, services, units, and the days of duty."""

from datetime import date, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.catalogue.calendar import Clock
from participate.kernel.db import Id, Model, code

KINDS = ("event", "component", "service")
_Code, _Version, _Area = code(40), code(20), code(20)


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    choices = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({choices})", name=column)


class Scheme(Model):
    """One version of a scheme: a list of classes that holds from `valid_from` on, a draft where that is empty.

    It holds until `valid_until` (that day not included), or until a later version of the same scheme begins. `prefix`
    goes before the codes of its list and makes them unique in a deployment: the same four digits mean different things
    in CJ/T 214-2007 and in GB/T 30428.2.
    """

    __tablename__ = "schemes"
    code: Mapped[str] = mapped_column(_Code, primary_key=True)
    version: Mapped[str] = mapped_column(_Version, primary_key=True)
    prefix: Mapped[str] = mapped_column(String(12))
    name_zh: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class Category(Model):
    """A class of things that go wrong.

    `code` is unique in a deployment: that of the list which `scheme` and `version` name, behind its prefix.
    """

    __tablename__ = "categories"
    __table_args__ = (
        _one_of("kind", KINDS),
        Index("ix_categories_active_code", "active", "code"),
        Index("ix_categories_scheme_version_code", "scheme", "version", "code"),
    )
    code: Mapped[str] = mapped_column(_Code, primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    scheme: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    major_code: Mapped[str] = mapped_column(_Code)
    active: Mapped[bool] = mapped_column(default=True)


class Condition(Model):
    """What exactly is wrong, how long its mending may take, and when it counts as done.

    What is dangerous has a second limit besides, `safe_value` of `safe_clock`, within which it must be made safe.
    """

    __tablename__ = "conditions"
    __table_args__ = (
        _one_of("clock", tuple(Clock)),
        CheckConstraint("limit_value > 0", name="limit_value"),
        Index("ix_conditions_category_code_code", "category_code", "code"),
    )
    code: Mapped[str] = mapped_column(_Code, primary_key=True)
    category_code: Mapped[str] = mapped_column(ForeignKey("categories.code"))
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    limit_value: Mapped[int]
    clock: Mapped[str] = mapped_column(String(20))
    photo_required: Mapped[bool]
    closing_zh: Mapped[str] = mapped_column(String(300))
    closing_en: Mapped[str] = mapped_column(String(300))
    safe_value: Mapped[int | None]
    safe_clock: Mapped[str | None] = mapped_column(String(20))


# Who may ask for a service: anybody, for a place in its area, who says that they are in its need, or members.
EVERYBODY, OF_AREA, IN_NEED, MEMBERS = ASKERS = ("everybody", "area", "need", "members")

KEEP_DAYS = 30


class Service(Model):
    """A small service that a resident may ask for.

    `asked_by` is one of ASKERS: `area_code` is the area that it is for, `need_zh` and `need_en` what whoever asks must
    say of themselves. `documents` is what has to be shown, as in its sheet, and is forgotten `keep_days`
    days after it is over. `unit_id` does it; without one, it is for
    whoever the rules of dispatch name.
    """

    __tablename__ = "services"
    __table_args__ = (
        _one_of("clock", tuple(Clock)),
        CheckConstraint("limit_value > 0", name="limit_value"),
        Index("ix_services_active_code", "active", "code"),
    )
    code: Mapped[str] = mapped_column(_Code, primary_key=True)
    major_code: Mapped[str] = mapped_column(_Code)
    name_zh: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    description_zh: Mapped[str] = mapped_column(String(500))
    description_en: Mapped[str] = mapped_column(String(500))
    limit_value: Mapped[int]
    clock: Mapped[str] = mapped_column(String(20))
    asked_by: Mapped[str] = mapped_column(String(10), default=EVERYBODY, server_default=EVERYBODY)
    area_code: Mapped[str | None] = mapped_column(_Area)
    need_zh: Mapped[str | None] = mapped_column(String(200))
    need_en: Mapped[str | None] = mapped_column(String(200))
    documents: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    keep_days: Mapped[int] = mapped_column(default=KEEP_DAYS, server_default=str(KEEP_DAYS))
    unit_id: Mapped[str | None] = mapped_column(Id)
    active: Mapped[bool] = mapped_column(default=True)


QUESTION_TYPES = ("text", "number", "yes_no", "date", "choice")


class Question(Model):
    """What is asked of whoever names a condition or asks for a service (`asked_for`); `choices` as in its sheet."""

    __tablename__ = "questions"
    __table_args__ = (
        _one_of("type", QUESTION_TYPES),
        Index("ix_questions_asked_for_code", "asked_for", "code"),
    )
    code: Mapped[str] = mapped_column(_Code, primary_key=True)
    asked_for: Mapped[str] = mapped_column(_Code)
    type: Mapped[str] = mapped_column(String(10))
    required: Mapped[bool]
    text_zh: Mapped[str] = mapped_column(String(200))
    text_en: Mapped[str] = mapped_column(String(200))
    choices: Mapped[str] = mapped_column(String(1000))
    active: Mapped[bool] = mapped_column(default=True)


class Unit(Model):
    """An office, team or company that can be made responsible, and the area it works in."""

    __tablename__ = "units"
    __table_args__ = (Index("ix_units_active_area_code_id", "active", "area_code", "id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    parent_id: Mapped[str | None] = mapped_column(Id, ForeignKey("units.id"))
    area_code: Mapped[str] = mapped_column(code(20))
    active: Mapped[bool] = mapped_column(default=True)


class Responsibility(Model):
    """Which unit answers in an area for what a code stands for, a category or a condition, and which watches over that.

    Units are named by their ids; who is no longer active answers for nothing.
    """

    __tablename__ = "responsibilities"
    code: Mapped[str] = mapped_column(_Code, primary_key=True)
    area_code: Mapped[str] = mapped_column(_Area, primary_key=True)
    responsible: Mapped[str] = mapped_column(Id)
    supervising: Mapped[str | None] = mapped_column(Id)
    active: Mapped[bool] = mapped_column(default=True)


class CalendarDay(Model):
    """A day that is not what its weekday says: a holiday, or a weekend day worked in its place."""

    __tablename__ = "calendar_days"
    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    name: Mapped[str] = mapped_column(String(100))


class DutyHours(Model):
    """One stretch of a working day, in local time."""

    __tablename__ = "duty_hours"
    opens: Mapped[time] = mapped_column(primary_key=True)
    closes: Mapped[time]


class CalendarRevision(Model):
    """One row: its mark is new after every change to days or hours, so that every process knows to reload."""

    __tablename__ = "calendar_revision"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(Id)
