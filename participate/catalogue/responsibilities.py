"""Who answers for what is wrong at a place: the row that says so of the condition and the place most exactly."""

from sqlalchemy import bindparam, select

from participate.catalogue.models import Responsibility, Unit
from participate.kernel.db import AnyRow, rows

_FEWEST_DIGITS = 2
_ROWS = (
    select(
        Responsibility.code,
        Responsibility.area_code,
        Responsibility.responsible,
        Responsibility.supervising,
    )
    .join(Unit, Unit.id == Responsibility.responsible)
    .where(
        Responsibility.code.in_(bindparam("codes", expanding=True)),
        Responsibility.area_code.in_(bindparam("areas", expanding=True)),
        Responsibility.active.is_(True),
        Unit.active.is_(True),
    )
)


def answering(category: str | None, condition: str | None, place: str | None) -> AnyRow | None:
    """`code, area_code, responsible, supervising` of the row that counts at the place, a code; None without one.

    What is said of the condition goes before what is said of its category, and then the smallest area around counts.
    """
    codes = [each for each in (condition, category) if each is not None]
    if not codes or place is None:
        return None
    around = [place[:digits] for digits in range(_FEWEST_DIGITS, len(place) + 1)]
    found = rows(_ROWS, {"codes": codes, "areas": around})
    return min(found, key=lambda row: (codes.index(row.code), -len(row.area_code)), default=None)
