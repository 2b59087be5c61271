"""`python -m tests.faults.writer TIMES`: writers of SQLite that are killed mid-write; exits 1 where that did harm.

Each round forks a writer that submits as fast as it can and tells of every commit; after a moment it is killed.
Then the file must be whole, and hold everything that it told of.
"""

import os
import random
import signal
import sys
import time
from uuid import uuid4

from flask import Flask
from sqlalchemy import select, text

from participate.accounts.models import Account
from participate.app import create_app
from participate.kernel.db import db, release_reader, rows
from participate.submissions import service
from participate.submissions.models import Submission

_ID = 36  # characters


def main(times: int) -> int:
    """Kill `times` writers; returns how many times something was wrong."""
    app = create_app()
    with app.app_context():
        return sum(_harmed(_killed_writer(app)) for _ in range(times))


def _harmed(told: list[str]) -> bool:
    """Whether something that was told is not there, or the file is not whole."""
    there = {row.id for row in rows(select(Submission.id).where(Submission.id.in_(told)))}
    whole = rows(text("PRAGMA integrity_check"))[0][0]
    release_reader()
    db.engine.dispose()  # No connection may be carried over into the next fork.
    return whole != "ok" or bool(set(told) - there)


def _killed_writer(app: Flask) -> list[str]:
    """The ids of what a writer told to be committed before it was killed."""
    reading, writing = os.pipe()
    writer = os.fork()
    if writer == 0:
        try:
            _write(app, writing)
        finally:
            os._exit(1)
    os.close(writing)
    told = os.read(reading, _ID)  # It has begun.
    time.sleep(random.uniform(0.02, 0.3))
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    while more := os.read(reading, 2**16):
        told += more
    os.close(reading)
    return [told[at : at + _ID].decode() for at in range(0, len(told) - _ID + 1, _ID)]


def _write(app: Flask, told: int) -> None:
    with app.app_context():  # Its own: nothing of the parent's context.
        author = rows(select(Account.id).limit(1))[0].id
        while True:
            body = f"Written by one who was killed. {uuid4().hex}"
            made = service.submit(author, "micro_suggestion", {"title": "Killed", "body": body})
            os.write(told, str(made.id).encode())


if __name__ == "__main__":
    sys.exit(1 if main(int(sys.argv[1])) else 0)
