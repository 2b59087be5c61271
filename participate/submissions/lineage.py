"""What a submission is carried on as, and what it comes from: a new one each time, so that no way leads round."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, or_, select

from participate.kernel.clock import now
from participate.kernel.db import AnyRow, db, one, rows, table
from participate.kernel.errors import Conflict, Fault, Invalid
from participate.kernel.workflow import Actor, TimelineEntry
from participate.submissions.kinds import KINDS
from participate.submissions.models import NewSubmission, Submission, SubmissionLink

INTO = tuple(dict.fromkeys(into for kind in KINDS.values() for into in kind.carried_on_as))
LINKED = frozenset((*INTO, *(kind.name for kind in KINDS.values() if kind.carried_on_as)))
_NEW = insert(table(SubmissionLink))
_TITLE = 120


def carry_on(
    row: Submission, actor: Actor, fields: dict[str, Any], submit: Callable[..., NewSubmission]
) -> dict[str, Any]:
    """Hand in, for the same author, a submission of the kind `into`, which a moderator looks at like any other.

    Nobody who supports or signs this one does that: they are told what it is called, and say so there if they do.
    Raises Conflict where it was carried on as one before, and Invalid for a kind that cannot be made of this one, and
    for a text that is too long for the kind.
    """
    possible = KINDS[row.kind].carried_on_as
    if fields["into"] not in possible:
        raise Invalid(Fault("into", "choice", (("choices", ", ".join(possible)),)))
    held = SubmissionLink
    before = select(held.target_id).where(held.source_id == row.id, held.kind == fields["into"])
    if one(before) is not None:
        raise Conflict("converted_already")
    stated = {"place": row.stated} if row.stated else {}
    content = {"title": fields.get("title") or row.title, "body": fields.get("text_") or row.body}
    made = submit(row.author_id, fields["into"], content | stated | {"anonymous": row.anonymous})
    db.session.flush()
    link = {"source_id": row.id, "target_id": made.id, "kind": fields["into"], "made_by": actor.account_id, "at": now()}
    db.session.execute(_NEW, link)
    return {"carried": made.reference}


_SOURCE = (
    select(SubmissionLink.source_id, Submission.reference)
    .join(Submission, Submission.id == SubmissionLink.target_id)
    .where(SubmissionLink.target_id == bindparam("of"), Submission.public.is_(True))
)
_LED_ON = select(TimelineEntry.data).where(TimelineEntry.subject_id == bindparam("of"), TimelineEntry.move == "lead_on")


def public_sources(submission_id: str) -> Sequence[AnyRow]:
    """What was carried on as this one (`source_id`), with this one's `reference`, where all may read this one."""
    return rows(_SOURCE, {"of": submission_id})


def has_led_on(submission_id: str, reference: str) -> bool:
    """Whether those who follow a submission were told that all may read what it was carried on as."""
    return any(row.data.get("carried") == reference for row in rows(_LED_ON, {"of": submission_id}))


_OTHER = or_(
    (SubmissionLink.source_id == bindparam("of")) & (Submission.id == SubmissionLink.target_id),
    (SubmissionLink.target_id == bindparam("of")) & (Submission.id == SubmissionLink.source_id),
)
_LINKED = (
    select(
        Submission.id,
        Submission.reference,
        Submission.kind,
        Submission.state,
        (SubmissionLink.target_id == bindparam("of")).label("comes_from"),
    )
    .join(SubmissionLink, _OTHER)
    .where(or_(Submission.public.is_(True), Submission.author_id == bindparam("me"), bindparam("desk")))
    .order_by(Submission.id)
)


def linked(submission_id: str, me: str | None, is_desk: bool) -> Sequence[AnyRow]:
    """What it is carried on as, and what it comes from (`comes_from`), as far as this reader sees those."""
    return rows(_LINKED, {"of": submission_id, "me": me, "desk": is_desk})


def present(row: AnyRow) -> dict[str, Any]:
    """One of them."""
    relation = "comes_from" if row.comes_from else "carried_on_as"
    return {"id": row.id, "reference": row.reference, "kind": row.kind, "state": row.state, "relation": relation}
