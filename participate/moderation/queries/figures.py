"""How the desk decides: how much, how fast, how often an appeal overturns it and a second opinion agrees."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, select, tuple_
from sqlalchemy.orm import aliased

from participate.kernel.auth import Caller, Grant
from participate.kernel.db import AnyRow, AnySelect, Id, UtcTime, rows
from participate.kernel.disclosure import hidden, hidden_cells, is_few, said, share, spread
from participate.kernel.scopes import in_scope
from participate.moderation.models import DECISIONS, ModerationOpinion, ModerationTask
from participate.submissions.kinds import SEALED

ROLES = ("desk_head", "auditor")
_STREET = 9  # digits of an area's code
_AT_ONCE = 5000  # rows
# What figures are told by. Of an appeal that is what it questions: who had decided so, why, and where.
GROUPINGS: dict[str, Callable[[Any], Any]] = {
    "moderator": lambda task: task.decided_by,
    "reason": lambda task: task.reason,
    "area": lambda task: func.substr(task.area, 1, _STREET),
    "decision": lambda task: task.decision,
}


@dataclass
class Group:
    """What was decided in one group; `minutes` is how long each took."""

    n: int = 0
    minutes: list[float] = field(default_factory=list)
    decisions: Counter[str] = field(default_factory=Counter)
    appeals: int = 0
    overturned: int = 0
    opinions: int = 0
    agreed: int = 0

    def decided(self, decision: str) -> int:
        """How often it was decided so."""
        return self.decisions[decision]


def figures(caller: Caller, since: datetime, until: datetime, by: str) -> dict[str, Any]:
    """The figures of what was decided from `since` to before `until` in the caller's scope, `by` one of GROUPINGS."""
    groups, together = defaultdict[str | None, Group](Group), Group()
    for row in decided(_decided(caller.grants, by), since, until):
        for group in (groups[row.group], together):
            _count(group, row)
        if row.purpose == "appeal":
            for group in (groups[row.questioned], together):
                _count_appeal(group, row)
    for row in rows(_opinions(caller.grants, by), {"since": since, "until": until}):
        for group in (groups[row.group], together):
            group.opinions += row.given
            group.agreed += row.agreed
    return {"since": since, "until": until, "by": by} | _shown(groups, together)


def decided(statement: AnySelect, since: datetime, until: datetime) -> Iterator[AnyRow]:
    """The rows of `statement` of tasks that were decided in a period, so many at a time: a year of them is too many."""
    last, at = "00000000-0000-0000-0000-000000000000", since
    while True:
        given = {"at": at, "last": last, "until": until}
        found = rows(statement, given)
        yield from found
        if len(found) < _AT_ONCE:
            return
        at, last = found[-1].decided_at, found[-1].id


def in_order(statement: AnySelect) -> AnySelect:
    """`statement` as `decided` asks it: the next rows behind (`:at`, `:last`), and before `:until`."""
    held = ModerationTask
    behind = tuple_(held.decided_at, held.id) > tuple_(bindparam("at", type_=UtcTime), bindparam("last", type_=Id))
    bounded = statement.where(behind, held.decided_at < bindparam("until", type_=UtcTime))
    return bounded.order_by(held.decided_at, held.id).limit(_AT_ONCE)


@lru_cache(maxsize=256)
def _decided(grants: tuple[Grant, ...], by: str) -> AnySelect:
    held, earlier = ModerationTask, aliased(ModerationTask)
    named = GROUPINGS[by](held).label("group"), GROUPINGS[by](earlier).label("questioned")
    columns = (held.id, held.opened_at, held.decided_at, held.decision, held.purpose, *named)
    statement = select(*columns).outerjoin(earlier, earlier.id == held.reviews)
    return in_order(statement.where(in_scope(Caller(grants=grants), ROLES, held.area), held.kind != SEALED))


@lru_cache(maxsize=256)
def _opinions(grants: tuple[Grant, ...], by: str) -> AnySelect:
    held, opinion = ModerationTask, ModerationOpinion
    group = GROUPINGS[by](held).label("group")
    agreed = func.count().filter(opinion.decision == held.decision).label("agreed")
    period = held.decided_at >= bindparam("since", type_=UtcTime), held.decided_at < bindparam("until", type_=UtcTime)
    statement = select(group, func.count().label("given"), agreed).join(opinion, opinion.task_id == held.id)
    within = in_scope(Caller(grants=grants), ROLES, held.area)
    return statement.where(*period, opinion.decision.is_not(None), within, held.kind != SEALED).group_by(group)


def minutes(row: AnyRow) -> float | None:
    """How long a task took to be decided; the release before did not keep when it was opened."""
    return (row.decided_at - row.opened_at).total_seconds() / 60 if row.opened_at else None


def _count(group: Group, row: AnyRow) -> None:
    group.n += 1
    group.decisions[row.decision] += 1
    took = minutes(row)
    if took is not None:
        group.minutes.append(took)


def _count_appeal(group: Group, row: AnyRow) -> None:
    group.appeals += 1
    group.overturned += row.decision != "reject"


def _shown(groups: dict[str | None, Group], together: Group) -> dict[str, Any]:
    """All groups without what would tell of a few; those of which nothing is said come last, in no telling order."""
    silent = hidden({name: group.n for name, group in groups.items()})
    appeals = hidden({name: group.appeals for name, group in groups.items()}, silent)
    opinions = hidden({name: group.opinions for name, group in groups.items()}, silent)
    cells = {(name, each): group.decided(each) for name, group in groups.items() for each in DECISIONS}
    unsaid = hidden_cells(cells, [cell for cell in cells if cell[0] in silent])
    shown = [
        {
            "group": name,
            "n": None if name in silent else groups[name].n,
            "minutes": None if name in silent else spread(groups[name].minutes),
            "decisions": {each: None if (name, each) in unsaid else groups[name].decided(each) for each in DECISIONS},
            "appeals": _appeals(groups[name], name in appeals),
            "opinions": _opinions_of(groups[name], name in opinions),
        }
        for name in sorted(
            groups, key=lambda name: (name in silent, 0 if name in silent else -groups[name].n, str(name))
        )
    ]
    return {"all": _all(together), "groups": shown}


def _all(together: Group) -> dict[str, Any]:
    return {
        "n": None if is_few(together.n) else together.n,
        "minutes": spread(together.minutes),
        "decisions": said({each: together.decided(each) for each in DECISIONS}),
        "appeals": _appeals(together, is_few(together.appeals)),
        "opinions": _opinions_of(together, is_few(together.opinions)),
    }


def _appeals(group: Group, silent: bool) -> dict[str, Any]:
    if silent:
        return {"n": None, "overturned": None, "share": None}
    return {"n": group.appeals, "overturned": group.overturned, "share": share(group.overturned, group.appeals)}


def _opinions_of(group: Group, silent: bool) -> dict[str, Any]:
    if silent:
        return {"n": None, "agreed": None, "share": None}
    return {"n": group.opinions, "agreed": group.agreed, "share": share(group.agreed, group.opinions)}
