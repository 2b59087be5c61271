"""A log that is full, stopped or gone stops no request, and says afterwards how much it has missed."""

import fcntl
import json
import logging
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from participate.kernel import logs
from participate.kernel.db import transaction
from tests.stores import Stores

# A service that answers as many requests as it is told to, each with a line in its log, and says so.
SERVE = """
import os, sys
from participate.app import create_app
from participate.config import from_environment
client = create_app(from_environment(os.environ)).test_client()
for line in sys.stdin:
    good = sum(client.get("/livez").status_code == 200 for _ in range(int(line)))
    print(good, flush=True)
"""


class Service:
    """It logs to `stderr`."""

    def __init__(self, stores: Stores, folder: Path, stderr: int) -> None:
        environment = os.environ | stores.environment(PARTICIPATE_DATA_DIR=str(folder))
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVE],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )

    def answers(self, times: int) -> bool:
        """Whether that many requests are answered well, while nobody reads the log."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{times}\n")
        self._process.stdin.flush()
        heard, _, _ = select.select([self._process.stdout], [], [], 60)
        assert heard, "requests hang"
        return self._process.stdout.readline() == f"{times}\n"

    def end(self) -> None:
        """Stop it."""
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def served(app: Flask, stores: Stores, tmp_path: Path) -> Iterator["list[Service]"]:
    """Services that are ended after the test."""
    made: list[Service] = []
    yield made
    for service in made:
        service.end()


def _start(served: "list[Service]", stores: Stores, folder: Path, stderr: int) -> Service:
    served.append(Service(stores, folder, stderr))
    return served[-1]


def test_a_full_disk(served: "list[Service]", stores: Stores, tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        service = _start(served, stores, tmp_path, full.fileno())
    assert service.answers(200)


def test_a_reader_that_has_gone(served: "list[Service]", stores: Stores, tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    service = _start(served, stores, tmp_path, theirs)
    os.close(theirs)
    os.close(ours)
    assert service.answers(200)


def test_a_pipe_whose_reader_has_stopped_and_reads_on_later(
    served: "list[Service]", stores: Stores, tmp_path: Path
) -> None:
    ours, theirs = os.pipe()
    fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, 4096)
    service = _start(served, stores, tmp_path, theirs)
    assert service.answers(200)
    assert not fcntl.fcntl(theirs, fcntl.F_GETFL) & os.O_NONBLOCK, "those who share the pipe still wait for it"
    os.close(theirs)
    read = _lines(ours)
    assert service.answers(1)
    missed = [line["dropped"] for line in (*read, *_lines(ours)) if "dropped" in line]
    assert sum(missed) + len([line for line in read if "dropped" not in line]) == 200
    os.close(ours)


def test_a_socket_whose_reader_has_stopped(served: "list[Service]", stores: Stores, tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    service = _start(served, stores, tmp_path, theirs.fileno())
    assert service.answers(2000)
    assert _lines(ours.fileno())
    ours.close()
    theirs.close()


def test_a_terminal_that_was_stopped(served: "list[Service]", stores: Stores, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    service = _start(served, stores, tmp_path, theirs)
    assert service.answers(2000)
    os.close(theirs)
    os.close(ours)


def _lines(descriptor: int) -> "list[dict[str, object]]":
    """All whole lines that lie there to be read."""
    found = b""
    while select.select([descriptor], [], [], 0.5)[0]:
        found += (read := os.read(descriptor, 2**20))
        if not read:
            break
    return [json.loads(line) for line in found.splitlines() if line]


@pytest.fixture
def written() -> Iterator["list[str]"]:
    """The lines that are logged meanwhile."""
    lines: list[str] = []
    assert logs._handler is not None
    taken = logs._handler.lines.write
    logs._handler.lines.write = lambda line: not lines.append(line)  # type: ignore[method-assign]
    yield lines
    logs._handler.lines.write = taken  # type: ignore[method-assign]


def test_an_error_of_the_database_is_logged_without_the_values_it_quotes(app: Flask, written: "list[str]") -> None:
    insert = text(
        "INSERT INTO accounts (id, phone, display_name, language, version, created_at) "
        "VALUES (:id, '+8613812345678', '张三', 'zh-Hans', 1, '2026-11-23')"
    )
    log = logging.getLogger("participate.test")
    try:
        with transaction() as session:
            for number in range(2):
                session.execute(insert, {"id": f"019aafc3-7c00-7000-8000-00000000000{number}"})
    except Exception:
        log.exception("failed")
    (line,) = written
    error = json.loads(line)["error"]
    assert "IntegrityError" in error
    assert "uq_accounts_phone" in error or "accounts.phone" in error
    assert "session.execute(insert" in error, "where it happened is told"
    assert "8613812345678)" not in line
    assert "Failing row" not in line


def test_what_cannot_be_written_as_json_is_no_error(app: Flask, written: "list[str]") -> None:
    log = logging.Logger("participate.test")  # Nobody's child: pytest keeps what others log, and cannot pass this on.
    log.handlers = [logs._handler] if logs._handler else []
    log.warning("half a \ud83d character")
    log.warning("%d and nothing", "no number")
    assert [json.loads(line)["level"] for line in written] == ["warning", "error"]
