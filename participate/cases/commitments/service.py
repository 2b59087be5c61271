"""A commitment's verbs: made by a final reply, moved by who answers for it, and missed when its day passes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from participate.cases import clocks, replies, stead
from participate.cases.commitments import queries
from participate.cases.commitments.models import Commitment
from participate.cases.commitments.workflow import COMMITMENT, OPEN_STATES, PROMISE
from participate.cases.holders import asker, holder
from participate.cases.models import Case
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import db, transaction
from participate.kernel.errors import Fault, Invalid
from participate.kernel.ids import new_id
from participate.kernel.workflow import THE_SYSTEM, Actor, apply, begin, locked
from participate.photos import service as photos
from participate.photos.models import AFTER
from participate.submissions import queries as submissions
from participate.submissions.supervisions.service import involve

LONGEST = timedelta(days=731)
_NEEDS = {"photo_ids": "photo"}


@dataclass(frozen=True)
class _Outcome:
    """What a consultation has in the place of a case, for whoever is to answer for it."""

    kind: str
    area: str | None


def terms(case: Case, fields: dict[str, Any]) -> dict[str, Any]:
    """What a final reply promises: the day (`due_at`), and who answers for it: `to`, or the holder. Raises Invalid."""
    until = day_of(fields.get("due_at"))
    assignee, unit = holder(fields["to"], case, asker(case)) if "to" in fields else (case.assignee, case.unit)
    return {"due_at": until.astimezone(UTC).isoformat(), "assignee": assignee, "unit": unit}


def promise(case: Case, actor: Actor, text: str, agreed: dict[str, Any]) -> None:
    """A final reply of these words promises it by such `terms`."""
    held = {"case_id": case.id, "title": case.title, "area": case.cell or case.area, "handling_area": case.area}
    owner, until = (agreed["assignee"], agreed["unit"]), datetime.fromisoformat(agreed["due_at"])
    _begin(held | {"submission_id": case.submission_id, "text": text}, owner, until, actor)


def promise_outcome(submission_id: str, actor: Actor, fields: dict[str, Any]) -> str:
    """What a consultation agreed on will be done: `title`, `text`, `area`, `unit` and `due_at`; returns its id."""
    held = {name: fields[name] for name in ("title", "text")} | {"case_id": None, "submission_id": submission_id}
    areas = {"area": fields["area"], "handling_area": fields["area"]}
    return _begin(held | areas, (None, fields["unit"]), fields["due_at"], actor)


def _begin(held: dict[str, Any], owner: tuple[str | None, str | None], until: datetime, actor: Actor) -> str:
    brief = submissions.brief(held["submission_id"])
    made = Commitment(id=new_id(), reference=brief.reference, public=brief.public, **held)
    made.assignee, made.unit = owner
    made.promised_at, made.first_due_at, made.due_at, made.postponed = now(), until, until, 0
    made.state, made.version = COMMITMENT.initial, 1
    db.session.add(made)
    db.session.flush()
    involve(made.submission_id, *owner)
    begin(COMMITMENT, made, PROMISE, actor, shown={"day": clocks.day(until)})
    _run_until(made, until)
    return str(made.id)


def supersede(case_id: str) -> None:
    """Another final reply takes the place of what the case has promised so far."""
    found = queries.open_of(case_id)
    if found is not None:
        let_go(found.id)


def let_go(commitment_id: str) -> None:
    """Something else takes its place, unless it was kept."""
    made = locked(Commitment, commitment_id)
    if made.state in OPEN_STATES:
        _move(made, "supersede", THE_SYSTEM, {})


def move(caller: Caller, commitment_id: str, name: str, fields: dict[str, Any], version: int | None = None) -> None:
    """Make a move that the commitment offers. Raises Missing where the caller may not see it."""
    queries.commitment(caller, commitment_id)
    with transaction():
        made = locked(Commitment, commitment_id)
        actor = queries.actor(caller, made)
        if name in COMMITMENT.offered(made, actor):
            stead.check(made, actor, COMMITMENT.by_name[name])
        _move(made, name, actor, fields, version)


def fall_due(commitment_id: str) -> None:
    """The promised day is over; nothing happens where it was kept, or another day named, before the worker looked."""
    with transaction():
        made = locked(Commitment, commitment_id)
        if deadlines.missed(commitment_id, "keep") and "miss" in COMMITMENT.offered(made, THE_SYSTEM):
            _move(made, "miss", THE_SYSTEM, {})


def _move(made: Commitment, name: str, actor: Actor, fields: dict[str, Any], version: int | None = None) -> None:
    given = {_NEEDS.get(field, field) for field in ("to", "due_at", "photo_ids") if fields.get(field)}
    day = {"day": clocks.day(fields["due_at"])} if name == "postpone" and fields.get("due_at") else {}
    note = fields.get("note")
    apply(COMMITMENT, made, name, actor, note=note, given=given, expected_version=version, shown=day)
    if name in _CHANGES:
        _CHANGES[name](made, actor, fields)
    made.open = made.state in OPEN_STATES
    involve(made.submission_id, actor.account_id, made.assignee, made.unit)


def _postponed(made: Commitment, _actor: Actor, fields: dict[str, Any]) -> None:
    until = clocks.ahead(fields["due_at"], made.due_at, now() + LONGEST)
    made.postponed += 1
    _run_until(made, until)


def _handed_on(made: Commitment, _actor: Actor, fields: dict[str, Any]) -> None:
    if made.case_id is not None:
        case = db.session.get_one(Case, made.case_id)
        made.assignee, made.unit = holder(fields["to"], case, asker(case))
        return
    brief = submissions.brief(made.submission_id)
    made.assignee, made.unit = holder(fields["to"], _Outcome(brief.kind, made.handling_area), brief.author_id)


def _kept(made: Commitment, actor: Actor, fields: dict[str, Any]) -> None:
    replies.check(fields["note"], is_shown=True)
    photos.attach(fields["photo_ids"], actor.account_id or "", made.submission_id, AFTER)
    made.kept_at, made.reply = now(), fields["note"]


_CHANGES = {"postpone": _postponed, "hand_on": _handed_on, "deliver": _kept}


def _run_until(made: Commitment, until: datetime) -> None:
    made.due_at = until
    deadlines.start("commitment", made.id, "keep", "calendar_day", until)


def day_of(wanted: datetime | None) -> datetime:
    """The day, if it is one by which something may be promised. Raises Invalid."""
    if wanted is None:
        raise Invalid(Fault("due_at", "required"))
    return clocks.ahead(wanted, now(), now() + LONGEST)
