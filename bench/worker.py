"""How fast the worker half is: facts worked off with all that follows from them, and deadlines swept."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import select

from bench import prose
from bench.measure import Measured
from bench.ours import Service
from participate.accounts.models import RoleGrant
from participate.app import FACTS, SCREENING
from participate.kernel import deadlines
from participate.kernel.db import rows, transaction
from participate.kernel.errands import work_off
from participate.kernel.ids import new_id
from participate.submissions.service import submit

COUNT = 1000
ALLOWED_MS = 1.0  # for one: a thousand a second
ALLOWED_SCREENING_MS = 10.0  # for one: ten times as many as a district's storm hands in
_BATCH = 100


def facts(service: Service) -> Measured:
    """Submissions just handed in, brought before the desk: each is two facts that their authors hear of."""
    with service.app.app_context():
        _hand_in(COUNT // 2)
        return _each(COUNT, lambda: work_off(FACTS, _BATCH))


def screening(service: Service) -> Measured:
    """The submissions that `facts` has brought before the desk, looked through for all that flags tell of."""
    with service.app.app_context():
        return _each(COUNT // 2, lambda: work_off(SCREENING, _BATCH), ALLOWED_SCREENING_MS)


def _hand_in(number: int) -> None:
    chance = Random(number)
    residents = [row.account_id for row in rows(select(RoleGrant.account_id).where(RoleGrant.role == "resident"))]
    with transaction():
        for _ in range(number):
            told = {"title": prose.title(chance), "body": prose.body(chance)}
            submit(chance.choice(residents), "micro_suggestion", told)


def sweep(service: Service) -> Measured:
    """Deadlines that are all due at once, as after a night."""
    with service.app.app_context():
        due = datetime.now(UTC) - timedelta(minutes=1)
        while deadlines.sweep():
            pass
        with transaction():
            for _ in range(COUNT):
                deadlines.start("thing", new_id(), "look", "calendar_day", due, fresh=True)
        return _each(COUNT, deadlines.sweep)


def _each(count: int, work: Callable[[], int], allowed: float = ALLOWED_MS) -> Measured:
    began = time.perf_counter()
    while work():
        pass
    took = (time.perf_counter() - began) * 1000 / count
    return Measured(ours=took, floor=allowed, ratio=took / allowed)
