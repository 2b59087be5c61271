"""Turns facts into entries of the feeds of those whom they concern."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from participate.accounts import queries as accounts
from participate.cases import queries as cases
from participate.cases import stead
from participate.cases.found import sampling
from participate.cases.holders import asker
from participate.cases.rectifications import queries as rectifications
from participate.kernel import deadlines, outbox
from participate.kernel.db import AnyRow, add, after_commit, change, execute, is_sqlite, rows, table, transaction
from participate.kernel.ear import announce
from participate.kernel.ids import new_id
from participate.kernel.outbox import Fact, each
from participate.kernel.words import known
from participate.kernel.workflow import TimelineEntry
from participate.places import codes
from participate.submissions import joining, telling
from participate.submissions import queries as submissions
from participate.submissions import service as submission_service
from participate.submissions.kinds import OFFICER, SEALED
from participate.submissions.supervisions.barring import is_barred
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
        append(entries)
        helped = [(each[1], entry) for each, entry in zip(news, entries, strict=True) if each[2].helped_by]
        if helped:
            calling.owe(helped)


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
) -> Iterator[tuple[Fact, AnyRow, AnyRow, answering.Who | None]]:
    """Each with the brief of its submission, and who answers for that now."""
    steps = [(step.subject_type, step.target, briefs[step.thread_id]) for _, step in told]
    for (fact, step), who in zip(told, answering.answering(steps), strict=True):
        yield fact, step, briefs[step.thread_id], who


def entry_of(
    fact: Fact,
    step: AnyRow,
    brief: AnyRow,
    who: answering.Who | None = None,
    readers: Sequence[str] = telling.HEARD,
) -> dict[str, Any]:
    """What the author of the submission reads of a step, or those do who read the notes for `readers` alone."""
    following = f"next.{step.subject_type}.{step.target}"
    return {
        "account_id": brief.author_id,
        "fact_id": fact.id,
        "at": fact.at,
        "submission_id": brief.id,
        "move": step.move,
        "words": f"step.{step.subject_type}.{step.move}",
        "following": following if known(following) else None,
        "values": ({"who": who} if who else {}) | telling.values(step, brief, readers),
        "due_at": brief.due_at,
        "concern": concerns.of_step(step),
    }


PAGE = 200  # people told at one go, of whatever steps: what somebody else waits for waits no longer than that takes.


def tell_joined(facts: Sequence[Fact]) -> None:
    """Public steps: whoever has joined hears of them, some at a time, each once for each fact."""
    steps = steps_of(facts)
    joined = joining.joined_ones({step.thread_id for step in steps.values() if step.shown_to == "public"})
    public = {step.id for step in steps.values() if step.shown_to == "public" and step.thread_id in joined}
    heard = [fact for fact in facts if fact.data["entry"] in public]
    briefs, many = submissions.briefs(joined), max(1, PAGE // max(1, len(heard)))
    with transaction():
        entries, told = list[dict[str, Any]](), [(fact, steps[fact.data["entry"]]) for fact in heard]
        answers = {fact.id: (step, brief, who) for fact, step, brief, who in answered(told, briefs)}
        for fact in each(heard):
            entries += _of_some(fact, *answers[fact.id], many)
        append(entries)  # All at one go, so that nobody's feed is locked out of its turn.


def _of_some(fact: Fact, step: AnyRow, brief: AnyRow, who: answering.Who | None, many: int) -> list[dict[str, Any]]:
    """Entries for the next so many of those who have joined; where there may be more, a fact of its own says so."""
    told = joining.page_of(brief.id, fact.data.get("after", joining.FIRST), many)
    origin = {"fact_id": fact.data.get("origin", fact.id)}
    of_all = {"at": step.at, "concern": concerns.JOINED}
    entry = entry_of(fact, step, brief, who, ("public",)) | origin | of_all
    if len(told) == many:
        following = {"after": told[-1], "origin": origin["fact_id"], "entry": step.id, "thread": brief.id}
        outbox.record("feed.continued", "feed", brief.id, following)
    return [entry | {"account_id": account_id} for account_id in told if account_id != brief.author_id]


def tell_supervisors(fact: Fact) -> None:
    """`case.decision_missed`: whoever supervises where the case is hears that it waits for them, until one decides."""
    (step,) = rows(_STEP, {"ids": [fact.data["entry"]]})
    case, briefs = cases.of_submission(step.thread_id), submissions.briefs({step.thread_id})
    if case is not None and case.area is not None:
        entry = entry_of(fact, step, briefs[step.thread_id]) | {"following": None}
        _tell(entry, _desks(case.area, "supervisor"), entry["account_id"])


# Up to whom it is told that so much of a level's time is over, in percent. Where all of it is, the case goes up.
_WARNED: dict[int, tuple[str, ...]] = {50: (), 80: ("dispatcher",), 100: ("dispatcher", "supervisor")}


def tell_staff(fact: Fact) -> None:
    """`case.warned`: whoever has the case hears of it, later who dispatches as well, at last who supervises.

    `case.feedback_due`: all of these hear that those who passed it up still wait to hear what is done about it.
    """
    case, percent = cases.row_of(fact.subject_id), fact.data.get("percent")
    if percent is None and not deadlines.missed(case.id, "feedback"):
        return
    move, roles = ("warned", _WARNED[percent]) if percent else ("feedback_missed", _WARNED[100])
    # What is sealed no dispatcher sees.
    told = _desks(case.area, *(role for role in roles if case.kind != SEALED or role != "dispatcher"))
    entry = {"fact_id": fact.id, "at": fact.at, "submission_id": case.submission_id, "move": move}
    entry |= {"words": _SAID[move], "values": {"reference": case.reference, "note": None, "percent": percent}}
    _tell(entry | {"due_at": case.due_at}, told | stead.holders(case), asker(case))


def tell_lead(fact: Fact) -> None:
    """`part.verified`: whoever has the case hears that a part of it is done, for which its reply may have waited."""
    part = cases.row_of(fact.subject_id)
    lead = cases.row_of(part.part_of)
    entry = {"fact_id": fact.id, "at": fact.at, "submission_id": lead.submission_id, "move": "verify"}
    entry |= {"words": "step.part.verify", "values": {"reference": lead.reference, "note": None}}
    _tell(entry | {"due_at": lead.due_at}, stead.holders(lead), asker(lead))


def tell_unit(fact: Fact) -> None:
    """`rectification.issued`, `rectification.sent_back`: who handles for the unit hears that a plan is waited for.

    Of the supervision that it comes from they hear nothing, so that no submission is named.
    """
    row = rectifications.row_of(fact.subject_id)
    entry = {"fact_id": fact.id, "at": fact.at, "submission_id": None, "move": fact.data["move"]}
    entry |= {"words": "step.rectification.to_unit", "values": {"reference": row.reference, "note": None}}
    told = accounts.of_unit("handler", row.unit)
    append([entry | {"due_at": row.due_at, "concern": concerns.STAFF, "account_id": each} for each in sorted(told)])


_SAID = {"warned": "step.case.warned", "feedback_missed": "step.case.feedback_missed"}


def _desks(area: str | None, *roles: str) -> set[str | None]:
    """The accounts that hold one of the roles for the area or one around it."""
    around = [area, *codes.upward(area), ""] if area else [""]
    return {account for role in roles for _, account in accounts.holders(role, around)}


def _tell(entry: dict[str, Any], account_ids: Collection[str | None], asker_id: str | None) -> None:
    """The same to each of those staff, but for who has asked for it, and from whom it is kept."""
    staff = {each for each in account_ids if each not in {None, asker_id} and not _is_barred(each, entry)}
    told = entry | {"concern": concerns.STAFF}
    append([told | {"account_id": account_id} for account_id in sorted(filter(None, staff))])


def _is_barred(account_id: str | None, entry: dict[str, Any]) -> bool:
    found = accounts.grantee(account_id) if account_id else None
    return found is not None and is_barred(found, entry["submission_id"])


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
    if entry["submission_id"] is not None:
        submission_service.heard(entry["submission_id"])
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
