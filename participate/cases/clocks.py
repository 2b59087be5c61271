"""How much time a level has for a case: by its condition, from what was left before a pause, or as was granted."""

from datetime import datetime, timedelta
from typing import Any

from participate.cases.models import Case
from participate.catalogue import queries as catalogue
from participate.catalogue.calendar import WARNINGS
from participate.catalogue.service import calendar
from participate.kernel import deadlines
from participate.kernel.clock import now
from participate.kernel.context import local, settings
from participate.kernel.errors import Fault, Invalid, Missing
from participate.submissions.proposals.service import is_hard
from participate.submissions.services import service as services

# What holds where the catalogue names no condition, and for the duties that it does not know.
DEFAULT_LIMIT = (3, "work_day")
LIMITS = {
    "dispatch": (4, "work_hour"),
    "accept": (2, "work_hour"),
    "verify": (2, "work_day"),
    "decide": (5, "work_day"),
    "answer_urging": (1, "work_day"),
    "feedback": (3, "work_day"),
}
WAITS_FOR = ("submitter", "other_unit", "contractor", "weather", "approval")
# A proposal's answer, and that of a hard one; and until when a unit may say that it is not theirs.
PROPOSAL, HARD_PROPOSAL, PROPOSAL_ACCEPT = (90, "calendar_day"), (180, "calendar_day"), (3, "work_day")
MAX_PAUSE = timedelta(days=30)
_MS = timedelta(milliseconds=1)


def start(case: Case, duty: str, until: datetime | None = None) -> datetime:
    """Set the duty's deadline on the working calendar, not behind `until` where that is still to come; returns it."""
    clock, due = _due(case, duty)
    due = min(due, until) if until is not None and until > now() else due
    deadlines.start("case", case.id, duty, clock, due)
    if duty == "resolve":
        _watch(case, clock, due)
    return due


def _watch(case: Case, clock: str, due: datetime) -> None:
    """Have somebody warned when half of this time is over; only the next warning is a row."""
    case.warned = 0
    deadlines.start("case", case.id, "warn", clock, calendar().reached(WARNINGS[0], now(), due, clock))


def warn(case: Case) -> bool:
    """Note how much of the level's time is over, and watch for the next share; whether that is more than was known."""
    held = deadlines.running(case.id, "resolve")
    if held is None:
        return False
    known = case.warned
    case.warned, following = calendar().warning(held.started_at, held.due_at, held.clock, now(), known)
    if following is not None:
        deadlines.start("case", case.id, "warn", held.clock, following)
    return case.warned > known


def _due(case: Case, duty: str) -> tuple[str, datetime]:
    if duty == "resume":  # See `pause`.
        return "calendar_day", case.due_at
    if duty == "resolve" and case.left_ms is not None and case.left_clock is not None:
        left, clock = case.left_ms * _MS, case.left_clock
        case.left_ms = case.left_clock = case.waits_for = None
        return clock, calendar().after(now(), left, clock)
    amount, clock = _limit(case) if duty == "resolve" else _limit_of(case, duty)
    return clock, calendar().due_at(now(), amount, clock)


def _limit_of(case: Case, duty: str) -> tuple[int, str]:
    return PROPOSAL_ACCEPT if duty == "accept" and case.kind == "micro_proposal" else LIMITS[duty]


def _limit(case: Case) -> tuple[int, str]:
    promised = services.promised(case.submission_id) if case.kind == services.SERVICE else None
    if promised is not None:
        return promised.limit_value, promised.clock
    if case.kind == "micro_proposal":
        return HARD_PROPOSAL if is_hard(case.submission_id) else PROPOSAL
    if case.category is None:
        return DEFAULT_LIMIT
    try:
        return catalogue.limit_for(case.category, case.condition)
    except Missing:
        return DEFAULT_LIMIT


def endanger(case: Case) -> None:
    """Where its condition is a danger that nobody has averted yet, it must be made safe within a time of its own.

    That is for the lead to do: a part waits for no more than its own.
    """
    limit = _safe_limit(case) if case.made_safe_at is None and case.part_of is None else None
    case.make_safe_due_at = calendar().due_at(now(), *limit) if limit else None
    if limit and case.make_safe_due_at:
        deadlines.start("case", case.id, "make_safe", limit[1], case.make_safe_due_at)


def _safe_limit(case: Case) -> tuple[int, str] | None:
    try:
        return catalogue.safe_limit_for(case.category, case.condition) if case.category else None
    except Missing:
        return None


def avert(case: Case) -> None:
    """It is safe: what is still to be done is due next."""
    case.made_safe_at, case.make_safe_due_at = now(), None
    case.due_at = to_do(case)


def to_do(case: Case) -> datetime:
    """Until when it is to be done, apart from being made safe before."""
    found = deadlines.running(case.id, "resolve")
    return found.due_at if found else case.due_at


def day(until: datetime) -> str:
    """The day as those who wait for it read it."""
    return until.astimezone(settings().timezone).date().isoformat()


def _clock(case: Case) -> str:
    """By what its time to do it counts: a limit that was changed meanwhile changes no clock that runs or stands."""
    return deadlines.clock_of(case.id, "resolve") or _limit(case)[1]


def pause(case: Case, fields: dict[str, Any]) -> None:
    """Keep what is left of the clock, which stands still until `due_at` at most. Raises Invalid for that."""
    until = ahead(fields["due_at"], now(), now() + MAX_PAUSE)
    case.left_clock = _clock(case)
    case.left_ms = -(-calendar().elapsed(now(), case.due_at, case.left_clock) // _MS)
    case.waits_for, case.due_at = fields["waits_for"], until


def wait_on(case: Case) -> None:
    """Let the clock stand still for as long again."""
    case.due_at = now() + MAX_PAUSE
    start(case, "resume")


def ask(case: Case, fields: dict[str, Any]) -> None:
    """Ask for time until `due_at`, as much again as the whole limit at most. Raises Invalid."""
    cap = calendar().due_at(case.due_at, *_limit(case))
    case.extension_until = ahead(fields["due_at"], case.due_at, cap)


def grant(case: Case) -> None:
    """The time that was asked for is given."""
    if case.extension_until is not None:
        clock = _clock(case)
        deadlines.start("case", case.id, "resolve", clock, case.extension_until)
        _watch(case, clock, case.extension_until)
        case.due_at, case.extension_until, case.extensions = case.extension_until, None, case.extensions + 1


def ahead(wanted: datetime, after: datetime, until: datetime) -> datetime:
    """`wanted`, if it lies behind `after` and not behind `until`. Raises Invalid."""
    if wanted <= after:
        raise Invalid(Fault("due_at", "too_early", (("after", local(after)),)))
    if wanted > until:
        raise Invalid(Fault("due_at", "too_late", (("until", local(until)),)))
    return wanted
