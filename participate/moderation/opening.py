"""Tasks come to the desk, and go from it where nobody need look any more."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from participate.catalogue.service import calendar
from participate.kernel import deadlines, outbox
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, AnySelect, add, rows, table, transaction
from participate.kernel.workflow import locked
from participate.moderation import counts, due, flags, telling
from participate.moderation.flags import Flag, flag
from participate.moderation.models import NORMAL, UNCHECKED_WHY, URGENT, ModerationTask
from participate.moderation.screening.subjects import may_be_told
from participate.photos import queries as photos
from participate.photos.models import NEEDS_LOOK
from participate.submissions import discretion, likely
from participate.submissions import queries as submissions
from participate.submissions.likely import Likely

_TITLE = 120
NO_AREA, REFUSED, UNCHECKED, ALIKE = "no_area", "photo_refused", "photo_unchecked", "photo_alike"
_NEW = insert(table(ModerationTask))
_OPENED = select(ModerationTask.fact_id).where(ModerationTask.fact_id.in_(bindparam("facts", expanding=True)))


def open_tasks(told: Mapping[str, tuple[str, str]]) -> None:
    """Put submissions before the desk; twice for a fact does nothing.

    `told` holds, by the id of the fact that told of it, the submission's id and why somebody must look (PURPOSES).
    """
    with transaction():
        found = submissions.briefs([submission_id for submission_id, _ in told.values()])
        opened = {row.fact_id for row in rows(_OPENED, {"facts": list(told)})}
        wanted = {
            fact_id: (found[submission_id], purpose)
            for fact_id, (submission_id, purpose) in told.items()
            if fact_id not in opened and found[submission_id].state == "in_moderation"
        }
        if wanted:
            opened_now = _opened(wanted)
            counts.came(*opened_now)
            telling.tell("came", *opened_now)


def _opened(wanted: Mapping[str, tuple[AnyRow, str]]) -> list[SimpleNamespace]:
    ids = [brief.id for brief, _ in wanted.values()]
    before = _decided_before([brief.id for brief, purpose in wanted.values() if purpose != "look"])
    pictures, earlier = photos.of_subjects(ids), likely.earlier(ids)
    until, made = {purpose: due_at(purpose) for purpose in {purpose for _, purpose in wanted.values()}}, []
    warning = {purpose: due.first_warning(end, purpose) for purpose, end in until.items()}
    for fact_id, (brief, purpose) in wanted.items():
        known = _flags(brief, pictures.get(brief.id, [])) + _alike(earlier.get(brief.id, []), brief)
        end = until[purpose]
        row = _row(brief, fact_id, purpose, end, known) | _looked(purpose, before.get(brief.id), end)
        add(_NEW, row)
        task = SimpleNamespace(**row)
        flags.keep(task, known)
        due.begin(task.id, warning[purpose], purpose)
        outbox.record("moderation_task.opened", "moderation_task", task.id, {"thread": brief.id})
        made.append(task)
    return made


def due_at(purpose: str) -> datetime:
    """Until when somebody must have looked who begins to wait now."""
    held = settings()
    if purpose == "appeal":
        return calendar().due_at(now(), held.appeal_days, "work_day")
    return calendar().due_at(now(), held.first_look_hours, "work_hour")


def _row(brief: AnyRow, fact_id: str, purpose: str, until: datetime, known: Sequence[Flag]) -> dict[str, Any]:
    return {
        "id": discretion.new_id(brief.kind),
        "submission_id": brief.id,
        "fact_id": fact_id,
        "kind": brief.kind,
        "category": brief.category,
        "title": title(brief),
        "area": brief.area,
        "author_id": brief.author_id,
        "about_unit": brief.details.get("watched_unit"),
        "purpose": purpose,
        "flags": known,
        "flag_codes": flags.codes(known),
        "rank": URGENT if brief.urgent else NORMAL,
        "opened_at": now(),
        "due_at": until,
        "warned": 0,
        "version": 1,
    }


def title(brief: AnyRow) -> str:
    """What a submission is called in a list: its title, or how its text begins."""
    called: str = brief.title or brief.body.strip().splitlines()[0]
    return called[:_TITLE]


def _looked(purpose: str, before: AnyRow | None, until: datetime) -> dict[str, Any]:
    """Who looks, or must not: an appeal goes to another moderator, what was mended back to the one who asked for it.

    That one has it in hand until it is due; then it is anybody's.
    """
    nobody = dict.fromkeys(("not_by", "nor_by", "reviews", "claimed_by", "claimed_at", "lease_until"))
    if before is None:
        return nobody
    if purpose == "appeal":
        return nobody | {"not_by": before.decided_by, "nor_by": before.proposed_by, "reviews": before.id}
    # Whoever has rejected it before an appeal does not get it back by the author's mending it after.
    looked = nobody | {"not_by": before.not_by, "nor_by": before.nor_by}
    if before.decision == "return":
        looked |= {"claimed_by": before.decided_by, "claimed_at": now(), "lease_until": until}
    return looked


def _decided_before(submission_ids: Collection[str]) -> dict[str, AnyRow]:
    """The last decision on each of these submissions."""
    if not submission_ids:
        return {}
    return {row.submission_id: row for row in rows(_before(), {"ids": list(submission_ids)})}


@cache
def _before() -> AnySelect:
    held = ModerationTask
    asked = held.submission_id.in_(bindparam("ids", expanding=True)), held.state == "decided"
    people = (held.decided_by, held.proposed_by, held.not_by, held.nor_by)
    return select(held.id, held.submission_id, held.decision, *people).where(*asked).order_by(held.id)


def _flags(brief: AnyRow, pictures: Sequence[AnyRow]) -> list[Flag]:
    """What is known without reading the text; that is looked through by itself, right after."""
    found = [flag(NO_AREA, "flag.no_area")] if brief.area is None else []
    refused = any(photo.state == "refused" for photo in pictures)
    found += [flag(REFUSED, "flag.photo_refused")] if refused else []
    return found + _unchecked(pictures)


def _unchecked(pictures: Sequence[AnyRow]) -> list[Flag]:
    """Which photos nobody but the desk sees until a moderator has looked for what must be covered, and why."""
    whys = sorted({photo.redaction_why for photo in pictures if photo.redaction == NEEDS_LOOK})
    return [flag(UNCHECKED, UNCHECKED_WHY[why]) for why in whys[:1]]


def _alike(earlier: Iterable[Likely], brief: AnyRow) -> list[Flag]:
    """Whether what its photos show has been sent in before, and whether near by; as far as the desk may know of it."""
    found = [each for each in earlier if may_be_told(brief, each)]
    if not found:
        return []
    why = "flag.photo_alike_near" if any(each.is_near for each in found) else "flag.photo_alike"
    return [flag(ALIKE, why)]


def mark_photos(submission_id: str) -> None:
    """Bring the flags of a submission that waits on the desk up to what is known of its photos now."""
    held = ModerationTask
    undecided = ("waiting", "staged")
    waiting = select(held.id).where(held.submission_id == submission_id, held.state.in_(undecided))
    with transaction():
        earlier = likely.earlier([submission_id]).get(submission_id, [])
        known = _unchecked(photos.of_subject(submission_id)) + _alike(earlier, submissions.brief(submission_id))
        for row in rows(waiting):
            task = locked(held, row.id)
            if task.state in undecided:
                with counts.kept(task):
                    flags.replace(task, known, (UNCHECKED, ALIKE))


def drop_tasks(submission_id: str) -> None:
    """Take a withdrawn submission off the desk."""
    held = ModerationTask
    gone = update(held).where(held.submission_id == submission_id, held.state.in_(("waiting", "staged")))
    was_waiting = select(held.id, held.state).where(held.submission_id == submission_id).with_for_update()
    with transaction():
        states = {row.id: row.state for row in rows(was_waiting)}
        dropped = gone.values(state="dropped", version=held.version + 1)
        seen = (held.id, held.kind, held.category, held.area, held.flags, held.rank, held.warned, held.opened_at)
        told = (held.submission_id, held.version, held.claimed_by, held.lease_until)
        found = rows(dropped.returning(*dict.fromkeys((*seen, *told, *telling.SEEN))))
        telling.tell("dropped", *found)
        counts.went(*(row for row in found if states[row.id] == "waiting"))
        for row in found:
            deadlines.settle(row.id)
            flags.drop(row.id)
