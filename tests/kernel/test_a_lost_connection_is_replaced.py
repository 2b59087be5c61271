"""A server that closes connections which nobody uses, as at its restart, is asked on new ones, and nobody notices."""

from select import select
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from participate.kernel.db import db, is_sqlite, one, release_reader, transaction

_PROCESS = text("SELECT pg_backend_pid()")


@pytest.fixture(params=["server", "client"])
def lost(app: Flask, other_process: Flask, request: pytest.FixtureRequest) -> int:
    """The server's process that served the one connection in the pool, which either side has ended."""
    if is_sqlite():
        pytest.skip("SQLite has no server that could hang up")
    db.engine.dispose()
    pooled = db.engine.raw_connection()
    driver: Any = pooled.driver_connection
    process = int(driver.info.backend_pid)
    pooled.close()
    if request.param == "client":
        driver.close()
        return process
    with other_process.app_context():
        one(text("SELECT pg_terminate_backend(:process)"), {"process": process})
    assert select([driver], [], [], 5)[0], "the server hangs up"
    return process


def test_who_reads_gets_another(lost: int) -> None:
    found = one(_PROCESS)
    assert found is not None
    assert found[0] != lost
    release_reader()


def test_who_writes_gets_another(lost: int) -> None:
    with transaction() as session:
        assert session.scalar(_PROCESS) != lost
