"""What everyone may read of the desk's work: month by month, without persons and without small groups."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, func, select

from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, Id, UtcTime, rows
from participate.kernel.disclosure import hidden, is_few, said, share, spread
from participate.kernel.errors import Fault, Invalid
from participate.kernel.ids import first_id
from participate.moderation import reasons
from participate.moderation.models import DECISIONS, ModerationFlag, ModerationTask
from participate.moderation.queries.figures import decided, in_order, minutes
from participate.submissions.kinds import SEALED

_DISTRICT = 6  # digits of an area's code
_KEPT, _MOST_KEPT = "participate.moderation.reports", 24
_SETTLED = timedelta(hours=1)  # What was decided in its last moments has landed by then.
_one_at_a_time = Lock()
_district = func.substr(ModerationTask.area, 1, _DISTRICT).label("district")
_DECIDED = in_order(
    select(
        ModerationTask.id,
        ModerationTask.opened_at,
        ModerationTask.decided_at,
        ModerationTask.due_at,
        ModerationTask.decision,
        ModerationTask.reason,
        ModerationTask.purpose,
        _district,
    ).where(ModerationTask.kind != SEALED)
)
# Ids are in the order of making, so that no index over `opened_at` is needed.
_RECEIVED = (
    select(_district, func.count().label("n"))
    .where(
        ModerationTask.id >= bindparam("first", type_=Id),
        ModerationTask.id < bindparam("end", type_=Id),
        ModerationTask.purpose == "look",
        ModerationTask.kind != SEALED,
    )
    .group_by(_district)
)
_FLAGS = (
    select(
        ModerationFlag.code,
        func.count().label("n"),
        func.count().filter(ModerationFlag.borne_out.is_(True)).label("borne_out"),
    )
    .join(ModerationTask, ModerationTask.id == ModerationFlag.task_id)
    .where(
        ModerationTask.decided_at >= bindparam("since", type_=UtcTime),
        ModerationTask.decided_at < bindparam("until", type_=UtcTime),
        ModerationTask.kind != SEALED,
    )
    .group_by(ModerationFlag.code)
    .order_by(ModerationFlag.code)
)


@dataclass
class _Sums:
    """What was decided in a district, or everywhere."""

    received: int = 0
    decided: int = 0
    looks: list[float] = field(default_factory=list)
    in_time: int = 0
    appeals: int = 0
    overturned: int = 0


def report(month: str) -> dict[str, Any]:
    """The report of a month, as YYYY-MM. Raises Invalid for one that is not over.

    What was decided in a month does not change any more, so each process keeps the reports it was asked for last.
    """
    kept: dict[str, dict[str, Any]] = current_app.extensions.setdefault(_KEPT, {})
    since, until = _bounds(month)
    if until > now():
        raise Invalid(Fault("month", "month_not_over"))
    with _one_at_a_time:
        if month in kept:
            return kept[month]
        found = {"month": month} | _told(since, until)
        if until + _SETTLED < now():
            if len(kept) >= _MOST_KEPT:
                kept.pop(next(iter(kept)))
            kept[month] = found
        return found


def _bounds(month: str) -> tuple[datetime, datetime]:
    """When the month begins, and when the next one does."""
    year, number = (int(part) for part in month.split("-"))
    following = (year + number // 12, number % 12 + 1)
    begin, end = (datetime(*at, 1, tzinfo=settings().timezone).astimezone(UTC) for at in ((year, number), following))
    return begin, end


def _told(since: datetime, until: datetime) -> dict[str, Any]:
    areas, total = defaultdict[str | None, _Sums](_Sums), _Sums()
    decisions, why = Counter[str](), Counter[tuple[str, str]]()
    for row in rows(_RECEIVED, {"first": first_id(since), "end": first_id(until)}):
        for sums in (areas[row.district], total):
            sums.received += row.n
    for row in decided(_DECIDED, since, until):
        decisions[row.decision] += 1
        if row.reason:
            why[row.decision, row.reason] += 1
        for sums in (areas[row.district], total):
            _count(sums, row)
    flags = rows(_FLAGS, {"since": since, "until": until})
    return _whole(total) | {
        "decisions": said({each: decisions[each] for each in DECISIONS}),
        "reasons": _reasons(why),
        "flags": [_flag(row) for row in flags],
        "areas": _areas(areas),
    }


def _count(sums: _Sums, row: AnyRow) -> None:
    sums.decided += 1
    if row.purpose == "appeal":
        sums.appeals += 1
        sums.overturned += row.decision != "reject"
    took = minutes(row)
    if row.purpose == "look" and took is not None:
        sums.looks.append(took)
        sums.in_time += row.decided_at <= row.due_at


def _whole(total: _Sums) -> dict[str, Any]:
    return {
        "received": None if is_few(total.received) else total.received,
        "decided": None if is_few(total.decided) else total.decided,
        "first_look": _first_look(total),
        "appeals": _appeals(total, is_few(total.appeals)),
    }


def _first_look(sums: _Sums) -> dict[str, Any]:
    found, n = spread(sums.looks), len(sums.looks)
    return {
        "n": None if is_few(n) else n,
        "median_minutes": found["median"] if found else None,
        "in_time": share(sums.in_time, n),
    }


def _appeals(sums: _Sums, silent: bool) -> dict[str, Any]:
    if silent:
        return {"n": None, "overturned": None, "share": None}
    return {"n": sums.appeals, "overturned": sums.overturned, "share": share(sums.overturned, sums.appeals)}


def _reasons(why: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    return [{"decision": key[0], "reason": key[1], "n": n} for key, n in sorted(said(why).items())]


def _flag(row: AnyRow) -> dict[str, Any]:
    few = is_few(row.n)
    return {
        "code": row.code,
        "n": None if few else row.n,
        "borne_out": None if few else row.borne_out,
        "share": share(row.borne_out, row.n),
    }


def _areas(areas: Mapping[str | None, _Sums]) -> list[dict[str, Any]]:
    """Each district, without what would tell of a few where the sum of all is known."""
    decided_by_area = {area: sums.decided for area, sums in areas.items()}
    silent = hidden(decided_by_area)
    received = said({area: sums.received for area, sums in areas.items()})
    looks = hidden({area: len(sums.looks) for area, sums in areas.items()}, silent)
    appeals = hidden({area: sums.appeals for area, sums in areas.items()}, silent)
    return [
        {
            "area": area,
            "received": received[area],
            "decided": None if area in silent else sums.decided,
            "first_look": _first_look(_Sums()) | {"n": None} if area in looks else _first_look(sums),
            "appeals": _appeals(sums, area in appeals),
        }
        for area, sums in sorted(areas.items(), key=lambda pair: pair[0] or "")
    ]


def labels() -> dict[str, dict[str, str]]:
    """What the reasons are called in each language, by code."""
    return {reason["code"]: reason["label"] for reason in reasons.listed()}
