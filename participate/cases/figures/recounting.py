"""Counts all cases anew, and what there was before something was counted of it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, select, text

from participate.cases.figures import counting, facts
from participate.cases.figures.counting import EVERY, Key
from participate.cases.figures.models import CaseFigure, CaseMark, KindFigure
from participate.cases.models import Case, CaseHolding
from participate.kernel.db import AnyRow, db, execute, is_sqlite, rows, table, transaction

_BATCH = 1000
_LOCKED = 200  # cases at a time
_WHOLE: Key = ("", EVERY, "", "by_kind")  # Stands among the sums once all that there was has been counted.
_HELD = select(CaseMark.case_id, CaseMark.area, CaseMark.part, CaseMark.kind).where(CaseMark.found.is_(None))
_SUMS = select(*table(CaseFigure).c).where(CaseFigure.subject != _WHOLE[0])
_KIND_SUMS = select(*table(KindFigure).c)


def recount(check: bool = False) -> int:
    """Sum up all marks and holdings anew, and put the figures right unless it is only a `check`.

    Returns how many of them were not what they ought to be. Meanwhile no move of a case lands.
    """
    with transaction():
        if not is_sqlite():  # There a transaction that may write keeps the others out from its beginning.
            execute(text("LOCK TABLE case_figures, kind_figures IN SHARE ROW EXCLUSIVE MODE"))
        narrow = Counter[Key]()
        for mark in _every(CaseMark, CaseMark.case_id):
            narrow.update(counting.narrow(mark))
        marks = {row.case_id: row for row in rows(_HELD)}
        for holding in _every(CaseHolding, CaseHolding.id):
            if holding.worked_ms is not None and holding.case_id in marks:
                narrow.update(counting.narrowly_held(marks[holding.case_id], holding))
        wanted = counting.spread(narrow)
        wanted.subtract({(row.subject, EVERY, row.period, row.measure): row.n for row in rows(_SUMS)})
        wanted.subtract({(row.subject, row.kind, row.period, row.measure): row.n for row in rows(_KIND_SUMS)})
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
    if rows(select(CaseFigure.n).where(CaseFigure.subject == _WHOLE[0], CaseFigure.measure == _WHOLE[-1])):
        return 0
    _learn()
    with transaction():
        wrong = recount()
        counting.write(Counter({_WHOLE: 1}))
    return wrong


_UNLEARNT = (
    select(Case.id)
    .join(CaseMark, CaseMark.case_id == Case.id)
    .where(CaseMark.kind.is_(None), Case.id > bindparam("last"))
    .order_by(Case.id)
    .limit(_LOCKED)
    .with_for_update(of=Case)
)


def _learn() -> None:
    """Let the marks say what the rows tell of cases from before it was counted.

    Some cases at a time, which no move changes meanwhile; where it breaks off, the next time goes on from there.
    """
    last = "00000000-0000-0000-0000-000000000000"
    while last:
        with transaction():
            ids = [row.id for row in rows(_UNLEARNT, {"last": last})]
            facts.learn(db.session.scalars(select(CaseMark).where(CaseMark.case_id.in_(ids))).all())
        last = ids[-1] if ids else ""
