"""The queue in its order, within the moderator's scope, narrowed to what they look for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, or_, select

from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, AnySelect, UtcTime, is_sqlite
from participate.kernel.paging import page
from participate.kernel.scopes import subtree
from participate.moderation import waiting
from participate.moderation.models import (
    NORMAL,
    URGENT,
    ModerationFlag,
    ModerationOpinion,
    ModerationTask,
)
from participate.moderation.queries.tasks import KEYS, ME, SHOWN, mine_to_see
from participate.moderation.queries.walk import FOUND, walk
from participate.submissions import search
from participate.submissions.models import Submission
from participate.submissions.supervisions.barring import upward

# All; what I have in hand; what nobody else has; what is over its time; what another has proposed and I may agree with;
# what my opinion is asked for.
VIEWS = ("all", "mine", "free", "overdue", "proposed", "asked")
NO_CATEGORY = "none"
# How many there are of these does not hang on how many wait: they are looked up by themselves.
_FEW = frozenset({"mine", "proposed", "asked"})
_ENDS = {
    None: ((0, (NORMAL + 1 << waiting.RANK_BIT) - 1),),
    True: ((0, NORMAL << waiting.RANK_BIT),),
    False: ((NORMAL << waiting.RANK_BIT, (NORMAL + 1 << waiting.RANK_BIT) - 1),),
}
_NOW = bindparam("now", type_=UtcTime)


@dataclass(frozen=True)
class Wanted:
    """What the queue is narrowed to; `category` NO_CATEGORY is for what has none."""

    kind: str | None = None
    area: str | None = None
    category: str | None = None
    flag: str | None = None
    q: str | None = None
    urgent: bool | None = None
    view: str = "all"


def listed(
    caller: Caller, wanted: Wanted, present: Callable[[AnyRow], dict[str, Any]], limit: int, cursor: str | None
) -> dict[str, Any]:
    """One page of what waits for the caller. Raises Invalid for a bad `q` or cursor."""
    if is_sqlite() or wanted.view in _FEW:
        statement, keys = _plain(caller.grants, wanted)
        values = {"me": caller.account_id, "now": now(), "kind": wanted.kind, "category": wanted.category}
        return page(statement, keys, present, limit, cursor, parameters=values | {"flag": wanted.flag})
    statement, keys = _walked(caller, wanted)
    return page(statement, keys, present, limit, cursor, parameters=_values(caller, wanted))


def reach(grants: Sequence[Grant], area: str | None = None) -> tuple[list[str], bool]:
    """The codes of the areas that a moderator's scope and `area` have in common, and whether nowhere is among it."""
    scope = Caller(grants=tuple(grants)).areas("moderator")
    found = {code if code.startswith(area or "") else area or "" for code in scope if _meet(code, area or "")}
    widest = [code for code in sorted(found) if not any(code != one and code.startswith(one) for one in found)]
    return widest, bool(scope) and area is None


def _meet(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


# On PostgreSQL.


def _walked(caller: Caller, wanted: Wanted) -> tuple[AnySelect, Sequence[Any]]:
    shape = len(_ranges(wanted)), _is_within(caller, wanted), bool(_marks(wanted)), bool(wanted.q)
    return _walking(*shape, wanted.view == "free")


@lru_cache(maxsize=64)
def _walking(ranges: int, within: bool, marked: bool, worded: bool, is_free: bool) -> tuple[AnySelect, Sequence[Any]]:
    found = walk(ranges, within, marked, worded, is_free).columns(*FOUND).subquery("found").c
    order = found.position, found.task_id
    return select(*SHOWN, *order).join(ModerationTask, ModerationTask.id == found.task_id), order


def _is_within(caller: Caller, wanted: Wanted) -> bool:
    """Whether there is anything that does not lie in the reach."""
    codes, nowhere = reach(caller.grants, wanted.area)
    return codes != [""] or not nowhere


def _values(caller: Caller, wanted: Wanted) -> dict[str, Any]:
    """What the walk's statement is run with."""
    codes, nowhere = reach(caller.grants, wanted.area)
    words, pairs = _words(wanted)
    values: dict[str, Any] = {
        "me": caller.account_id,
        "units": upward(caller.grants),
        "areas": codes,
        "nowhere": nowhere,
    }
    for n, (low, high) in enumerate(_ranges(wanted)):
        values |= {f"low_{n}": low, f"high_{n}": high}
    values |= {"within": _bearing(codes, nowhere)} if _is_within(caller, wanted) else {}
    values |= {"marks": _marks(wanted)} if _marks(wanted) else {}
    values |= {"pairs": pairs, "words": words} if words else {}
    return values | ({"now": now()} if wanted.view == "free" else {})


def _bearing(codes: Sequence[str], nowhere: bool) -> list[str]:
    """The marks of which one is borne by all that lies in the reach: an unusual code's is that of what is around it."""
    marks = {waiting.of_area(code)[-1] for code in codes if len(code) >= waiting.LENGTHS[0]}
    return sorted(marks | ({waiting.NOWHERE} if nowhere else set()))


def _marks(wanted: Wanted) -> list[str]:
    marks = [waiting.of_kind(wanted.kind)] if wanted.kind else []
    if wanted.category:
        marks.append(waiting.of_category(None if wanted.category == NO_CATEGORY else wanted.category))
    return marks + ([waiting.of_flag(wanted.flag)] if wanted.flag else [])


def _ranges(wanted: Wanted) -> Sequence[tuple[int, int]]:
    """The positions to look at: for what is overdue, the beginning of each rank."""
    if wanted.view != "overdue":
        return _ENDS[wanted.urgent]
    ranks = [rank for rank in (URGENT, NORMAL) if wanted.urgent is not (rank != URGENT)]
    return [(rank << waiting.RANK_BIT, waiting.due_until(rank, now())) for rank in ranks]


def _words(wanted: Wanted) -> tuple[list[str], Any]:
    return search.parsed(wanted.q) if wanted.q else ([], [])


# On SQLite, and where what is looked for is little.


def _plain(grants: tuple[Grant, ...], wanted: Wanted) -> tuple[AnySelect, Sequence[Any]]:
    category = wanted.category if wanted.category in {None, NO_CATEGORY} else "given"
    shape = bool(wanted.kind), wanted.area, category, bool(wanted.flag), wanted.urgent, wanted.view
    statement, keys = _planned(grants, *shape)
    if wanted.q:
        joined = statement.join(Submission, Submission.id == ModerationTask.submission_id)
        return search.narrowed(joined, wanted.q), keys
    return statement, keys


# Put together once for each scope: that takes several times as long as running it.
@lru_cache(maxsize=256)
def _planned(
    grants: tuple[Grant, ...],
    kind: bool,
    area: str | None,
    category: str | None,
    flag: bool,
    urgent: bool | None,
    view: str,
) -> tuple[AnySelect, Sequence[Any]]:
    held, mark = ModerationTask, ModerationFlag
    conditions = [held.state == "waiting", mine_to_see(grants)]
    conditions += [held.kind == bindparam("kind")] if kind else []
    conditions += [subtree(held.area, area)] if area is not None else []
    conditions += [held.category.is_(None)] if category == NO_CATEGORY else []
    conditions += [held.category == bindparam("category")] if category == "given" else []
    conditions += [(held.rank == URGENT) if urgent else (held.rank != URGENT)] if urgent is not None else []
    conditions += [mark.code == bindparam("flag"), mark.waits.is_(True)] if flag else []
    statement = _viewed(select(*SHOWN), view).where(*conditions)
    if not flag:
        return statement, KEYS
    # A flag repeats the order of its task, so that it is one range of an index.
    flagged = statement.add_columns(mark.task_id).join(mark, mark.task_id == held.id)
    return flagged, (mark.rank, mark.due_at, mark.task_id)


def _viewed(statement: AnySelect, view: str) -> AnySelect:
    """The statement narrowed to a view; where that is little, it begins there, whatever else the planner thinks of."""
    held, asked = ModerationTask, ModerationOpinion
    if view == "free":
        return statement.where(or_(held.claimed_by.is_(None), held.claimed_by == ME, held.lease_until <= _NOW))
    if view == "overdue":
        return statement.where(held.due_at <= _NOW)
    if view == "proposed":
        return statement.where(held.proposed_by.is_not(None), held.proposed_by != ME)
    if view == "mine":
        mine = select(held.id).where(held.state == "waiting", held.claimed_by == ME, held.lease_until > _NOW)
        return _among(statement, mine)
    if view == "asked":
        of_me = or_(asked.asked_of == ME, asked.asked_of.is_(None))
        return _among(
            statement,
            select(asked.task_id.label("id")).where(asked.given_at.is_(None), of_me, asked.asked_by != ME).distinct(),
        )
    return statement


def _among(statement: AnySelect, few: AnySelect) -> AnySelect:
    found = few.cte("few").prefix_with("MATERIALIZED", dialect="postgresql")
    return statement.join(found, found.c.id == ModerationTask.id)
