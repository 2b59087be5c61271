"""Which of the cases that officers have mended on the spot somebody else verifies."""

import hmac
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import bindparam, insert, select, update

from participate.cases import queries
from participate.cases.found.models import DOUBTED, DRAWN, RECORD, FoundCase
from participate.cases.models import Case
from participate.kernel import outbox
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import add, execute, rows, table, transaction
from participate.kernel.workflow import locked
from participate.photos import alike
from participate.photos import queries as photos

# Of the last so many of an officer's that somebody has verified, so many may not fail: else all of theirs are, until
# that is behind them.
LAST, MOST_FAILED = 20, 1
_BEHIND = timedelta(minutes=10)
_HELD = table(FoundCase)
_NEW = insert(_HELD)
_JUDGED = (
    select(FoundCase.passed)
    .where(FoundCase.officer == bindparam("officer"), FoundCase.judged_at.is_not(None))
    .order_by(FoundCase.judged_at.desc(), FoundCase.case_id.desc())
    .limit(LAST)
)
_SETTLED = select(FoundCase.submission_id).where(FoundCase.submission_id.in_(bindparam("ids", expanding=True)))


def is_drawn(case_id: str) -> bool:
    """Whether the case is one of the share that is always verified: told by its id and the service's secret alone.

    So nobody foresees it, since the id is made as the case is filed, and whoever holds the secret can tell it again.
    """
    held = settings()
    digest = hmac.digest(held.secret_key.encode(), f"sample {case_id}".encode(), "sha256")
    return int.from_bytes(digest[:8]) * 100 < held.sample_percent << 64


def choose(case_id: str, submission_id: str, officer: str) -> bool:
    """Whether somebody else is to verify what `officer` has just mended; why is kept."""
    chosen = DRAWN if is_drawn(case_id) else RECORD if _has_a_record(officer) else None
    row = {"case_id": case_id, "submission_id": submission_id, "officer": officer, "chosen": chosen}
    add(_NEW, row)
    return chosen is not None


def _has_a_record(officer: str) -> bool:
    return sum(not row.passed for row in rows(_JUDGED, {"officer": officer})) > MOST_FAILED


def doubt(submission_id: str) -> None:
    """Where its after-photos are doubted, somebody verifies it, though it was not chosen for that."""
    found = queries.of_submission(submission_id)
    if found is None or found.sampled is not False or not found.flags:
        return
    with transaction():
        case = locked(Case, found.id)
        if case.sampled is False:
            case.sampled = True
            execute(update(_HELD).where(_HELD.c.case_id == case.id).values(chosen=DOUBTED))


def judge(case: Case, passed: bool) -> None:
    """Somebody else has looked at what was mended on the spot; what comes after goes as all cases do."""
    if case.sampled is not None:
        case.sampled = None
        execute(update(_HELD).where(_HELD.c.case_id == case.id).values(judged_at=now(), passed=passed))


def is_looked_through(submission_id: str) -> bool:
    """Whether all is known of its photos that could make one doubt them."""
    return not photos.waiting([submission_id]) and not outbox.is_late(alike.FINGERPRINT, _BEHIND)


def settled(submission_ids: Collection[str]) -> set[str]:
    """Those of these submissions which the officer who found it has mended on the spot."""
    return {row.submission_id for row in rows(_SETTLED, {"ids": list(submission_ids)})} if submission_ids else set()
