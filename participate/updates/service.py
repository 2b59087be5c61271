"""Turns facts into entries of the feeds of those whom they concern."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from participate.cases.found import sampling
from participate.kernel import outbox
from participate.kernel.db import AnyRow, add, after_commit, change, execute, is_sqlite, rows, table, transaction
from participate.kernel.ear import announce
from participate.kernel.ids import new_id
from participate.kernel.outbox import Fact, each
from participate.kernel.workflow import TimelineEntry
from participate.submissions import joining, owning, telling
from participate.submissions import queries as submissions
from participate.submissions import service as submission_service
from participate.submissions.kinds import OFFICER
from participate.submissions.workflow import SUBMISSION
from participate.updates import answering, concerns, live
from participate.updates.assisted import calling
from participate.updates.deliveries import planning, taking
from participate.updates.deliveries.choices import IN_APP
from participate.updates.models import Feed, FeedEntry

_STEP = select(
    TimelineEntry.id,
    TimelineEntry.at,
    TimelineEntry.thread_id,
    TimelineEntry.move,
    TimelineEntry.subject_type,
    TimelineEntry.subject_id,
    TimelineEntry.source,
    TimelineEntry.target,
    TimelineEntry.note,
    TimelineEntry.note_to,
    TimelineEntry.shown_to,
    TimelineEntry.data,
).where(TimelineEntry.id.in_(bindparam("ids", expanding=True)))


def steps_of(facts: Sequence[Fact]) -> dict[str, AnyRow]:
    """The steps that facts tell of, by id."""
    return {row.id: row for row in rows(_STEP, {"ids": [fact.data["entry"] for fact in facts]})}


def tell_of_steps(facts: Sequence[Fact]) -> None:
    """Steps of submissions and cases: their authors hear of them, with the note if it is meant for them."""
    steps = steps_of(facts)
    told = [
        (fact, step) for fact in facts if (step := steps.get(fact.data["entry"])) and step.shown_to in telling.HEARD
    ]
    briefs = submissions.briefs({step.thread_id for _, step in told})
    settled = sampling.settled({brief.id for brief in briefs.values() if brief.source == OFFICER})
    heard = [(fact, step) for fact, step in told if _is_news(step, briefs[step.thread_id], settled)]
    news = list(answered(heard, briefs))
    entries = [entry_of(*each) for each in news]
    with transaction():
        for submission_id in sorted({step.thread_id for _, step, _, _ in news if step.subject_type not in _NOTED}):
            submission_service.heard(submission_id)
        append(entries)
        helped = [(each[1], entry) for each, entry in zip(news, entries, strict=True) if each[2].helped_by]
        if helped:
            calling.owe(helped)


_NOTED = frozenset({"submission", "case"})  # Whose steps are noted as words to the author where they are made.
# Of what they have found, an officer knows what they did themselves, and is not asked to rate it.
_NO_NEWS = frozenset({("submission", "submit"), ("submission", "vouch"), ("case", "file"), ("case", "verify")})


def _is_news(step: AnyRow, brief: AnyRow, settled: Collection[str]) -> bool:
    """Whether the author is told. An officer who has mended it on the spot hears only that it did not pass."""
    told = step.subject_type, step.move
    if brief.source != OFFICER:
        return True
    return told == ("case", "rework") if brief.id in settled else told not in _NO_NEWS


def answered(
    told: Sequence[tuple[Fact, AnyRow]], briefs: dict[str, AnyRow]
) -> Iterator[tuple[Fact, AnyRow, AnyRow, answering.Answer]]:
    """Each with the brief of its submission, and who answers for that now and by when."""
    stands = [
        answering.Told(step.subject_type, step.target, step.subject_id, briefs[step.thread_id]) for _, step in told
    ]
    for (fact, step), answer in zip(told, answering.answering(stands), strict=True):
        yield fact, step, briefs[step.thread_id], answer


def entry_of(
    fact: Fact, step: AnyRow, brief: AnyRow, answer: answering.Answer, readers: Sequence[str] = telling.HEARD
) -> dict[str, Any]:
    """What the author of the submission reads of a step, or those do who read the notes for `readers` alone."""
    return {
        "account_id": brief.author_id,
        "fact_id": fact.id,
        "at": fact.at,
        "submission_id": brief.id,
        "move": step.move,
        "words": f"step.{step.subject_type}.{step.move}",
        "following": telling.following(step.subject_type, step.move, step.target, readers),
        "values": ({"who": answer.who} if answer.who else {}) | telling.values(step, brief, readers),
        "due_at": answer.due_at,
        "concern": concerns.of_step(step),
    }


PAGE = 200  # people told at one go, of whatever steps: what somebody else waits for waits no longer than that takes.


# What whoever has signed it hears beside what all may: words of what became of it, and none of the notes.
_FOR_SIGNERS = frozenset({("submission", move) for move in ("return", "reject", "merge", "withdraw")})
FOR_SIGNERS = tuple(SUBMISSION.fact(SUBMISSION.by_name[move]) for _, move in sorted(_FOR_SIGNERS))


def tell_joined(facts: Sequence[Fact]) -> None:
    """Public steps, and the end: whoever has joined hears of them, some at a time, each once for each fact."""
    steps = {id_: step for id_, step in steps_of(facts).items() if _is_for_joined(step)}
    joined = joining.joined_ones({step.thread_id for step in steps.values()})
    heard = [fact for fact in facts if (step := steps.get(fact.data["entry"])) and step.thread_id in joined]
    briefs, many = submissions.briefs(joined), max(1, PAGE // max(1, len(heard)))
    with transaction():
        entries, told = list[dict[str, Any]](), [(fact, steps[fact.data["entry"]]) for fact in heard]
        answers = {fact.id: (step, brief, answer) for fact, step, brief, answer in answered(told, briefs)}
        for fact in each(heard):
            entries += _of_some(fact, *answers[fact.id], many)
        append(entries)  # All at one go, so that nobody's feed is locked out of its turn.


def _is_for_joined(step: AnyRow) -> bool:
    return step.shown_to == "public" or (step.subject_type, step.move) in _FOR_SIGNERS


def _is_for_all(step: AnyRow) -> bool:
    """Whether all who have joined hear of it: what they could read and is taken back as well."""
    return step.shown_to == "public" or (step.move == "withdraw" and step.source in {"accepted", "assigned"})


def _of_some(fact: Fact, step: AnyRow, brief: AnyRow, answer: answering.Answer, many: int) -> list[dict[str, Any]]:
    """Entries for the next so many of those who have joined; where there may be more, a fact of its own says so.

    Whose own it is too hears as its author does, so that they cannot go without the outcome either.
    """
    page = joining.page_of(brief.id, fact.data.get("after", joining.FIRST), many)
    origin = {"fact_id": fact.data.get("origin", fact.id)}
    entry = entry_of(fact, step, brief, answer, ("public",)) | origin | {"at": step.at}
    if len(page) == many:
        following = {"after": page[-1], "origin": origin["fact_id"], "entry": step.id, "thread": brief.id}
        outbox.record("feed.continued", "feed", brief.id, following)
    owners = owning.owners(brief.id, page)
    told = page if _is_for_all(step) else sorted(owning.signers(brief.id, page))
    others = {"concern": concerns.JOINED}
    return [
        entry | {"account_id": account_id} | ({} if account_id in owners else others)
        for account_id in told
        if account_id != brief.author_id
    ]


def not_owners(brief: AnyRow, account_ids: Sequence[str]) -> list[str]:
    """Those of these whose own it is not: who hear of it as its author or with its author hear of it by that."""
    owners = owning.owners(brief.id, account_ids) | {brief.author_id}
    return [account_id for account_id in account_ids if account_id not in owners]


def tell_of_photo(fact: Fact) -> None:
    """`photo.refused`: its owner hears why; the submission stays whole and can get another."""
    entry = {
        "account_id": fact.data["owner"],
        "fact_id": fact.id,
        "at": fact.at,
        "submission_id": fact.data["thread"],
        "move": "photo_refused",
        "words": "step.photo.refused",
        "values": {"note": None, "reason": f"photo.{fact.data['reason']}"},
    }
    submission_id = fact.data["thread"]
    if submission_id is not None and submissions.brief(submission_id).author_id == entry["account_id"]:
        submission_service.heard(submission_id)
    append([entry])


_NEW = insert(table(FeedEntry))
_FEEDS = select(Feed.account_id, Feed.last, Feed.has_channels).where(
    Feed.account_id.in_(bindparam("ids", expanding=True))
)
_LOCKED = _FEEDS.order_by(Feed.account_id).with_for_update()
_BEGUN = [made(table(Feed)).on_conflict_do_nothing() for made in (postgresql.insert, sqlite.insert)]


# What an entry may say of itself beside its own columns: how it concerns its reader (see `concerns`; their own, if it
# says nothing), and that it waits for no quiet hours.
_BESIDES = {"concern": concerns.OWN, "urgent": False}


def append(entries: Sequence[dict[str, Any]]) -> None:
    """Append entries to their readers' feeds, numbered in this order; a fact that is in a feed is not added again.

    Where a reader is told by other channels too, what is to be sent by them is written along (see `planning`).
    """
    if not entries:
        return
    readers = {entry["account_id"] for entry in entries}
    with transaction():
        announce(live.NAME, readers)
        feeds = _locked(readers)
        heard = _heard(readers, [entry["fact_id"] for entry in entries])
        fresh = [entry for entry in entries if (entry["account_id"], entry["fact_id"]) not in heard]
        last = {reader: feed.last for reader, feed in feeds.items()}
        numbered = [_numbered(entry, last) for entry in fresh]
        for entry in numbered:
            add(_NEW, {name: entry[name] for name in entry if name not in _BESIDES})
            change(table(Feed), "account_id", {"account_id": entry["account_id"], "last": entry["number"]})
        sent_too = [entry for entry in numbered if feeds[entry["account_id"]].has_channels]
        if sent_too:
            planning.plan(sent_too)
        in_feed = [entry["at"] for entry in numbered]
        after_commit(f"arrived {new_id()}", lambda: taking.arrived(IN_APP, in_feed))


def _numbered(entry: dict[str, Any], last: dict[str, int]) -> dict[str, Any]:
    """The entry with all that it needs; its number is the next one of its reader's."""
    last[entry["account_id"]] += 1
    given = {"following": None, "due_at": None} | _BESIDES | entry
    return given | {"id": new_id(), "number": last[entry["account_id"]]}


def _locked(readers: Collection[str]) -> dict[str, AnyRow]:
    """Each reader's feed, under its lock; two writers cannot both get the next number."""
    asked = {"ids": list(readers)}
    found = rows(_LOCKED, asked)
    if len(found) < len(readers):
        execute(_BEGUN[is_sqlite()], [{"account_id": reader, "last": 0} for reader in sorted(readers)])
        found = rows(_LOCKED, asked)
    return {row.account_id: row for row in found}


def _heard(readers: Collection[str], fact_ids: Collection[str]) -> set[tuple[str, str]]:
    held = FeedEntry
    asked = select(held.account_id, held.fact_id).where(held.account_id.in_(readers), held.fact_id.in_(fact_ids))
    return {(row.account_id, row.fact_id) for row in rows(asked)}
