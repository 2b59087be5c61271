"""Keeps the marks and the sums with every move, and counts anew."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from participate.cases import clocks
from participate.cases.figures import counting
from participate.cases.figures.counting import Key
from participate.cases.figures.models import FILED, SETTLED, CaseFigure, CaseMark
from participate.cases.found import sampling
from participate.cases.models import Case, CaseHolding
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, add_up, db, execute, is_sqlite, rows, table, transaction
from participate.kernel.errors import Conflict
from participate.submissions.kinds import SEALED

_BATCH = 1000
_WHOLE: Key = ("", "", "whole")  # Stands among the sums once all that there was has been counted.
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
        part=case.part_of is not None,
        found=FILED if case.found and case.part_of is None else None,
        **dict.fromkeys(("late", "overtaken", "cancelled", "excluded", "drawn", "failed"), False),
        **dict.fromkeys(("reworks", "objections", "extensions", "urgings", "reopenings"), 0),
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


_ADDS = {"object": "objections", "approve_extension": "extensions", "urge": "urgings", "rework": "reworks"}
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
        mark.excluded = False  # What was taken out is what they said of the former answer.
    elif name in {"take", "accept"}:
        mark.taken_at = mark.taken_at or now()
    elif name == "resolve":
        mark.replied_at = now()
    elif name in {"close", "uphold", "let_stand"} or (name == "verify" and mark.part):
        mark.closed_at, rating = now(), fields.get("rating")
        mark.resolved, mark.satisfaction = rating or (None, None)
    elif name == "cancel":
        mark.cancelled = True
    elif name in {"exclude", "include"}:
        mark.excluded = name == "exclude"


_HELD = select(CaseMark.case_id, CaseMark.area, CaseMark.part).where(CaseMark.found.is_(None))
_SUMS = select(*table(CaseFigure).c).where(CaseFigure.subject != _WHOLE[0])


def recount(check: bool = False) -> int:
    """Sum up all marks and holdings anew, and put the figures right unless it is only a `check`.

    Returns how many of them were not what they ought to be. Meanwhile no move of a case lands.
    """
    with transaction():
        if not is_sqlite():  # There a transaction that may write keeps the others out from its beginning.
            execute(text("LOCK TABLE case_figures IN SHARE ROW EXCLUSIVE MODE"))
        wanted = Counter[Key]()
        for mark in _every(CaseMark, CaseMark.case_id):
            wanted.update(counting.counted(mark))
        marks = {row.case_id: row for row in rows(_HELD)}
        for holding in _every(CaseHolding, CaseHolding.id):
            if holding.worked_ms is not None and holding.case_id in marks:
                wanted.update(counting.held(marks[holding.case_id], holding))
        wanted.subtract({(row.subject, row.period, row.measure): row.n for row in rows(_SUMS)})
        wrong = {key: n for key, n in wanted.items() if n}
        if not check:
            counting.write(Counter(wrong))
    return len(wrong)


def _every(model: Any, key: Any) -> Iterator[AnyRow]:
    """All rows, some at a time."""
    last: str | None = None
    statement = select(*table(model).columns).order_by(key).limit(_BATCH)
    while found := rows(statement if last is None else statement.where(key > last)):
        yield from found
        last = getattr(found[-1], key.key)


def begin() -> int:
    """Count what there was before there were figures, once; returns how many figures were wrong.

    That there are sums does not say that it was done: cases move as soon as the upgrade is there.
    """
    if rows(select(CaseFigure.n).where(CaseFigure.subject == _WHOLE[0]).limit(1)):
        return 0
    with transaction():
        wrong = recount()
        counting.write(Counter({_WHOLE: 1}))
    return wrong
