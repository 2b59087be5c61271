"""Following, and telling those who do."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import delete

from participate.accounts.models import Account
from participate.catalogue import queries as catalogue
from participate.kernel import outbox
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, execute, rows, table, transaction
from participate.kernel.errors import Conflict, Fault, Invalid, Missing
from participate.kernel.ids import new_id
from participate.kernel.inserting import inserting
from participate.kernel.outbox import Fact, each
from participate.kernel.workflow import locked
from participate.places import cells
from participate.places import queries as places
from participate.submissions import joining
from participate.submissions import queries as submissions
from participate.updates import concerns
from participate.updates import service as updates
from participate.updates.answering import Answer
from participate.updates.following import keys, queries
from participate.updates.following.models import Follow

MOST = 200
_FOLLOWS = table(Follow)
_FIELDS = {keys.SUBMISSION: {"submission_id"}, keys.CATEGORY: {"category", "area"}, keys.CELL: {"cell", "place"}}


def follow(caller: Caller, fields: dict[str, Any]) -> str:
    """Follow something from now on; returns the id under which the caller does, the same one a second time.

    Raises Invalid for what is lacking, does not belong or is not there, and Conflict for one's own submission
    (`follows_own`) and beyond MOST (`follows_enough`).
    """
    account_id = str(caller.account_id)
    stray = (set(fields) - {"what"}) - _FIELDS[fields["what"]]
    if stray:
        raise Invalid(*(Fault(name, "unknown") for name in sorted(stray)))
    key, row = _FOLLOWED[fields["what"]](caller, fields)
    made = inserting(_FOLLOWS)
    with transaction():
        locked(Account, account_id)  # So that two at once cannot both be the last that there is room for.
        known = queries.mine(account_id, key)
        if known is not None:
            return known
        if queries.count(account_id) >= MOST:
            raise Conflict("follows_enough")
        given = {"id": new_id(), "account_id": account_id, "key": key, "what": fields["what"], "created_at": now()}
        execute(made.values(given | row))
    return str(given["id"])


def unfollow(caller: Caller, follow_id: str) -> None:
    """Follow it no more. Raises Missing for what the caller does not follow."""
    held = _FOLLOWS.c
    with transaction():
        gone = delete(_FOLLOWS).where(held.id == follow_id, held.account_id == caller.account_id).returning(held.id)
        if not rows(gone):
            raise Missing


def _required(fields: dict[str, Any], *names: str) -> None:
    lacking = [name for name in names if fields.get(name) is None]
    if lacking:
        raise Invalid(*(Fault(name, "required") for name in lacking))


def _submission(caller: Caller, fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    _required(fields, "submission_id")
    submission_id = fields["submission_id"]
    try:
        submissions.visible_to(caller, submission_id)
        brief = submissions.brief(submission_id)
    except Missing as error:
        raise Invalid(Fault("submission_id", "unknown_submission")) from error
    if brief.author_id == caller.account_id:
        raise Conflict("follows_own")
    if not brief.public:
        raise Invalid(Fault("submission_id", "unknown_submission"))
    return keys.of_submission(submission_id), {"submission_id": submission_id}


def _category(_caller: Caller, fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    _required(fields, "category", "area")
    found = {"category": catalogue.category(fields["category"]), "area": places.area(fields["area"])}
    unknown = [name for name, row in found.items() if row is None]
    if unknown:
        raise Invalid(*(Fault(name, "unknown_code") for name in unknown))
    wanted = {name: fields[name] for name in ("category", "area")}
    return keys.of_category(**wanted), wanted


def _cell(_caller: Caller, fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    cell = cells.meant(fields.get("cell"), fields.get("place"))
    return keys.of_cell(cell), {"area": cell}


_FOLLOWED = {keys.SUBMISSION: _submission, keys.CATEGORY: _category, keys.CELL: _cell}


def tell(facts: Sequence[Fact]) -> None:
    """Public steps of what is public: whoever follows it hears of them, some at a time, each once for each fact."""
    steps = updates.steps_of(facts)
    public = {step.thread_id for step in steps.values() if step.shown_to == "public"}
    briefs = {brief.id: brief for brief in submissions.briefs(public).values() if brief.public}
    told = {fact.id: _told(fact, steps, briefs) for fact in facts}
    followed = queries.followed({key for named in told.values() for key in named})
    many = max(1, updates.PAGE // max(1, sum(key in followed for named in told.values() for key in named)))
    heard = [(fact, steps[fact.data["entry"]]) for fact in facts if followed & told[fact.id].keys()]
    with transaction():
        entries = dict[tuple[str, str], dict[str, Any]]()  # By whom and of what: the nearest of its keys tells it.
        answers = {fact.id: (step, brief, answer) for fact, step, brief, answer in updates.answered(heard, briefs)}
        for fact in each([fact for fact, _ in heard]):
            for key in filter(followed.__contains__, told[fact.id]):
                for entry in _of_some(fact, *answers[fact.id], key, told[fact.id][key], many):
                    entries.setdefault((entry["account_id"], entry["fact_id"]), entry)
        updates.append(list(entries.values()))


def _told(fact: Fact, steps: dict[str, AnyRow], briefs: dict[str, AnyRow]) -> dict[str, str]:
    """Under which keys a fact is told, each with its words: all that its step has, or the one it goes on with."""
    step = steps.get(fact.data["entry"])
    if step is None or step.shown_to != "public" or step.thread_id not in briefs:
        return {}
    named = dict(keys.of_step(step, briefs[step.thread_id]))
    return {key: named[key] for key in named if fact.data.get("key", key) == key}


def _of_some(
    fact: Fact, step: AnyRow, brief: AnyRow, answer: Answer, key: str, words: str, many: int
) -> Iterator[dict[str, Any]]:
    """Entries for the next so many of a key's followers; where there may be more, a fact of its own says so."""
    told, origin = queries.page_of(key, fact.data.get("after", joining.FIRST), many), fact.data.get("origin", fact.id)
    if len(told) == many:
        following = {"after": told[-1], "origin": origin, "entry": step.id, "thread": brief.id, "key": key}
        outbox.record("follow.continued", "feed", brief.id, following)
    entry = updates.entry_of(fact, step, brief, answer, ("public",))
    entry |= {"fact_id": origin, "at": step.at, "words": words, "concern": concerns.FOLLOWED}
    entry |= {"following": None} if words in keys.OTHERWISE.values() else {}
    return (entry | {"account_id": account_id} for account_id in updates.not_owners(brief, told))
