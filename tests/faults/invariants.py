"""The seven things that must hold after any fault, each a function from what is there to what is wrong."""

import json
import time
from collections import Counter
from collections.abc import Callable, Collection
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from participate.cases.models import Case
from participate.kernel.db import AnyRow, release_reader, rows
from participate.kernel.outbox import OutboxErrand
from participate.kernel.workflow import TimelineEntry
from participate.moderation.models import ModerationTask
from participate.photos import orphans
from participate.photos.arriving import store
from participate.photos.files import pictures_of
from participate.photos.models import Photo
from participate.photos.storage import original_key
from participate.submissions.models import Submission
from participate.updates.deliveries.models import OPEN, SENT, UNCERTAIN, Delivery
from participate.updates.models import FeedEntry
from tests.faults.ledger import LONGEST_SECONDS, PASSING, Attempt, Ledger
from tests.faults.stage import Stage

SETTLE_SECONDS = 60.0
_FEW = 3  # examples of what is wrong
_TOLD = ("author", "public")


def check(
    stage: Stage, ledger: Ledger, healed: float, cut: bool, settle_seconds: float = SETTLE_SECONDS
) -> tuple[dict[int, list[str]], float]:
    """What is wrong, by the number of the invariant; and the seconds from healing until all was settled.

    `cut`: the fault may break connections.
    """
    found: dict[int, list[str]] = {}
    settled, left = _settle(stage, healed, settle_seconds)
    with stage.app.app_context():
        found[1] = _everything_acknowledged_exists(ledger)
        found[2] = _one_submission_per_key(ledger)
        found[3] = left
        found[4] = _each_effect_once(stage.poison)
        found[4] += _each_message_once(stage, "sms", "sms") + _each_message_once(stage, "email", "mail")
        found[5] = _the_timeline_is_complete()
        found[6] = _rows_and_files_agree(stage)
        found[7] = _answers_are_honest(ledger.attempts, cut)
    return {number: wrong[:_FEW] + _more(wrong) for number, wrong in found.items() if wrong}, settled


def _more(wrong: list[str]) -> list[str]:
    return [f"… and {len(wrong) - _FEW} more"] if len(wrong) > _FEW else []


def _made(ledger: Ledger) -> dict[str, str]:
    """The id that each acknowledged submission's key was answered with."""
    return {errand.key: _answered(errand.done)["id"] for errand in ledger.acknowledged("submission")}


def _answered(attempt: Attempt | None) -> dict[str, Any]:
    return dict(attempt.answer) if attempt is not None and attempt.answer else {}


def _everything_acknowledged_exists(ledger: Ledger) -> list[str]:
    there = {row.id for row in rows(select(Submission.id))}
    wrong = [
        f"submission {made} was answered 201 and is not there" for made in _made(ledger).values() if made not in there
    ]
    kept = {row.id for row in rows(select(Photo.id))}
    sent = [_answered(errand.done)["id"] for errand in ledger.acknowledged("photo")]
    wrong += [f"photo {made} was answered 201 and is not there" for made in sent if made not in kept]
    decided = {row.id for row in rows(select(ModerationTask.id).where(ModerationTask.state == "decided"))}
    tasks = [errand.path.split("/")[4] for errand in ledger.acknowledged("decision")]
    return wrong + [f"task {task} was answered as decided and is not" for task in tasks if task not in decided]


def _one_submission_per_key(ledger: Ledger) -> list[str]:
    """The key stands at the end of the body, so that rows tell which request they came from."""
    count = Counter(row.body.rsplit(" ", 1)[-1] for row in rows(select(Submission.body)))
    wrong = [f"key {key} made {number} submissions" for key, number in count.items() if number > 1]
    for errand in ledger.errands.values():
        ids = {_answered(a).get("id") for a in errand.attempts if a.status == 201}
        if len(ids) > 1:
            wrong.append(f"key {errand.key} ({errand.what}) was answered with {len(ids)} ids")
    return wrong


def _settle(stage: Stage, healed: float, seconds: float) -> tuple[float, list[str]]:
    """Wait until nothing is under way any more; what still is when the time is over."""
    while True:
        with stage.app.app_context():
            left = _under_way()
            release_reader()
        passed = time.monotonic() - healed
        if not left or passed > seconds:
            return passed, left
        time.sleep(0.25)


def _under_way() -> list[str]:
    errand, task = OutboxErrand, ModerationTask
    left = [
        f"{row.subscriber}: {row.number} errands{' given up' if row.dead else ''}, attempts ≤ {row.most} ({row.error})"
        for row in rows(
            select(
                errand.subscriber,
                errand.dead,
                func.count().label("number"),
                func.max(errand.attempts).label("most"),
                func.max(errand.last_error).label("error"),
            ).group_by(errand.subscriber, errand.dead)
        )
    ]
    left += _counted("submissions still received", Submission.state == "received")
    left += _counted("messages still to be sent", Delivery.state.in_(OPEN))
    left += _counted("photos still processing", Photo.state == "processing")
    looked_at = select(task.id).where(task.submission_id == Submission.id)
    left += _counted("in moderation without a task", Submission.state == "in_moderation", ~looked_at.exists())
    handled = select(Case.id).where(Case.submission_id == Submission.id)
    left += _counted("accepted without a case", Submission.state == "accepted", ~handled.exists())
    return left


def _counted(what: str, *where: Any) -> list[str]:
    number = rows(select(func.count()).where(*where))[0][0]
    return [f"{number} {what}"] if number else []


def _each_effect_once(poison: set[str]) -> list[str]:
    """Each step that its author is told of stands in their feed once; each photo, task and case came out once."""
    entry, feed = TimelineEntry, FeedEntry
    authors = {row.id: row.author_id for row in rows(select(Submission.id, Submission.author_id))}
    steps = rows(select(entry.thread_id, entry.move, entry.subject_type).where(entry.shown_to.in_(_TOLD)))
    due = Counter(
        (authors.get(step.thread_id), step.thread_id, f"step.{step.subject_type}.{step.move}") for step in steps
    )
    heard = Counter(
        (row.account_id, row.submission_id, row.words)
        for row in rows(select(feed.account_id, feed.submission_id, feed.words).where(feed.move != "photo_refused"))
    )
    wrong = [f"{words} of {thread} was heard {heard[key]} times, not {n}" for key, n in due.items() if heard[key] != n
             for _, thread, words in [key]]  # fmt: skip
    wrong += [f"{key} was heard and never happened" for key in heard if key not in due]
    leads = select(Case.submission_id).where(Case.part_of.is_(None))
    for what, of in (("tasks", select(ModerationTask.submission_id)), ("cases", leads)):
        count = Counter(str(row[0]) for row in rows(of))
        wrong += [f"submission {thread} has {number} {what}" for thread, number in count.items() if number > 1]
    return wrong + _counted("good photos were refused", Photo.state == "refused", Photo.id.not_in(poison))


def _each_message_once(stage: Stage, channel: str, spool: str) -> list[str]:
    """Each update of those who hear by it has one delivery; what was sent left once, each person's in their order.

    Where a sender was killed as it handed one over, nobody knows whether it left: once at most.
    """
    held = Delivery
    columns = held.id, held.account_id, held.fact_id, held.number, held.state, held.urgent
    found = {row.id: row for row in rows(select(*columns).where(held.channel == channel, held.number.is_not(None)))}
    left = [key for key in _spooled(stage, spool) if key in found]  # Codes are in the same place.
    count = Counter(left)
    wrong = [f"{channel} {key} left {number} times" for key, number in count.items() if number > 1]
    for row in found.values():
        if row.state != UNCERTAIN and count[row.id] != (row.state == SENT):
            wrong.append(f"{channel} {row.id} is {row.state} and left {count[row.id]} times")
    lines: dict[str, list[int]] = {}
    for key in left:
        if not found[key].urgent:
            lines.setdefault(found[key].account_id, []).append(found[key].number)
    return wrong + _each_update_planned(found.values()) + [
        f"{whose} heard by {channel} in the order {line}" for whose, line in lines.items() if line != sorted(line)
    ]  # fmt: skip


def _each_update_planned(deliveries: Collection[AnyRow]) -> list[str]:
    """Whoever hears by a channel has one delivery of each update from their first one on."""
    planned, first = Counter((row.account_id, row.fact_id) for row in deliveries), dict[str, int]()
    for row in deliveries:
        first[row.account_id] = min(row.number, first.get(row.account_id, row.number))
    entry = FeedEntry
    told = rows(select(entry.account_id, entry.fact_id, entry.number).where(entry.account_id.in_(first)))
    return [
        f"entry {row.number} of {row.account_id} has {planned[row.account_id, row.fact_id]} deliveries"
        for row in told
        if row.number >= first[row.account_id] and planned[row.account_id, row.fact_id] != 1
    ]


def _spooled(stage: Stage, spool: str) -> list[str]:
    """The keys of all messages that have left, in their order; a line that the disk had no room for is none."""
    found, folder = list[str](), stage.live.data
    for name in (f"{spool}.old.jsonl", f"{spool}.jsonl"):
        path = folder / name
        for line in path.read_bytes().splitlines() if path.exists() else ():
            if line.endswith(b"}"):
                found.append(json.loads(line)["key"])
    return found


def _the_timeline_is_complete() -> list[str]:
    """Each row's steps are numbered 1 to its version, each begins where the one before it ended, the last one here."""
    entry = TimelineEntry
    columns = entry.subject_id, entry.version, entry.source, entry.target
    told: dict[str, list[AnyRow]] = {}
    for step in rows(select(*columns).order_by(entry.subject_id, entry.version)):
        told.setdefault(step.subject_id, []).append(step)
    wrong = []
    for model in (Submission, Case):
        for row in rows(select(model.id, model.state, model.version)):
            steps = told.get(row.id, [])
            way = " → ".join(f"{step.version} {step.target}" for step in steps)
            numbered = [step.version for step in steps] == list(range(1, row.version + 1))
            joined = all(after.source == before.target for before, after in pairwise(steps))
            if not (numbered and joined and steps[-1].target == row.state):
                wrong.append(f"{model.__tablename__} {row.id} is at {row.version} {row.state}, its timeline: {way}")
    return wrong


def _rows_and_files_agree(stage: Stage) -> list[str]:
    """After a collection that finds everything old enough: nobody uploads any more."""
    if stage.collects:
        orphans.collect(age_seconds=0)
    expected = set()
    for row in rows(select(Photo.id, Photo.state, Photo.sha256, Photo.rendered)):
        expected.add(original_key(row.sha256))
        if row.state == "ready":
            expected |= pictures_of(row.id, row.rendered)
    kept = {key for folder in ("originals", "renditions", "aside") for key in store().keys(folder)}
    wrong = [f"no file: {key}" for key in sorted(expected - kept)] + [
        f"no row: {key}" for key in sorted(kept - expected)
    ]
    return wrong + [f"left behind: {path.name}" for path in Path(stage.uploads).rglob(".*.part")]


def _answers_are_honest(attempts: list[Attempt], cut: bool) -> list[str]:
    judged: tuple[tuple[str, Callable[[Attempt], bool]], ...] = (
        ("too slow", lambda a: a.seconds > LONGEST_SECONDS and a.status is not None),
        ("no answer at all", lambda a: a.error == "timeout"),
        ("connection lost", lambda a: a.status is None and a.error != "timeout" and not cut),
        ("a server's error", lambda a: a.status is not None and a.status >= 500 and a.status not in PASSING),
        ("no Retry-After", lambda a: a.status in PASSING and not a.retry_after),
    )
    return [f"{what}: {attempt}" for what, wrong in judged for attempt in attempts if wrong(attempt)]


__all__ = ["LONGEST_SECONDS", "SETTLE_SECONDS", "check"]
