"""Tells whoever took part in a consultation: what became of their statement, and what comes of it all."""

from typing import Any

from participate.consultations import queries as consultations
from participate.consultations import sides
from participate.kernel import outbox
from participate.kernel.db import transaction
from participate.kernel.outbox import Fact
from participate.submissions import joining
from participate.submissions import queries as submissions
from participate.updates import concerns
from participate.updates import service as updates

KIND = "micro_consultation"
# What participants hear of, behind those who hear of their own; and of whom a page was told, to go on.
HEARD = (
    *("submission.concluded", "submission.closed", "participants.continued"),
    *(f"round.{each}" for each in ("announced", "changed", "cancelled", "opened", "ended")),
    *(f"commitment.{each}" for each in ("promised", "postponed", "missed", "kept", "superseded")),
)


def tell_speaker(fact: Fact) -> None:
    """`statement.shown`, `statement.refused`: whoever has made it hears that, and why."""
    step = updates.steps_of([fact])[fact.data["entry"]]
    entry = updates.entry_of(fact, step, submissions.brief(step.thread_id))
    said = {"values": entry["values"] | {"note": step.note}, "due_at": None, "concern": concerns.OUTCOME}
    updates.append([entry | said | {"account_id": consultations.author_of(fact.subject_id)}])


def tell_participants(fact: Fact) -> None:
    """Public steps of its rounds and its outcome: everyone who took part hears of them, some at a time."""
    step = updates.steps_of([fact]).get(fact.data["entry"])
    if step is None or step.shown_to != "public":
        return
    brief = submissions.brief(step.thread_id)
    if brief.kind != KIND or not brief.public:
        return
    origin = fact.data.get("origin", fact.id)
    with transaction():
        told = consultations.participants(brief.id, fact.data.get("after", joining.FIRST), updates.PAGE)
        if len(told) == updates.PAGE:
            following = {"after": told[-1], "origin": origin, "entry": step.id, "thread": brief.id}
            outbox.record("participants.continued", "feed", brief.id, following)
        entry: dict[str, Any] = updates.entry_of(fact, step, brief, readers=("public",))
        entry |= {"fact_id": origin, "at": step.at, "concern": concerns.JOINED}
        updates.append([entry | {"account_id": each} for each in told if each != brief.author_id])


def tell_sides(fact: Fact) -> None:
    """`round.announced`: the experts, members and units that are invited hear of it, also without taking part yet."""
    step = updates.steps_of([fact])[fact.data["entry"]]
    brief = submissions.brief(step.thread_id)
    entry = updates.entry_of(fact, step, brief, readers=("public",)) | {"at": step.at, "concern": concerns.JOINED}
    told = sides.by_name(consultations.sides_of(brief.id)) - {brief.author_id}
    updates.append([entry | {"account_id": each} for each in sorted(told)])
