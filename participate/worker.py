"""The worker half: a relay that hears wake-ups and sweeps, and RQ workers that work rows off.

RQ only wakes; the rows decide. A job says "there is work of this kind"; at most one such job is queued per kind.
"""

import logging
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

import redis
from flask import Flask
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker
from sqlalchemy.exc import SQLAlchemyError

from participate.accounts import forgetting as accounts
from participate.app import DELIVERIES, FACTS, PHOTOS, REDACTION, SCREENING, create_app
from participate.audit import service as audit
from participate.cases.figures import recounting as figures
from participate.consultations import signs
from participate.kernel import deadlines, errands, forgetting, idempotency, metrics, outbox, queues, rescue, retention
from participate.kernel.context import settings
from participate.kernel.wake import WAKE_LIST, connect
from participate.moderation import mending
from participate.moderation.screening import lexicon, prints
from participate.photos import orphans
from participate.photos import service as photos
from participate.photos.redaction import service as redaction
from participate.photos.uploads import service as uploads
from participate.submissions import tiles
from participate.submissions.services import documents
from participate.updates import silence
from participate.updates.assisted import forgetting as assisted
from participate.updates.deliveries import forgetting as deliveries
from participate.updates.deliveries import handing, sending
from participate.updates.webhooks import forgetting as webhooks
from participate.visits import service as visits

KINDS = (FACTS, PHOTOS, REDACTION, SCREENING, DELIVERIES)
# Photos take what processor time nobody else wants: they can wait, requests and facts cannot. Those that are to be
# looked through wait for those that are to be developed, which triage waits for.
NICENESS = {PHOTOS: 10, REDACTION: 15}
HEAVY = set(NICENESS)  # Claimed one by one: each takes long, and another worker may have the next.
SWEEP_SECONDS = 15
TIDY_SECONDS = 600
# What is kept how long, and by which setting, stands in docs/operations.md.
FORGETTING: tuple[retention.Forget, ...] = (
    *(idempotency.forget_old, forgetting.facts, forgetting.deadlines, queues.queue_events),
    *(accounts.codes, accounts.sessions, accounts.absences, accounts.spooled_texts, photos.remove_unattached),
    redaction.ask_for_due,
    *(uploads.forget_expired, prints.forget_prints, tiles.fill, mending.recount),
    *(visits.forget_visits, deliveries.deliveries, deliveries.address_codes, deliveries.spooled_mail),
    *(webhooks.webhook_events, signs.forget_addresses, documents.forget_documents),
    assisted.names_of_the_helped,
)
_BATCH = 100
_QUEUED_SECONDS = 10  # A wake-up that got lost stops holding up the next one after this long.
_JOB_SECONDS = 120
_SHIFT_SECONDS = 60  # A job that has worked so long makes room for another, before it is ended in the midst of a row.
_LISTEN_SECONDS = 2

_log = logging.getLogger(__name__)
_app: Flask | None = None


def queue_name(kind: str) -> str:
    """The RQ queue of a kind of work; each is consumed by workers of its own."""
    return f"participate-{kind}"


def _flag(kind: str) -> str:
    return f"participate:queued:{kind}"


def _application() -> Flask:
    """This process's application."""
    global _app
    _app = _app or create_app()
    return _app


def work(kind: str) -> None:
    """The job: work off what there is. The flag falls first, so a wake-up from now on queues another job."""
    app = _application()
    with app.app_context(), connect(settings().redis_url) as client:
        client.delete(_flag(kind))
        if kind == DELIVERIES:
            sending.wake()
            return
        end, batch = time.monotonic() + _SHIFT_SECONDS, 1 if kind in HEAVY else _BATCH
        while errands.work_off(kind, batch, lambda: _Steady.stopping):
            if time.monotonic() > end:
                ring(client, kind)
                return


def tidy() -> None:
    """The job that keeps house: seals the audit trail, forgets old keys, removes photos and files that nobody needs."""
    with _application().app_context():
        while audit.seal():
            pass
        retention.run(*FORGETTING)
        orphans.collect_in_turn()
        uploads.forget_pieces()
        figures.begin()


def ring(client: redis.Redis, kind: str) -> None:
    """Queue one job for `kind`, unless one is queued already.

    The flag may be there without a job: what was sent to a frozen store is done when it thaws, and the rest was never
    sent. A job too many finds nothing and ends.
    """
    queue = _queue(client, kind)
    if client.set(_flag(kind), 1, nx=True, ex=_QUEUED_SECONDS) or not queue.count:
        queue.enqueue(work, kind, job_timeout=_JOB_SECONDS, result_ttl=0, failure_ttl=3600)


def _queue(client: redis.Redis, kind: str) -> Queue:
    return Queue(queue_name(kind), connection=client, serializer=JSONSerializer)


def _stand_back(niceness: int) -> None:
    """Be nice, also where the kernel shares the processor among sessions first (sched(7), autogroup)."""
    os.nice(niceness)
    if os.getsid(0) == os.getpid():  # Else the session is others' as well.
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(niceness))


def consume(kind: str) -> None:
    """Be an RQ worker for one kind, until told to stop."""
    app = _application()
    with app.app_context():
        client = redis.Redis.from_url(settings().redis_url)
        metrics.begin()
        if kind == SCREENING:
            lexicon.lexicon(settings().lexicon_dir)  # A list that cannot be read is said now, not with each submission.
    if kind in HEAVY:
        _stand_back(NICENESS[kind])
    if kind == DELIVERIES:
        sending.begin(app, lambda: _Steady.stopping)
    while True:
        _wait_for(client)
        worker = _Simple(
            [_queue(client, kind)],
            connection=client,
            serializer=JSONSerializer,
            worker_ttl=35,
            job_monitoring_interval=5,
            maintenance_interval=10,
        )
        with suppress(redis.RedisError):  # RQ logs it, and then wants to say goodbye to the store.
            worker.work(logging_level="WARNING")
        if _Steady.stopping:
            sending.end()
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)  # RQ's own would speak to a worker that is no more.


class _Steady(BaseWorker):
    """Looks again soon where the store is away (RQ itself: after up to a minute), and knows why its work ended."""

    max_connection_wait_time = 2.0
    stopping: ClassVar[bool] = False  # Of the class, since the job at hand does not know its worker.

    def request_stop(self, signum: Any, frame: Any) -> None:
        """SIGTERM or SIGINT."""
        _Steady.stopping = True
        BaseWorker.request_stop(self, signum, frame)


class _Simple(_Steady, SimpleWorker):
    """All jobs in this process; what may crash, it has done elsewhere (`photos.developing`)."""


def _wait_for(client: redis.Redis) -> None:
    """Return once the store takes what is written; an RQ worker that finds none at its start gives up."""
    while True:
        try:
            client.set("participate:writable", 1, ex=_QUEUED_SECONDS)
        except redis.RedisError as error:
            _log.warning("worker waits", extra={"reason": type(error).__name__})
            time.sleep(1)
        else:
            return


class Relay:
    """Turns wake-ups into jobs, and every 15 seconds looks for what no wake-up told of."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        with app.app_context():
            self._client = connect(settings().redis_url, timeout=_LISTEN_SECONDS + 3)
        self._stopped = False
        self._sweep_at = self._tidy_at = 0.0

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Finish the present round and return from `run`."""
        self._stopped = True

    def run(self) -> None:
        """Listen until stopped; what is away for a while is tried again."""
        while not self._stopped:
            try:
                for kind in self._heard():
                    ring(self._client, kind)
                self._sweep_if_due()
            except (redis.RedisError, SQLAlchemyError) as error:
                _log.warning("relay waits", extra={"reason": type(error).__name__})
                self._sweep_at = 0.0  # Much may have been missed.
                time.sleep(1)

    def _heard(self) -> set[str]:
        first = self._client.blpop([WAKE_LIST], timeout=_LISTEN_SECONDS)
        if first is None:
            return set()
        more = self._client.lpop(WAKE_LIST, 1000) or []
        return {kind.decode() for kind in [first[1], *more]} & set(KINDS)

    def _sweep_if_due(self) -> None:
        if time.monotonic() >= self._sweep_at:
            self.sweep()
            self._sweep_at = time.monotonic() + SWEEP_SECONDS
        if time.monotonic() >= self._tidy_at:
            _queue(self._client, FACTS).enqueue(tidy, job_timeout=600, result_ttl=0, failure_ttl=3600)
            self._tidy_at = time.monotonic() + TIDY_SECONDS

    def sweep(self) -> None:
        """Act on deadlines that are due, and wake the workers of every kind that has rows waiting."""
        with self._app.app_context():
            rescue.set_right()
            handing.set_right()
            mending.adopt()  # While a release before serves beside this one.
            while deadlines.sweep():
                pass
            while silence.sweep():
                pass
            for kind in outbox.waiting_kinds():
                ring(self._client, kind)


def relay() -> None:
    """Be the relay, until told to stop."""
    keeper = Relay(_application())
    signal.signal(signal.SIGTERM, keeper.stop)
    signal.signal(signal.SIGINT, keeper.stop)
    keeper.run()
