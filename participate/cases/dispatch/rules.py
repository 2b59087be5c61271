"""What a rule says, and which of them a case meets first; nothing here asks the database."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

WORK, OFF = "work", "off"
OFFICER, UNIT = "officer", "unit"
MOST_RULES = 500


@dataclass(frozen=True)
class Matter:
    """What rules look at: the kind, category and condition, the place (a code, or None) and when it was filed.

    Neither its `author` gets it, nor anybody from whom the submission `sealed` is kept. `served` is the unit that does
    the `service`.
    """

    kind: str
    category: str | None
    condition: str | None
    place: str | None
    at: datetime
    author: str
    sealed: str | None = None
    service: str | None = None
    served: str | None = None


@dataclass(frozen=True)
class Duty:
    """What the catalogue says of who answers for a matter: on what, which unit, and which one watches over it."""

    on: dict[str, str]
    unit: str
    supervising: str | None


def _of_nobody(_matter: Matter) -> Duty | None:
    return None


@dataclass(frozen=True)
class Surroundings:
    """What rules ask about besides, each asked only where a rule wants to know.

    `local(at)` is the moment on the city's clocks, `works(at)` whether it lies in working hours; `officer(matter)` is
    the account that answers for the place, `open_of(unit)` how many cases a unit has, None where there is no such unit.
    `duty(matter)` is what the catalogue says of who is responsible.
    """

    local: Callable[[datetime], datetime]
    works: Callable[[datetime], bool]
    officer: Callable[[Matter], str | None]
    open_of: Callable[[str], int | None]
    duty: Callable[[Matter], Duty | None] = _of_nobody


@dataclass(frozen=True)
class Routed:
    """Which rule a case met, on what, and to whom that leads; without a rule, to whom the catalogue names, if any."""

    rule: str | None
    on: dict[str, Any]
    to: dict[str, str] | None


NOWHERE = Routed(None, {}, None)


def routed(rules: Sequence[dict[str, Any]], matter: Matter, around: Surroundings) -> Routed:
    """The first rule, in their order, that the case meets and that leads to somebody who is there.

    The service list goes before all of them: everyone reads there who does it. Where no rule leads to anybody, the unit
    that is responsible by the catalogue has it.
    """
    if matter.served is not None and around.open_of(matter.served) is not None:
        return Routed(None, {"service": matter.service}, {UNIT: matter.served})
    for rule in rules:
        found = _led(rule, matter, around)
        if found is not None:
            return found
    duty = around.duty(matter)
    return NOWHERE if duty is None else Routed(None, {**duty.on}, {UNIT: duty.unit})


def _led(rule: dict[str, Any], matter: Matter, around: Surroundings) -> Routed | None:
    met = dict[str, Any]()
    for name, value in _asked(rule.get("when", {}), matter, around):
        if value is None:
            return None
        met[name] = value
    to, load = _addressee(rule["to"], matter, around)
    most = rule.get("when", {}).get("max_open")
    if to is None or (most is not None and load >= most):
        return None
    return Routed(rule["name"], met | ({"open": load} if most is not None else {}), to)


def _asked(when: dict[str, Any], matter: Matter, around: Surroundings) -> Iterator[tuple[str, Any]]:
    """For each thing that a rule names, what of the case meets it; None where nothing does."""
    if when.get("kinds"):
        yield "kind", matter.kind if matter.kind in when["kinds"] else None
    if when.get("categories"):
        yield "category", _below(matter.category, when["categories"])
    if when.get("conditions"):
        yield "condition", matter.condition if matter.condition in when["conditions"] else None
    if when.get("areas"):
        yield "area", _below(matter.place, when["areas"])
    if when.get("months"):
        month = around.local(matter.at).month
        yield "month", month if month in when["months"] else None
    if when.get("hours"):
        hours = WORK if around.works(matter.at) else OFF
        yield "hours", hours if hours == when["hours"] else None


def _below(code: str | None, codes: Sequence[str]) -> str | None:
    """The longest of `codes` that `code` begins with: an area holds all below it, a class all its categories."""
    return max((each for each in codes if code is not None and code.startswith(each)), key=len, default=None)


def _addressee(to: dict[str, Any], matter: Matter, around: Surroundings) -> tuple[dict[str, str] | None, int]:
    if to.get(UNIT):
        load = around.open_of(to[UNIT])
        return (None, 0) if load is None else ({"unit": to[UNIT]}, load)
    officer = around.officer(matter)
    return ({"assignee": officer} if officer else None), 0


# What holds where a city has no rules of its own: the officer of the cell, or who else handles the kind there.
SHIPPED: tuple[dict[str, Any], ...] = ({"name": "officer of the place", "when": {}, "to": {OFFICER: True}},)
