"""Opens the case of a submission: its row, its clocks, and what is counted of it."""

from participate.cases import clocks, telling
from participate.cases.figures import service as figures
from participate.cases.models import Case
from participate.cases.routing import level_of
from participate.cases.workflow import CASE, FILE
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, db
from participate.kernel.ids import new_id, new_reference
from participate.kernel.workflow import THE_SYSTEM, begin
from participate.submissions.kinds import OFFICER
from participate.submissions.services import service as services

_TITLE = 120


def file(brief: AnyRow) -> Case:
    """A new case of the submission that is told of in `brief`, in nobody's hands yet."""
    place = brief.cell or brief.area
    case = Case(
        id=new_id(),
        reference=new_reference(),
        submission_id=brief.id,
        kind=brief.kind,
        title=(brief.title or brief.body.strip().splitlines()[0])[:_TITLE],
        category=brief.category,
        condition=brief.details.get("condition"),
        level=level_of(place),
        area=place,
        cell=brief.cell,
        found=brief.source == OFFICER,
        told_at=None if brief.source == OFFICER else now(),
        opened_at=now(),
        updated_at=now(),
    )
    case.state, case.version = CASE.initial, 1
    case.due_at = clocks.start(case, "resolve")
    clocks.endanger(case)
    case.due_at = min(case.due_at, case.make_safe_due_at or case.due_at)
    if case.kind == services.SERVICE:
        services.promise(brief.id, case.due_at)
    db.session.add(case)
    db.session.flush()
    begin(CASE, case, FILE, THE_SYSTEM)
    figures.opened(case)
    telling.tell(case, FILE.name, None)
    return case
