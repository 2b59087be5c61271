"""Keeps the marks and the sums with every move."""

import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from participate.cases import clocks
from participate.cases.figures import counting, facts
from participate.cases.figures.models import FILED, SETTLED, CaseMark
from participate.cases.found import sampling
from participate.cases.guards import is_audited
from participate.cases.models import Case
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, add_up, after_failure, db, transaction
from participate.kernel.errors import Conflict, Invalid
from participate.kernel.workflow import locked
from participate.submissions.kinds import SEALED

_log = logging.getLogger(__name__)
COUNTED = ("dispatch", "accept", "resolve")  # Duties whose time the figures tell of.
_TIMED = ("dispatched", "accepted", "in_progress", "rework", "filed", "objected")  # Its clock runs, for all to see.


def opened(case: Case) -> None:
    """Count a new case, within the transaction that opens it; what is sealed counts nowhere, or it could be counted."""
    if case.kind == SEALED:
        return
    mark = CaseMark(
        case_id=case.id,
        area=(case.cell or case.area or "")[:12],
        filed_at=case.opened_at,
        due_at=_due(case),
        kind=case.kind,
        part=case.part_of is not None,
        found=FILED if case.found and case.part_of is None else None,
        **dict.fromkeys(("late", "overtaken", "cancelled", "excluded", "drawn", "failed"), False),
        **dict.fromkeys(("independent", "relayed", "adopted", "converted"), False),
        **dict.fromkeys(("reworks", "objections", "extensions", "urgings", "reopenings", "replies", "stock"), 0),
    )
    db.session.add(mark)
    add_up(counting.counted(mark), counting.write)


def moved(case: Case, name: str, fields: dict[str, Any], missed: Collection[str], ended: AnyRow | None) -> None:
    """Count what a move has done, within its transaction, and the stretch in the same hands that it has `ended`.

    `missed` are the duties, of COUNTED, whose time was over when it was made: no move makes good for that, also where
    it comes before the sweep.
    """
    mark = db.session.get(CaseMark, case.id)
    if mark is None and case.kind == SEALED:
        return
    if mark is None:  # The release before has opened it beside this one.
        opened(case)
        mark = db.session.get_one(CaseMark, case.id)
    with counting.kept(mark):
        _missed(mark, missed)
        _note(mark, name, fields)
        if mark.kind is None:  # The release before has made it.
            facts.learn([mark])
        if name == "publish" or not is_audited(case):  # Else a unit's public sums would tell it before the audit does.
            mark.answer_class = case.answer_class
        if mark.satisfaction is not None and name in _RATING:
            mark.independent = not mark.relayed and bool(facts.independent({case.submission_id: mark.unit}))
        if case.assignee is not None or case.unit is not None:
            mark.person, mark.unit = case.assignee, case.unit
        if case.state in _TIMED and not mark.late and mark.replied_at is None:
            mark.due_at = _due(case)
    if ended is not None and mark.found is None:
        add_up(counting.held(mark, ended), counting.write)


def check_excluded(case: Case, name: str) -> None:
    """Raises Conflict for an exclusion that was made already, or for taking one back that was not."""
    mark, wanted = db.session.get(CaseMark, case.id), name == "exclude"
    if mark is not None and mark.excluded == wanted:
        raise Conflict("excluded_already" if wanted else "not_excluded")


def _due(case: Case) -> datetime:
    return clocks.to_do(case) if case.make_safe_due_at is not None else case.due_at


def _missed(mark: CaseMark, missed: Collection[str]) -> None:
    mark.late = mark.late or ("resolve" in missed and mark.replied_at is None)
    mark.overtaken = mark.overtaken or (bool({"dispatch", "accept"} & set(missed)) and mark.taken_at is None)


_RATING = frozenset({"close", "uphold"})
_ADDS = {"object": "objections", "approve_extension": "extensions", "urge": "urgings", "rework": "reworks"}
_ADDS |= {"resolve": "replies"}
_ADDS |= {"reopen": "reopenings", "order_rework": "reopenings"}


def _note(mark: CaseMark, name: str, fields: dict[str, Any]) -> None:
    if name == "settle":
        mark.found, mark.drawn = SETTLED, sampling.is_drawn(mark.case_id)
    if name in {"verify", "rework"} and mark.judged_at is None:
        mark.judged_at, mark.failed = now(), name == "rework"
    if name in _ADDS:
        setattr(mark, _ADDS[name], getattr(mark, _ADDS[name]) + 1)
    if name in {"reopen", "order_rework", "dispute"}:
        mark.closed_at = mark.resolved = mark.satisfaction = None
        mark.independent = mark.relayed = False
        mark.excluded = False  # What was taken out is what they said of the former answer.
    elif name in {"take", "accept"}:
        mark.taken_at = mark.taken_at or now()
    elif name == "resolve":
        mark.replied_at = now()
    elif name in {"close", "uphold", "let_stand"} or (name == "verify" and mark.part):
        mark.closed_at, rating = now(), fields.get("rating")
        mark.resolved, mark.satisfaction, mark.relayed = rating or (None, None, False)
    elif name == "cancel":
        mark.cancelled = True
    elif name in {"exclude", "include"}:
        mark.excluded = name == "exclude"


def refused(case_id: str, fault: Invalid) -> None:
    """Within the open transaction: where `fault` refuses a final reply as stock phrases, that is counted all the same.

    It is counted once all that came with the reply has been taken back.
    """
    if any(each.code == "stock_phrase" for each in fault.faults):
        after_failure(f"stock {case_id}", lambda: _count_refusal(case_id))


def _count_refusal(case_id: str) -> None:
    """Why the reply was refused is what its writer must hear, also where the database refuses this too."""
    try:
        with transaction():
            locked(Case, case_id)
            mark = db.session.get(CaseMark, case_id)
            if mark is not None:
                with counting.kept(mark):
                    mark.stock += 1
    except SQLAlchemyError as error:
        _log.warning("a refused reply is not counted", extra={"reason": type(error).__name__})


def carried(case_id: str) -> None:
    """In the open transaction, in which the case is locked: count whether its suggestion was adopted, or converted."""
    mark = db.session.get(CaseMark, case_id)
    if mark is not None and mark.kind == counting.SUGGESTION:
        with counting.kept(mark):
            mark.adopted, mark.converted = facts.carried(case_id)
