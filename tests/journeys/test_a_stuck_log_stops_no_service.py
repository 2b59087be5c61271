"""Nobody reads what `participate up` says: it goes on serving, looks after its parts, and ends when told."""

import fcntl
import os
import signal
import subprocess
from collections.abc import Iterator
from functools import partial

import pytest

from tests.journeys.callers import Caller, resident
from tests.live import PARTICIPATE, PATIENCE, Live, until


@pytest.fixture
def stuck(unstarted: Live) -> Iterator[Live]:
    """A service whose output goes into a pipe that is full."""
    ours, theirs = os.pipe()
    size = fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 4096)
    unstarted.leader = subprocess.Popen(
        [PARTICIPATE, "up", "--demo"],
        env=unstarted.environment,
        cwd=unstarted.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        start_new_session=True,
    )
    until(unstarted.ready, "the service to be ready")
    os.set_blocking(theirs, False)
    try:
        while True:
            os.write(theirs, b"." * size)
    except BlockingIOError:
        os.set_blocking(theirs, True)
    os.close(theirs)
    yield unstarted
    os.close(ours)


def _is_new(service: Live, name: str, old: int) -> bool:
    found = service.child(name)
    return found is not None and found.pid != old


def _serves(author: Caller) -> bool:
    return all(author.get("/v1/me") for _ in range(100))


def test_it_serves_revives_and_ends(stuck: Live) -> None:
    author = resident(stuck)
    assert _serves(author)
    for name in ("facts", "web"):
        victim = stuck.kill(name)
        until(partial(_is_new, stuck, name, victim.pid), f"{name} to be started again")
    until(stuck.ready, "the service to be ready")
    author.wait_for_state(author.hand_in()["id"], "in_moderation")
    assert _serves(author)
    assert stuck.leader is not None
    stuck.leader.send_signal(signal.SIGTERM)
    assert stuck.leader.wait(PATIENCE) == 0
    assert stuck.processes() == []
