"""How often flags are right: what was decided since, beside what they had hinted at."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, false, func, literal, or_, select, union_all

from participate.kernel.auth import Caller, Grant
from participate.kernel.db import AnySelect, UtcTime, rows
from participate.kernel.disclosure import is_few, share
from participate.kernel.scopes import subtree
from participate.kernel.words import say
from participate.moderation import counts
from participate.moderation.flags import MEANINGS
from participate.moderation.models import ModerationCount, ModerationFlag, ModerationTask
from participate.moderation.queries.counts import not_mine
from participate.moderation.queries.tasks import mine_to_see
from participate.moderation.screening import learning

ROLES = ("moderator", "desk_head", "auditor")
MOST = 1000  # The newest of each flag tell enough, and what that costs does not grow.


def figures(caller: Caller, since: datetime, until: datetime, language: str) -> dict[str, Any]:
    """Of each flag in the caller's scope: how often it was decided on from `since` to before `until`, the last MOST
    at most, how often it was borne out (None of fewer than five), and how many wait with it."""
    asked = {"since": since, "until": until, "me": caller.account_id}
    decided = {row.code: (row.n, row.borne_out) for row in rows(_decided(caller.grants), asked)}
    waiting = Counter({row.value: int(row.n) for row in rows(_waiting(caller.grants))})
    for task in not_mine(caller, caller.areas(*ROLES), caller.has(*ROLES)):
        waiting.subtract(value for facet, value in counts.facets(task) if facet == counts.FLAG)
    items = [_shown(code, *decided.get(code, (0, 0)), waiting[code], language) for code in MEANINGS]
    examples, why_silent = learning.status()
    suggestion = {
        "active": why_silent is None,
        "why_silent": say(why_silent, language) if why_silent else None,
        "examples": examples,
    }
    return {"since": since, "until": until, "flags": items, "suggestion": suggestion}


def _shown(code: str, n: int, borne_out: int, waiting: int, language: str) -> dict[str, Any]:
    return {
        "code": code,
        "name": say(MEANINGS[code].name, language),
        "n": n,
        "borne_out": None if is_few(n) else borne_out,
        "precision": share(borne_out, n),
        "waiting": waiting,
    }


@lru_cache(maxsize=256)
def _decided(grants: tuple[Grant, ...]) -> AnySelect:
    newest = union_all(*_newest(grants)).subquery()
    borne_out = func.count().filter(newest.c.borne_out.is_(True)).label("borne_out")
    return select(newest.c.code, func.count().label("n"), borne_out).group_by(newest.c.code)


def _newest(grants: tuple[Grant, ...]) -> Iterator[Select[Any]]:
    """The last of each flag by itself: one range of an index."""
    held, task = ModerationFlag, ModerationTask
    seen = or_(*(mine_to_see(grants, role) for role in ROLES))
    period = held.decided_at >= bindparam("since", type_=UtcTime), held.decided_at < bindparam("until", type_=UtcTime)
    for code in MEANINGS:
        of_code = select(literal(code).label("code"), held.borne_out).join(task, task.id == held.task_id)
        last = of_code.where(held.code == code, *period, seen).order_by(held.decided_at.desc()).limit(MOST).subquery()
        yield select(last.c.code, last.c.borne_out)


@lru_cache(maxsize=256)
def _waiting(grants: tuple[Grant, ...]) -> AnySelect:
    held = ModerationCount
    n = func.sum(held.n).label("n")
    mine = held.facet == counts.FLAG, held.value.in_(MEANINGS), _within(grants)
    return select(held.value, n).where(*mine).group_by(held.value)


def _within(grants: tuple[Grant, ...]) -> ColumnElement[bool]:
    """The condition that a count is of an area in the scope; what lies nowhere, "" in counts, is on all desks."""
    areas = Caller(grants=grants).areas(*ROLES)
    held = ModerationCount.area
    return or_(held == "", *(subtree(held, code) for code in areas)) if areas else false()
