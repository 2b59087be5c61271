"""Reads of members, and of what they have done in that office; what they hand in as residents is in none of it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import String, bindparam, case, func, literal, select, union_all

from participate.accounts import queries as accounts
from participate.kernel.auth import Caller
from participate.kernel.db import AnyRow, AnySelect, Id, one, rows
from participate.kernel.errors import Missing
from participate.kernel.workflow import TimelineEntry
from participate.submissions.models import Submission
from participate.submissions.proposals.models import SIGNED, CoSigner, Proposal
from participate.submissions.workflow import SUBMISSION

DEEDS = FILED, COSIGNED, ADOPTED = ("filed", "cosigned", "adopted")
_ANSWERED = ("answered", "disputed", "closed")
_WHO = bindparam("member", type_=Id)
_SIGNED = select(CoSigner.submission_id).where(CoSigner.account_id == _WHO, CoSigner.state == SIGNED)
_ADOPTED = select(Submission.id).where(Submission.adopted_by == _WHO)
# What everyone sees: what has become business under a number, and who stood by it themselves, for all to know.
_IN_PUBLIC: dict[str, AnySelect] = {
    FILED: select(Proposal.id).where(Proposal.member_id == _WHO),
    COSIGNED: _SIGNED.join(Proposal, Proposal.id == CoSigner.submission_id).where(CoSigner.merged_id.is_(None)),
    ADOPTED: _ADOPTED,
}
_OF_ONES_OWN: dict[str, AnySelect] = {
    FILED: select(Submission.id).where(Submission.author_id == _WHO, Submission.kind == "micro_proposal"),
    COSIGNED: _SIGNED,
    ADOPTED: _ADOPTED,
}


def _entries(sources: Mapping[str, AnySelect]) -> tuple[AnySelect, Any]:
    """All that somebody has done, each once, and the key of its order."""
    done = union_all(
        *(
            select(literal(deed, String).label("deed"), found.subquery().c[0].label("submission_id"))
            for deed, found in sources.items()
        )
    ).subquery("done")
    shown = (Submission.reference, Submission.kind, Submission.title, Submission.state, Submission.area)
    columns = (*shown, Submission.filed_as, Submission.created_at, Submission.due_at)
    found = select(done.c.deed, *columns, done.c.submission_id).join(done, Submission.id == done.c.submission_id)
    return found, done.c.submission_id


def _prepared(sources: dict[str, AnySelect], is_public: bool) -> dict[str | None, tuple[AnySelect, Any]]:
    """The lists of all deeds (None) and of each."""
    made = {None: _entries(sources)} | {deed: _entries({deed: found}) for deed, found in sources.items()}
    if not is_public:
        return made
    return {deed: (found.where(Submission.public.is_(True)), key) for deed, (found, key) in made.items()}


_LISTS = {True: _prepared(_OF_ONES_OWN, is_public=False), False: _prepared(_IN_PUBLIC, is_public=True)}


def _counting(entries: AnySelect) -> AnySelect:
    held = entries.subquery()
    is_answered = case((held.c.state.in_(_ANSWERED), 1), else_=0)
    return select(held.c.deed, func.count().label("n"), func.sum(is_answered).label("answered")).group_by(held.c.deed)


_COUNTS = {own: _counting(lists[None][0]) for own, lists in _LISTS.items()}
_REPORTS = (
    select(func.count().label("n"))
    .select_from(TimelineEntry)
    .join(Submission, Submission.id == TimelineEntry.subject_id)
    .where(Submission.adopted_by == _WHO, Submission.public.is_(True))
    .where(TimelineEntry.move == "report_progress", TimelineEntry.actor_id == _WHO)
)


def member(account_id: str) -> AnyRow:
    """A member that is in office: `id`, `display_name`. Raises Missing."""
    found = accounts.member(account_id)
    if found is None:
        raise Missing
    return found


def counts(caller: Caller, account_id: str) -> dict[str, int]:
    """How often the member did each, how many of all these are answered, and how often they told how one gets on."""
    asked = {"member": account_id}
    found = {row.deed: row for row in rows(_COUNTS[caller.account_id == account_id], asked)}
    told = one(_REPORTS, asked)
    return {deed: found[deed].n if deed in found else 0 for deed in DEEDS} | {
        "answered": sum(int(row.answered) for row in found.values()),
        "reported": told.n if told is not None else 0,
    }


def listed(caller: Caller, account_id: str, deed: str | None) -> tuple[AnySelect, Any]:
    """What the member has done, by `:member`, with the key of its order: for themselves all of it."""
    return _LISTS[caller.account_id == account_id][deed]


def present(row: AnyRow) -> dict[str, Any]:
    """One thing that a member has done."""
    plain = ("deed", "reference", "kind", "title", "state", "area", "created_at", "due_at")
    shown = {name: getattr(row, name) for name in plain}
    stage = SUBMISSION.stages[row.state]
    own = {"id": row.submission_id, "number": row.filed_as, "stage": stage, "answered": row.state in _ANSWERED}
    return shown | own
