"""Tells whoever took part in a consultation: what became of their statement, and what comes of it all."""

from collections.abc import Sequence
from typing import Any

from participate.consultations import queries as consultations
from participate.consultations import sides
from participate.kernel import outbox
from participate.kernel.db import AnyRow, transaction
from participate.kernel.outbox import Fact, each
from participate.submissions import joining
from participate.submissions import queries as submissions
from participate.updates import concerns
from participate.updates import service as updates
from participate.updates.answering import NOBODY, Answer

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
    entry = updates.entry_of(fact, step, submissions.brief(step.thread_id), NOBODY)
    said = {"values": entry["values"] | {"note": step.note}}
    updates.append([entry | said | {"account_id": consultations.author_of(fact.subject_id)}])


def tell_participants(facts: Sequence[Fact]) -> None:
    """Public steps of its rounds and its outcome: everyone who took part hears of them, some at a time."""
    steps = updates.steps_of(facts)
    briefs = submissions.briefs({step.thread_id for step in steps.values() if step.shown_to == "public"})
    open_to_all = {brief.id for brief in briefs.values() if brief.kind == KIND and brief.public}
    public = {step.id for step in steps.values() if step.shown_to == "public" and step.thread_id in open_to_all}
    heard = [fact for fact in facts if fact.data["entry"] in public]
    many = max(1, updates.PAGE // max(1, len(heard)))
    with transaction():
        entries = list[dict[str, Any]]()
        told = [(fact, steps[fact.data["entry"]]) for fact in heard]
        answers = {fact.id: (step, brief, answer) for fact, step, brief, answer in updates.answered(told, briefs)}
        for fact in each(heard):
            entries += _of_some(fact, *answers[fact.id], many)
        updates.append(entries)


def _of_some(fact: Fact, step: AnyRow, brief: AnyRow, answer: Answer, many: int) -> list[dict[str, Any]]:
    """Entries for the next so many who took part; where there may be more, a fact of its own says so."""
    told = consultations.participants(brief.id, fact.data.get("after", joining.FIRST), many)
    origin = fact.data.get("origin", fact.id)
    if len(told) == many:
        following = {"after": told[-1], "origin": origin, "entry": step.id, "thread": brief.id}
        outbox.record("participants.continued", "feed", brief.id, following)
    entry = updates.entry_of(fact, step, brief, answer, ("public",))
    entry |= {"fact_id": origin, "at": step.at, "concern": concerns.JOINED}
    return [entry | {"account_id": account_id} for account_id in updates.not_owners(brief, told)]


def tell_sides(fact: Fact) -> None:
    """`round.announced`: the experts, members and units that are invited hear of it, also without taking part yet."""
    step = updates.steps_of([fact])[fact.data["entry"]]
    briefs = submissions.briefs({step.thread_id})
    ((_, _, brief, answer),) = updates.answered([(fact, step)], briefs)
    entry = updates.entry_of(fact, step, brief, answer, ("public",)) | {"at": step.at, "concern": concerns.JOINED}
    told = sides.by_name(consultations.sides_of(brief.id)) - {brief.author_id}
    updates.append([entry | {"account_id": each} for each in sorted(told)])
