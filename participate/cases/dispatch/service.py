"""Publishing rules, applying them to a new case, and trying them on those of before."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, exists, func, select

from participate.audit import service as audit
from participate.cases.dispatch import known
from participate.cases.dispatch.models import DispatchRules
from participate.cases.dispatch.rules import SHIPPED, Duty, Matter, Routed, Surroundings, routed
from participate.cases.found.models import FoundCase
from participate.cases.models import Case
from participate.cases.routing import officer_for
from participate.catalogue import queries as catalogue
from participate.catalogue.models import Service
from participate.catalogue.responsibilities import answering
from participate.catalogue.service import calendar
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, one, rows, table, transaction
from participate.kernel.errors import Fault, Forbidden, Invalid, Missing, Stale
from participate.kernel.inserting import inserting
from participate.submissions.kinds import SEALED
from participate.submissions.models import Submission
from participate.submissions.services import service as services
from participate.submissions.services.models import ServiceRequest

MOST_LOOKED_AT = 1000
EXAMPLES = 20
_COLUMNS = tuple(table(DispatchRules).columns)
_LATEST = select(*_COLUMNS).order_by(DispatchRules.version.desc()).limit(1)
_ONE = select(*_COLUMNS).where(DispatchRules.version == bindparam("version"))
_HELD = select(func.count()).select_from(Case).where(Case.unit == bindparam("held_by"), Case.open)


def current() -> tuple[int, Sequence[dict[str, Any]]]:
    """The rules that hold, with their version; 0 for those that are shipped."""
    found = one(_LATEST)
    return (found.version, found.rules) if found is not None else (0, SHIPPED)


def version(number: int | None) -> dict[str, Any]:
    """One version as it was published, or the latest. Raises Missing."""
    found = one(_LATEST) if number is None else one(_ONE, {"version": number})
    if found is None and number in {None, 0}:
        return {"version": 0, "rules": [*SHIPPED], "note": "", "by": None, "at": None}
    if found is None:
        raise Missing
    return {name: getattr(found, name) for name in ("version", "rules", "note", "by", "at")}


def publish(caller: Caller, rules: list[dict[str, Any]], note: str, replaces: int) -> int:
    """Let `rules` hold from now on; returns their version.

    Raises Forbidden for who does not administer everything, Invalid naming each rule that cannot be meant, and Stale
    where the latest version is no longer the one that these replace.
    """
    _check(caller, rules)
    made = inserting(table(DispatchRules)).on_conflict_do_nothing()
    with transaction():
        if current()[0] != replaces:
            raise Stale
        row = {"version": replaces + 1, "rules": rules, "note": note, "by": caller.account_id, "at": now()}
        if one(made.values(row).returning(DispatchRules.version)) is None:
            raise Stale
        audit.record("dispatch_rules.published", "dispatch_rules", str(replaces + 1), caller.account_id, note)
    return replaces + 1


def _check(caller: Caller, rules: list[dict[str, Any]]) -> None:
    if "" not in caller.areas("admin"):
        raise Forbidden("out_of_scope")
    named = Counter(rule["name"] for rule in rules)
    faults = [Fault(f"rules.{n}.name", "duplicate") for n, rule in enumerate(rules) if named[rule["name"]] > 1]
    for n, rule in enumerate(rules):
        unit, officer = rule["to"].get("unit"), rule["to"].get("officer")
        if bool(unit) == bool(officer):
            faults.append(Fault(f"rules.{n}.to", "one_holder"))
        elif unit and _open_of(unit) is None:
            faults.append(Fault(f"rules.{n}.to.unit", "unknown_code"))
        elif officer and rule["when"].get("max_open"):
            faults.append(Fault(f"rules.{n}.when.max_open", "needs_unit"))
    faults.extend(known.unknown(rules))
    if faults:
        raise Invalid(*faults)


def route(case: Case, author: str) -> Routed:
    """To whom a new case goes, and why; the case keeps that, and which unit watches over it.

    What is sealed goes by no rule of a city, and to no unit.
    """
    number, rules = (0, SHIPPED) if case.kind == SEALED else current()
    listed = services.promised(case.submission_id) if case.kind == services.SERVICE else None
    matter, around = _matter(case, author, listed), surroundings()
    found, duty = routed(rules, matter, around), around.duty(matter)
    case.routed = {"version": number, "rule": found.rule, "on": found.on}
    case.supervising_unit = duty.supervising if duty is not None else None
    return found


def _matter(row: Any, author: str, listed: AnyRow | None = None) -> Matter:
    served = (listed.service, listed.unit_id) if listed is not None else ()
    sealed, place = row.submission_id if row.kind == SEALED else None, row.cell or row.area
    return Matter(row.kind, row.category, row.condition, place, row.opened_at, author, sealed, *served)


def surroundings() -> Surroundings:
    """What the rules ask about, each answered once."""
    counted, zone, officer = calendar(), settings().timezone, cache(officer_for)
    return Surroundings(
        local=lambda at: at.astimezone(zone),
        works=lambda at: counted.elapsed(at, at + timedelta(seconds=1), "work_hour") > timedelta(0),
        officer=lambda matter: officer(matter.kind, matter.place, matter.author, matter.sealed),
        open_of=cache(_open_of),
        duty=cache(_duty),
    )


def _duty(matter: Matter) -> Duty | None:
    found = None if matter.kind == SEALED else answering(matter.category, matter.condition, matter.place)
    if found is None:
        return None
    name = "condition" if found.code == matter.condition else "category"
    return Duty({name: found.code, "area": found.area_code}, found.responsible, found.supervising)


def _open_of(unit: str) -> int | None:
    known = catalogue.unit(unit)
    if known is None or not known.active:
        return None
    found = one(_HELD, {"held_by": unit})
    return 0 if found is None else int(found[0])


_BEFORE = (
    select(
        *(Case.id, Case.reference, Case.kind, Case.category, Case.condition, Case.cell, Case.opened_at),
        Submission.area,
        Submission.author_id,
        ServiceRequest.service,
        Service.unit_id,
    )
    .join(Submission, Submission.id == Case.submission_id)
    .outerjoin(ServiceRequest, ServiceRequest.submission_id == Case.submission_id)
    .outerjoin(Service, Service.code == ServiceRequest.service)
    # What is mended on the spot goes to nobody.
    .where(Case.kind != SEALED, Case.part_of.is_(None), ~exists().where(FoundCase.case_id == Case.id))
    .order_by(Case.id.desc())
    .limit(bindparam("last"))
)


def rehearse(caller: Caller, rules: list[dict[str, Any]], last: int) -> dict[str, Any]:
    """Where the `last` cases would go by these rules, and where by those that hold; nothing changes.

    Officers, units and their load are those of now. Raises as `publish` does.
    """
    _check(caller, rules)
    around, (_, present) = surroundings(), current()
    found = [(row, *(_tried(each, row, around) for each in (present, rules))) for row in rows(_BEFORE, {"last": last})]
    moved = [(row, before, after) for row, before, after in found if before.to != after.to]
    return {
        "looked_at": len(found),
        "moved": len(moved),
        "unrouted_before": sum(before.to is None for _, before, _ in found),
        "unrouted_after": sum(after.to is None for _, _, after in found),
        "by_rule": Counter(after.rule for _, _, after in found if after.rule is not None),
        "examples": [_example(*each) for each in moved[:EXAMPLES]],
    }


def _tried(rules: Sequence[dict[str, Any]], row: AnyRow, around: Surroundings) -> Routed:
    return routed(rules, _matter(row, row.author_id, listed=row), around)


def _example(row: AnyRow, before: Routed, after: Routed) -> dict[str, Any]:
    shown = {name: {"rule": each.rule, "to": each.to} for name, each in (("before", before), ("after", after))}
    return {"case_id": row.id, "reference": row.reference} | shown
