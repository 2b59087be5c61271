"""`participate seed --demo --cases`: cases in the situations that a desk meets, made by the service's own verbs."""

from flask import Flask
from sqlalchemy import select

from participate.accounts.models import Absence
from participate.cases import queries
from participate.cases.commitments.models import Commitment
from participate.cases.models import Case
from participate.cli import demo, demo_cases
from participate.kernel import deadlines
from participate.kernel.auth import Grant
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import rows
from participate.updates.assisted.models import Call
from participate.visits.models import Visit


def test_each_is_as_far_as_its_story_goes(app: Flask) -> None:
    accounts = settings().data_dir / demo.ACCOUNTS_FILE
    accounts.unlink(missing_ok=True)  # Other tests of this process lay a demo too.
    demo.seed(settings())
    accounts.unlink()
    assert demo_cases.lay(demo.AROUND) == 9
    shown = (Case.state, Case.waits_for, Case.extensions, Case.answer_class, Case.unsigned)
    found = rows(select(*shown).order_by(Case.id))
    assert [tuple(row) for row in found] == [
        ("paused", "other_unit", 0, None, 0),
        ("in_progress", None, 1, None, 0),
        ("in_progress", None, 0, None, 0),
        ("in_progress", None, 0, None, 1),
        ("in_progress", None, 0, None, 0),
        ("dispatched", None, 0, None, 0),
        ("filed", None, 0, None, 0),
        ("verified", None, 0, "B", 0),
        ("dispatched", None, 0, None, 0),  # Filed for somebody.
        ("resolved", None, 0, "A", 0),
        ("dispatched", None, 0, None, 0),
    ]
    assert [row.parts_open for row in rows(select(Case.parts_open).where(Case.parts > 0))] == [1]
    assert [row.follow_up for row in rows(select(Visit.follow_up))] == [True]
    dangers = rows(select(Case.unsigned, Case.make_safe_due_at, Case.due_at).where(Case.make_safe_due_at.is_not(None)))
    assert [(row.unsigned, row.make_safe_due_at == row.due_at) for row in dangers] == [(1, True)]
    (late,) = rows(select(Call.due_at, Call.missed).where(Call.made_at.is_(None)))
    assert (late.due_at < now(), late.missed) == (True, 0)
    assert deadlines.sweep() > 0
    demo_cases.work()
    assert [row.missed for row in rows(select(Call.missed))] == [1]
    assert [row.state for row in rows(select(Commitment.state))] == ["promised"]
    (away,) = rows(select(Absence.account_id, Absence.deputy_id).where(Absence.ended_at.is_(None)))
    held = queries.listed((Grant("grid_officer", demo.DISTRICT),), "mine", stands=True)[0]
    found = rows(held, {"me": away.deputy_id, "absent": [away.account_id], "now": now()})
    assert {row.instead_of for row in found} == {away.account_id}
