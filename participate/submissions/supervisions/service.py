"""Keeps what a micro-supervision watches over, and from whom it is kept as more people have a part in that."""

from collections.abc import Callable, Collection
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, delete, insert, select

from participate.accounts import queries as accounts
from participate.catalogue import queries as catalogue
from participate.kernel.db import execute, one, rows, table, transaction
from participate.kernel.errors import Fault, Invalid
from participate.kernel.inserting import inserting
from participate.kernel.workflow import locked
from participate.submissions.kinds import ANSWER, CASE, PROJECT, SEALED, UNIT
from participate.submissions.models import Submission
from participate.submissions.supervisions.barring import ANY_UNIT
from participate.submissions.supervisions.models import Supervision, SupervisionBar

# Who has ever had a part in what became of a submission, accounts and units: the rooms above know.
Concerned = Callable[[str], Collection[str]]
_SUPERVISIONS, _BARS = table(Supervision), table(SupervisionBar)
_NEEDS = {
    UNIT: ("watched_unit",),
    CASE: ("watched_submission",),
    ANSWER: ("watched_submission",),
    PROJECT: ("watched_unit", "watched"),
}
_HAS_ANSWER = ("answered", "disputed", "closed")


def check(kind: str, author_id: str, details: dict[str, Any]) -> None:
    """Raises Invalid where what is watched is not named as its target needs, or is not there for its author to see."""
    target = details.get("target")
    if kind != SEALED or target is None:
        return
    faults = [Fault(f"details.{name}", "required") for name in _NEEDS[target] if name not in details]
    if faults:
        raise Invalid(*faults)
    if "watched_unit" in details and catalogue.unit(details["watched_unit"]) is None:
        raise Invalid(Fault("details.watched_unit", "unknown_code"))
    if "watched_submission" in details and not _is_handled(author_id, target, details["watched_submission"]):
        raise Invalid(Fault("details.watched_submission", "unknown_code"))


def target_of(details: dict[str, Any]) -> str | None:
    """What is watched over: what its author says it is, or else what they have named; None where they name nothing."""
    if "target" in details:
        return str(details["target"])
    named = (("watched_submission", CASE), ("watched", PROJECT), ("watched_unit", UNIT))
    return next((target for name, target in named if name in details), None)


def check_named(row: Any) -> None:
    """Raises Invalid where a submission of that kind names nothing that is watched, or lies nowhere: nobody had it."""
    if row.kind != SEALED:
        return
    lacking = {"details.target": target_of(row.details), "place": row.area}
    faults = [Fault(name, "required") for name, said in lacking.items() if said is None]
    if faults:
        raise Invalid(*faults)


def lying(kind: str, details: dict[str, Any], where: dict[str, Any]) -> dict[str, Any]:
    """The columns that say where: for a submission of that kind that names no place in any area, where it watches."""
    return where | {"area": _area(details)} if kind == SEALED and where.get("area") is None else where


def adopt(submission_id: str, moderator_id: str) -> None:
    """In the open transaction: what names no place in any area lies where the moderator sits who takes it in."""
    row, desk = locked(Submission, submission_id), accounts.grantee(moderator_id)
    if row.kind == SEALED and row.area is None and desk is not None:
        row.area = min((area for area in desk.areas("moderator") if area), default=None)


def _area(details: dict[str, Any]) -> str | None:
    """The area of the submission that is watched, or else in which the unit works."""
    if "watched_submission" in details:
        found = one(select(Submission.area).where(Submission.id == details["watched_submission"]))
        return found.area if found is not None else None
    unit = catalogue.unit(details["watched_unit"]) if "watched_unit" in details else None
    return unit.area_code if unit is not None else None


def _is_handled(author_id: str, target: str, submission_id: str) -> bool:
    """Whether the author sees a submission that is being handled; of a proposal's answer, one that has an answer."""
    held = Submission
    found = one(
        select(held.kind, held.state).where(
            held.id == submission_id,
            held.handled_at.is_not(None),
            held.public.is_(True) | (held.author_id == author_id),
        )
    )
    if found is None or target != ANSWER:
        return found is not None
    return found.kind == "micro_proposal" and found.state in _HAS_ANSWER


def keep(row: Any) -> None:
    """Write down what a submission of that kind, which is locked or new, watches over; nothing for other kinds."""
    if row.kind != SEALED:
        return
    said = row.details
    if row.area is None or row.place_source == "none":
        row.area = _area(said)
    unit, thread = said.get("watched_unit"), said.get("watched_submission")
    held = {"id": row.id, "target": target_of(said), "unit": unit, "thread_id": thread, "name": said.get("watched")}
    with transaction():
        execute(delete(_BARS).where(_BARS.c.submission_id == row.id))
        execute(delete(_SUPERVISIONS).where(_SUPERVISIONS.c.id == row.id))
        execute(insert(_SUPERVISIONS), held)
        _bar(row.id, [unit or (ANY_UNIT if thread is None else None)])
        look_again(row)


def look_again(row: Any) -> None:
    """In the open transaction: bar who has a part in what a submission of that kind watches over by now.

    Before others than moderators see it: who moved the case just as it was handed in was in neither's sight.
    """
    thread = row.details.get("watched_submission") if row.kind == SEALED else None
    if thread is not None:
        concerned: Concerned = current_app.extensions["participate.concerned"]
        _bar(row.id, concerned(thread))


_OF_THREAD = select(_SUPERVISIONS.c.id).where(_SUPERVISIONS.c.thread_id == bindparam("thread"))


def involve(thread_id: str, *who: str | None) -> None:
    """In the open transaction: these accounts and units have a part in what became of the submission."""
    for found in rows(_OF_THREAD, {"thread": thread_id}):
        _bar(found.id, who)


def _bar(submission_id: str, who: Collection[str | None]) -> None:
    made = inserting(_BARS).on_conflict_do_nothing()
    bars = [{"submission_id": submission_id, "who": each} for each in sorted({*who} - {None}, key=str)]
    if bars:
        execute(made, bars)


def unit_of(submission_id: str) -> str | None:
    """The unit that a micro-supervision is about, where its author has named one."""
    found = one(select(_SUPERVISIONS.c.unit).where(_SUPERVISIONS.c.id == submission_id))
    return found.unit if found is not None else None
