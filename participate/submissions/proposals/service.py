"""A proposal's own verbs: members are asked to sign it and do, it gets its number, it is marked."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, insert, or_, select, update

from participate.accounts import queries as accounts
from participate.accounts.models import RoleGrant
from participate.kernel.clock import now
from participate.kernel.context import local, settings
from participate.kernel.db import AnyRow, db, execute, one, rows, table
from participate.kernel.errors import Conflict, Fault, Invalid
from participate.kernel.inserting import inserting
from participate.kernel.workflow import Actor
from participate.submissions import joining
from participate.submissions.models import Submission, SubmissionLink
from participate.submissions.proposals.models import DECLINED, INVITED, SIGNED, CoSigner, Proposal, ProposalYear

SIGNING, LONGEST_SIGNING = timedelta(days=14), timedelta(days=90)
MOST_COSIGNERS = 100
_HELD = table(CoSigner)


def invite(row: Submission, _actor: Actor, fields: dict[str, Any]) -> dict[str, Any]:
    """Ask the members of these user names; the first invitation says until when it may be signed.

    Who was asked before and has not signed is asked again. Raises Invalid for who is no member or is the author, for
    another day or one too far off, and Conflict for too many.
    """
    names = list(dict.fromkeys(fields["members"]))
    known = accounts.members(names)
    wrong = [place for place, name in enumerate(fields["members"]) if known.get(name, row.author_id) == row.author_id]
    if wrong:
        raise Invalid(*(Fault(f"members.{place}", "unknown_member") for place in wrong))
    row.cosign_until = _until(row, fields.get("cosign_until"))
    before = of(row.id)
    asked = sorted(set(known.values()) - {each.account_id for each in before if each.state == SIGNED})
    if len({each.account_id for each in before} | set(asked)) > MOST_COSIGNERS:
        raise Conflict("cosigners_enough")
    again = {"state": INVITED, "asked_at": now(), "answered_at": None}
    made = inserting(_HELD).on_conflict_do_update(index_elements=["submission_id", "account_id"], set_=again)
    if asked:
        execute(made, [again | {"submission_id": row.id, "account_id": account_id} for account_id in asked])
    return {"accounts": asked}


def _until(row: Submission, wanted: datetime | None) -> datetime:
    if row.cosign_until is not None:
        if wanted not in {None, row.cosign_until}:
            raise Invalid(Fault("cosign_until", "set_already"))
        return row.cosign_until
    if wanted is not None and wanted <= now():
        raise Invalid(Fault("cosign_until", "too_early", (("after", local(now())),)))
    if wanted is not None and wanted > now() + LONGEST_SIGNING:
        raise Invalid(Fault("cosign_until", "too_late", (("until", local(now() + LONGEST_SIGNING)),)))
    return wanted or now() + SIGNING


def cosign(row: Submission, actor: Actor, _fields: dict[str, Any]) -> None:
    """Sign it: whoever does hears of every step, and rates the answer from their own account."""
    _answer(row, actor, SIGNED)
    joining.bring(row.id, [str(actor.account_id)])


def decline(row: Submission, actor: Actor, _fields: dict[str, Any]) -> None:
    """Say that one does not sign; until the cut-off one may still."""
    _answer(row, actor, DECLINED)


def unsign(row: Submission, actor: Actor, _fields: dict[str, Any]) -> None:
    """Take the signature back."""
    _answer(row, actor, INVITED)
    joining.take(row.id, str(actor.account_id))


def _answer(row: Submission, actor: Actor, state: str) -> None:
    mine = _HELD.c.submission_id == row.id, _HELD.c.account_id == actor.account_id
    execute(update(_HELD).where(*mine).values(state=state, answered_at=now()))


def ask_again(row: Submission) -> None:
    """Its author has mended it: who had signed another text has not signed this one."""
    signed = _HELD.c.submission_id == row.id, _HELD.c.state == SIGNED
    if row.kind == "micro_proposal":
        execute(update(_HELD).where(*signed).values(state=INVITED, answered_at=None))


# Who came with what was merged into it may be a resident, or a member who wrote that without a name.
_IS_MEMBER = exists().where(RoleGrant.account_id == CoSigner.account_id, RoleGrant.role == "member")
_UNNAMED = exists().where(
    Submission.author_id == CoSigner.account_id, Submission.merged_into.is_not(None), Submission.anonymous.is_(True)
)
_OPENLY = or_(CoSigner.merged_id.is_(None), and_(_IS_MEMBER, ~_UNNAMED)).label("openly")


def of(submission_id: str) -> Sequence[AnyRow]:
    """Those who were asked to sign a proposal, or came with another: `account_id`, `state`, and whether `openly`."""
    held = CoSigner
    return rows(select(held.account_id, held.state, _OPENLY).where(held.submission_id == submission_id))


def file(row: Submission, _actor: Actor, fields: dict[str, Any]) -> dict[str, Any]:
    """Give it the next number of the year, by the city's calendar. Raises Invalid where it is hard and nobody says why.

    The number is taken under a lock that holds until the transaction ends; where that fails, the next one gets it.
    """
    if fields.get("hard") and not fields.get("note"):
        raise Invalid(Fault("note", "required"))
    moment = now()
    year = moment.astimezone(settings().timezone).year
    made = inserting(table(ProposalYear)).values(year=year, last=1)
    counted = made.on_conflict_do_update(index_elements=["year"], set_={"last": table(ProposalYear).c.last + 1})
    (taken,) = rows(counted.returning(table(ProposalYear).c.last))
    given = {"id": row.id, "year": year, "number": taken.last, "filed_at": moment, "hard": bool(fields.get("hard"))}
    given["member_id"] = row.author_id if _is_members_own(row) else None
    execute(insert(table(Proposal)).values(given | {"key": False, "excellent": False}))
    return {"number": f"{year}-{taken.last:04d}"}


def _is_members_own(row: Submission) -> bool:
    """Whether a member handed it in as such, and does not wish to stay unnamed."""
    comes_from = one(select(SubmissionLink.source_id).where(SubmissionLink.target_id == row.id))
    return not row.anonymous and comes_from is None and accounts.is_member(row.author_id)


def mark(row: Submission, _actor: Actor, fields: dict[str, Any]) -> dict[str, Any]:
    """Mark it as one of the year's key proposals, or of its excellent ones. Raises Conflict where it is one."""
    held, name = table(Proposal).c, fields["mark"]
    fresh = update(table(Proposal)).where(held.id == row.id, held[name].is_(False)).values({name: True})
    if not rows(fresh.returning(held.id)):
        raise Conflict("marked_already")
    return {"mark": name}


def keep_all(row: Submission, target: Submission) -> None:
    """Where one proposal is merged into another, its author and who has signed it have signed that one."""
    if row.kind != "micro_proposal":
        return
    db.session.flush()
    who = {row.author_id, *(each.account_id for each in of(row.id) if each.state == SIGNED)} - {target.author_id}
    signed = {"submission_id": target.id, "state": SIGNED, "asked_at": now(), "answered_at": now(), "merged_id": row.id}
    if who:
        execute(inserting(_HELD).on_conflict_do_nothing(), [signed | {"account_id": each} for each in sorted(who)])


def take_back(target_id: str, merged_id: str) -> None:
    """It follows that one no more: who came along with it has not signed that."""
    execute(delete(_HELD).where(_HELD.c.submission_id == target_id, _HELD.c.merged_id == merged_id))


def is_hard(submission_id: str) -> bool:
    """Whether its answer may take twice as long."""
    found = one(select(Proposal.hard).where(Proposal.id == submission_id))
    return found is not None and bool(found.hard)


# What these moves bring along, where the row allows them and the actor may make them; what they return goes into the
# timeline.
BROUGHT: dict[str, Callable[[Submission, Actor, dict[str, Any]], dict[str, Any] | None]]
BROUGHT = {"invite": invite, "cosign": cosign, "decline": decline, "unsign": unsign, "file": file, "mark": mark}
