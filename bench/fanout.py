"""Somebody's own outcome while 10,000 others are told a story: until it has left by mail, to that with nothing on."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from statistics import median
from typing import TextIO

from sqlalchemy import TableClause, func, insert, select, update

from bench.measure import Measured
from bench.ours import Service
from participate.accounts.models import Account
from participate.kernel.clock import now
from participate.kernel.db import execute, one, rows, table, transaction
from participate.kernel.ids import new_id
from participate.kernel.inserting import inserting
from participate.kernel.workflow import Actor
from participate.submissions.models import HeldSubmission, Submission, SubmissionJoin
from participate.submissions.service import inform, moderate
from participate.updates.channels.base import EMAIL
from participate.updates.deliveries.models import ChannelChoice
from participate.updates.following import keys
from participate.updates.following.models import Follow
from participate.updates.models import Feed, FeedEntry

CROWD = 10_000  # half of them have joined, half follow
_OUTCOMES, _STEPS = 15, 5
_PARTS = ("relay", "facts", "deliveries")
_PATIENCE_SECONDS = 60.0


def own_outcome(service: Service) -> Measured:
    """With the worker's own processes; all who are told anything have it sent by mail, too."""
    with service.app.app_context(), ExitStack() as stack:
        waiting = _authors(2 * _OUTCOMES + 1)
        story = _crowded(CROWD)
        mails = stack.enter_context(_mails(service))
        stack.enter_context(_worker(service))
        _until_mailed(mails, *waiting.pop())
        alone = [_until_mailed(mails, *waiting.pop()) for _ in range(_OUTCOMES)]
        for _ in range(_STEPS):
            _tell(story)
        beside = [_until_mailed(mails, *waiting.pop()) for _ in range(_OUTCOMES)]
        told = _told(story)
        assert 0 < told < _STEPS * CROWD, f"{told} were told meanwhile"
    return Measured(median(beside), median(alone), median(beside) / median(alone))


def _authors(number: int) -> list[tuple[str, str]]:
    """Submissions that wait for moderation, each of another author, with the address at which that one is told."""
    held = Submission
    found = rows(select(held.id, held.author_id).where(held.state == "in_moderation").order_by(held.id))
    first = {row.author_id: row.id for row in found}
    chosen = list(first.items())[:number]
    _reach({author_id: _address(author_id) for author_id, _ in chosen})
    return [(submission_id, _address(author_id)) for author_id, submission_id in chosen]


def _address(author_id: str) -> str:
    return f"{author_id}@example.org"


def _crowded(number: int) -> str:
    """A public submission with so many around it; returns its id."""
    found = one(select(Submission.id).where(Submission.public, Submission.state == "in_progress").limit(1))
    assert found is not None, "no submission is public"
    moment, ids = now(), [new_id() for _ in range(number)]
    person = {"display_name": "居民", "language": "zh-Hans", "created_at": moment}
    _write(table(Account), [person | {"id": each, "phone": f"+86135{n:08}"} for n, each in enumerate(ids)])
    _reach({each: f"crowd{n}@example.org" for n, each in enumerate(ids)})
    joined, followers = ids[::2], ids[1::2]
    about = {"submission_id": found.id}
    _write(table(SubmissionJoin), [about | {"account_id": each, "at": moment} for each in joined])
    key = {"key": keys.of_submission(found.id), "what": keys.SUBMISSION, "category": None, "area": None}
    follow = about | key | {"created_at": moment}
    _write(table(Follow), [follow | {"id": new_id(), "account_id": each} for each in followers])
    with transaction():
        execute(update(Submission).where(Submission.id == found.id).values(joined=len(joined)))
    return str(found.id)


def _reach(addresses: dict[str, str]) -> None:
    """Let these accounts be told by mail."""
    chosen = {"channel": EMAIL, "on": True, "verified_at": now(), "muted": [], "version": 1}
    held = inserting(table(Feed)).on_conflict_do_update(index_elements=["account_id"], set_={"has_channels": True})
    with transaction():
        execute(held, [{"account_id": each, "last": 0, "has_channels": True} for each in addresses])
    made = [
        chosen | {"account_id": each, "address": {"address": address}, "unsubscribe_id": new_id()}
        for each, address in addresses.items()
    ]
    _write(table(ChannelChoice), made)


def _write(into: TableClause, made: Sequence[dict[str, object]]) -> None:
    with transaction():
        execute(insert(into), list(made))


@contextmanager
def _mails(service: Service) -> Iterator[TextIO]:
    """Where the demo's mails are written, from here on."""
    path = service.settings.data_dir / "mail.jsonl"
    path.touch()
    with path.open(encoding="utf-8") as file:
        yield file


@contextmanager
def _worker(service: Service) -> Iterator[None]:
    """The parts of the worker half that facts and messages go through."""
    command = [sys.executable, "-m", "participate.cli", "worker"]
    started = [
        subprocess.Popen([*command, part], env=service.environment, stderr=subprocess.DEVNULL) for part in _PARTS
    ]
    try:
        yield
    finally:
        for process in started:
            process.kill()  # What the crowd has not heard yet is nobody's any more.
            process.wait()


def _tell(story: str) -> None:
    """A public step of it, of which all around hear."""
    held = Submission
    with transaction():
        row = one(select(held.id, held.state, held.version, held.kind).where(held.id == story).with_for_update())
        assert row is not None
        inform(HeldSubmission(**row._asdict()), {"who": None, "day": (now() + timedelta(days=5)).date().isoformat()})


def _until_mailed(mails: TextIO, submission_id: str, address: str) -> float:
    """Milliseconds from a decision to when the author's mail about it has left."""
    mails.seek(0, 2)
    began = time.perf_counter()
    moderate(submission_id, "return", Actor(None, frozenset({"moderator"})), "请补充具体位置。")
    while address not in mails.read():
        assert time.perf_counter() - began < _PATIENCE_SECONDS, f"nothing has left for {address}"
        time.sleep(0.001)
    return (time.perf_counter() - began) * 1000


def _told(story: str) -> int:
    found = one(select(func.count().label("many")).where(FeedEntry.submission_id == story))
    return int(found.many) if found else 0
