"""What can be done to a submission; each verb lands whole or not at all."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, insert, select, update

from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import add, change, execute, rows, table, transaction
from participate.kernel.errors import Conflict, Fault, Invalid
from participate.kernel.ids import new_receipt, new_reference
from participate.kernel.workflow import SYSTEM, THE_SYSTEM, Actor, Move, apply, begin, locked
from participate.photos import queries as photo_queries
from participate.photos import service as photos
from participate.submissions import discretion, joining, lineage, queries, search, silence
from participate.submissions.intake import bounded_photos, check_answers, check_catalogue, placed
from participate.submissions.kinds import KINDS, OFFICER, RESIDENT, check_length, checked_details, missing_place
from participate.submissions.lives import COSIGNER
from participate.submissions.models import HeldSubmission, NewSubmission, Submission
from participate.submissions.proposals import service as proposals
from participate.submissions.services import documents
from participate.submissions.services import service as services
from participate.submissions.steps import AFTER, BEFORE, LEFT, PLACED, nothing_brought, nothing_left, place_by_photos
from participate.submissions.supervisions import service as supervisions
from participate.submissions.telling import HEARD
from participate.submissions.tiles import tile_of
from participate.submissions.workflow import ASSISTANT, AUTHOR, SUBMISSION, SUBMIT

_NEEDS = {"photo_ids": "photo"}  # What a move's table calls a field.
_PHOTO_SECONDS = 5  # A photo is looked at within this, unless many come at once.
_NEW = insert(table(Submission))


def submit(
    author_id: str,
    kind: str,
    fields: dict[str, Any],
    kept: Sequence[photos.Kept] = (),
    source: str = RESIDENT,
    helped_by: str | None = None,
    receipt: str | None = None,
) -> NewSubmission:
    """Take a submission in; returns its row.

    `fields` holds `body` and what else the API takes; `kept` are photos that came along, `source` is one of SOURCES.
    Where it is `helped_by` an officer, the photos are theirs; `receipt` is what is kept of one that was made elsewhere.
    Raises Invalid.
    """
    photo_ids = bounded_photos(fields.get("photo_ids", []), len(kept))
    details, papers, where = _checked(author_id, kind, fields)
    if KINDS[kind].needs_place and fields.get("place") is None and not photo_ids and not kept:
        raise missing_place(kind)
    row = NewSubmission(
        id=discretion.new_id(kind),
        reference=new_reference(),
        receipt=receipt or new_receipt(),
        kind=kind,
        author_id=author_id,
        anonymous=fields.get("anonymous", False),
        title=fields.get("title"),
        body=fields["body"],
        details=details,
        category=fields.get("category"),
        source=source,
        helped_by=helped_by,
        created_at=now(),
        updated_at=now(),
        heard_at=now() if source == RESIDENT else None,
        **where,
    )
    with transaction():
        by = Actor.of(helped_by, ASSISTANT) if helped_by else Actor.of(author_id, AUTHOR)
        begin(SUBMISSION, row, SUBMIT, by)
        add(_NEW, vars(row))
        services.note(row.id, kind, details, fresh=True)
        documents.keep(row.id, helped_by or author_id, papers)
        search.add(row)
        supervisions.keep(row)
        made = [photos.register(photo, helped_by or author_id) for photo in kept]
        photos.attach([*photo_ids, *made], helped_by or author_id, row.id)
    return row


def _checked(
    author_id: str, kind: str, fields: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, str], dict[str, Any]]:
    """The details, the papers that go with them by their codes, and the columns that say where. Raises Invalid."""
    details = checked_details(kind, fields.get("details", {}))
    papers = details.pop("documents", {})
    check_catalogue(fields.get("category"), details)
    check_answers(details)
    check_length(kind, fields["body"], details)
    supervisions.check(kind, author_id, details)
    documents.check(kind, details, papers, None if fields.get("documents_seen") else ())
    where = supervisions.lying(kind, details, placed(fields.get("place")))
    services.check_asker(kind, details, where.get("area"), author_id)
    return details, papers, where


def vouch(officer_id: str, fields: dict[str, Any], note: str | None = None, made_at: datetime | None = None) -> str:
    """Take in what an officer has found on their round, a snap report, past moderation; returns its id. Raises Invalid.

    What `fields` say is for everyone to read, so that they hold words of the catalogue alone; the `note` is the desks'.
    """
    with transaction():
        row = locked(Submission, submit(officer_id, "snap_report", fields, source=OFFICER).id)
        said = {"made_at": made_at.isoformat()} if made_at else None
        _move(row, "vouch", Actor.of(officer_id, SYSTEM), note, shown=said)
    return row.id


_HELD = (
    select(Submission.id, Submission.state, Submission.version, Submission.stated, Submission.lat, Submission.lon)
    .where(Submission.id.in_(bindparam("ids", expanding=True)))
    .order_by(Submission.id)  # So two workers cannot wait for each other's.
    .with_for_update()
)


def admissible(submission_ids: Collection[str]) -> dict[str, HeldSubmission]:
    """The received ones among these submissions that wait for nothing, locked and placed, by id.

    They wait for their photos, so that what a moderator opens is complete; but where photos are many, as in a storm,
    only those do that do not say where they are, which a photo may.
    """
    found = [HeldSubmission(**row._asdict()) for row in rows(_HELD, {"ids": list(submission_ids)})]
    waiting = photo_queries.waiting([row.id for row in found])
    if waiting and photos.behind():
        waiting -= {row.id for row in found if row.stated is not None}
    ready = [row for row in found if row.state == "received" and row.id not in waiting]
    for row in place_by_photos(ready):
        change(table(Submission), "id", {"id": row.id} | {name: getattr(row, name) for name in PLACED})
    return {row.id: row for row in ready}


def admit(row: HeldSubmission) -> None:
    """Pass an admissible submission on to moderation; from now on it is found by where it lies."""
    apply(SUBMISSION, row, "admit", THE_SYSTEM)
    changed = {"id": row.id, "state": row.state, "version": row.version, "updated_at": now()}
    changed |= {"tile": tile_of(row.lat, row.lon), "heard_at": now()}
    change(table(Submission), "id", changed)


def move(
    caller: Caller, submission_id: str, name: str, fields: dict[str, Any], expected_version: int | None = None
) -> None:
    """Make one of the moves that the submission itself offers. Raises Missing where the caller may not see it.

    Who has filed it for its author says how they were told what they relay: `relayed`.
    """
    queries.visible_to(caller, submission_id)
    with transaction():
        row = locked(Submission, submission_id)
        actor = queries.actor(caller, row)
        known = SUBMISSION.by_name.get(name)
        if known is None or known.through:
            raise Invalid(Fault("move", "choice", (("choices", ", ".join(OFFERED)),)))
        is_anothers = name == "rate" and AUTHOR not in actor.roles and "relayed" not in fields
        if is_anothers and joining.has_joined(caller.account_id, row.id):
            joining.rate(row, str(caller.account_id), fields, expected_version)
            if not (COSIGNER in actor.roles and _says_unresolved(fields) and _may(row, "reopen", actor)):
                return
            name, fields = "reopen", {"note": fields.get("note") or fields.get("comment") or "—"}
        relayed = _relayed(known, actor, fields.pop("relayed", None))
        BEFORE.get(name, nothing_brought)(row, actor, fields)
        given = [_NEEDS.get(field, field) for field, value in fields.items() if value not in (None, [])]
        again = {"reopen", "dispute"} & set(SUBMISSION.offered(row, actor))
        if name == "rate" and _says_unresolved(fields) and again:
            # Who says "not resolved" need not say it twice: the rating reopens, or calls the supervisor.
            name, given, fields["note"] = again.pop(), ["note"], fields.get("note") or fields.get("comment") or "—"
        shown = (_brought(row, name, actor, fields) if set(known.needs) <= set(given) else None) or relayed
        _move(row, name, actor, fields.get("note"), given, expected_version, shown)
        if name in LEFT:
            LEFT[name](row, actor, shown)


def _may(row: Submission, name: str, actor: Actor) -> bool:
    return name in SUBMISSION.offered(row, actor)


def _brought(row: Submission, name: str, actor: Actor, fields: dict[str, Any]) -> dict[str, Any] | None:
    """What a move brings along, and what of it goes into the timeline; nothing where it will be refused."""
    if not _may(row, name, actor):
        return None
    if name == "convert":
        return lineage.carry_on(row, actor, fields, submit)
    return proposals.BROUGHT[name](row, actor, fields) if name in proposals.BROUGHT else None


def rate_by_receipt(receipt: str, fields: dict[str, Any]) -> None:
    """Rate an outcome as its author does, for whoever holds the receipt: nobody else has it. Raises Missing."""
    submission_id = queries.by_receipt(receipt).id
    author = Caller(queries.brief(submission_id).author_id)
    move(author, submission_id, "rate", fields)


def _relayed(move: Move, actor: Actor, how: str | None) -> dict[str, Any]:
    """What the timeline keeps of how an assistant was told what its author wants. Raises Invalid where it is amiss."""
    is_relay = ASSISTANT in actor.roles & move.roles
    if is_relay != (how is not None):
        raise Invalid(Fault("relayed", "required" if is_relay else "own_words"))
    return {"relayed": how} if is_relay else {}


def _says_unresolved(fields: dict[str, Any]) -> bool:
    return fields.get("resolved") is False and fields.get("satisfaction") is not None


OFFERED = tuple(move.name for move in SUBMISSION.moves if not move.through and move.roles != frozenset({"system"}))


def _move(
    row: Submission,
    name: str,
    actor: Actor,
    note: str | None = None,
    given: Sequence[str] = (),
    expected_version: int | None = None,
    shown: dict[str, Any] | None = None,
) -> Move:
    made = apply(SUBMISSION, row, name, actor, note=note, given=given, expected_version=expected_version, shown=shown)
    row.updated_at = now()
    AFTER.get(name, nothing_left)(row)
    documents.schedule(row, made)
    silence.note(row, made.shown_to in HEARD)
    return made


def moderate(
    submission_id: str,
    name: str,
    actor: Actor,
    note: str | None,
    given: Sequence[str] = (),
    shown: dict[str, Any] | None = None,
) -> None:
    """A move of the moderation desk; `shown` goes into the timeline.

    Raises Conflict for accepting photos that nobody can see yet, Invalid for what does not say what it watches over.
    """
    with transaction():
        if name == "accept" and photo_queries.waiting([submission_id]):
            raise Conflict("photos_pending", retry_after=_PHOTO_SECONDS)
        _move(locked(Submission, submission_id), name, actor, note, given, shown=shown)
        supervisions.involve(submission_id, actor.account_id)


def follow(
    submission_id: str, name: str | None, due_at: datetime | None = None, unit: str | None = None, told: bool = False
) -> None:
    """Let the submission follow its case, or only its deadline and unit; where it is ahead already it stays.

    `told` says that its author hears of what the case has done.
    Raises Conflict where its author has withdrawn it: the case's move must not land either.
    """
    with transaction():
        row = locked(Submission, submission_id)
        if row.state == "withdrawn":
            raise Conflict("submission_withdrawn")
        row.due_at, row.unit = due_at, unit
        if name is not None and row.state in SUBMISSION.by_name[name].sources:
            _move(row, name, THE_SYSTEM)
        silence.note(row, told)


def inform(row: HeldSubmission, shown: dict[str, Any]) -> None:
    """Break the silence about a submission that is locked; `shown` says who has it and until when."""
    apply(SUBMISSION, row, "inform", THE_SYSTEM, shown=shown)
    changed = {"id": row.id, "version": row.version, "updated_at": now(), "heard_at": now()}
    change(table(Submission), "id", changed)


_TOO = case((Submission.told_at.is_not(None), bindparam("moment")))
_NOTED = update(table(Submission)).where(Submission.id == bindparam("of"), Submission.heard_at.is_not(None))
_NOTED = _NOTED.values(heard_at=bindparam("moment"), told_at=_TOO)


def heard(submission_id: str) -> None:
    """Note in the open transaction that its author is told of something that is no step of its own."""
    execute(_NOTED, {"of": submission_id, "moment": now()})


def lead_on(submission_id: str) -> None:
    """Where all may read a submission now that another was carried on as, whoever follows that one is told; once."""
    with transaction():
        for link in lineage.public_sources(submission_id):
            row = locked(Submission, link.source_id)
            if _may(row, "lead_on", THE_SYSTEM) and not lineage.has_led_on(row.id, link.reference):
                _move(row, "lead_on", THE_SYSTEM, shown={"carried": link.reference})


def lapse(submission_id: str) -> None:
    """Close what nobody rated in time."""
    with transaction():
        row = locked(Submission, submission_id)
        if row.state == "answered":
            _move(row, "lapse", THE_SYSTEM)
