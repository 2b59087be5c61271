"""The boxes of docs/operations.md, run as they stand: a backup of the running service brings back all of it."""

import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from tests.journeys.callers import PLACE, Caller, resident, sample_photo
from tests.live import Live, laid, until

RUNBOOK = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
BOXES = dict(re.findall(r"<!-- run: (.*?) -->\n```sh\n(.*?)```", RUNBOOK, re.DOTALL))
DATABASES = {"embedded": "SQLite", "servers": "PostgreSQL"}
BODY = {"place": PLACE, "kind": "snap_report", "title": "Pothole", "body": "A deep hole in the pavement."}
STORY = ["submit", "admit"]


def _run(box: str, service: Live, backup: Path) -> str:
    """Run a box in the environment of `service`; returns what it printed."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", BOXES[box]],
        env=service.environment | {"BACKUP": str(backup), "PATH": path, "PARTICIPATE_DEMO": "1"},
        cwd=service.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def key() -> str:
    """The key that is kept in another place than the backup."""
    return secrets.token_hex(32)


@pytest.fixture
def place(pair: str, key: str) -> Iterator[Live]:
    """Where it runs at first."""
    with laid(pair) as service:
        service.environment["SECRET_KEY"] = key
        yield service


@pytest.fixture
def other_place(pair: str, key: str) -> Iterator[Live]:
    """Where it is brought back: nothing is there, neither in the database nor in the store."""
    with laid(pair) as service:
        service.environment["SECRET_KEY"] = key
        yield service


def _with_key(author: Caller) -> requests.Response:
    """Hand in with an Idempotency-Key, always the same."""
    headers = {"Authorization": f"Bearer {author.token}", "Idempotency-Key": "once-and-for-all"}
    return requests.post(f"{author._base}/v1/submissions", json=BODY, headers=headers, timeout=30)


def _hand_in_unnoticed(service: Live, author: Caller) -> Any:
    """Hand in while the worker stands still. It must not do so in the midst of writing: then nobody else could."""
    while True:
        worker = until(lambda: service.child("facts"), "facts")
        worker.suspend()
        answer = _with_key(author)
        if answer.status_code == 201:
            return answer.json()
        assert answer.status_code == 503
        worker.resume()


def test_what_a_backup_holds_comes_back_and_goes_on(pair: str, place: Live, other_place: Live, tmp_path: Path) -> None:
    if pair == "servers" and not _has_its_tools(place.environment["DATABASE_URL"]):
        pytest.skip("no pg_dump that is as new as the server")
    place.start()
    author = resident(place)
    settled = author.hand_in(photos=(sample_photo(),))["id"]
    author.wait_for_state(settled, "in_moderation")
    waiting = _hand_in_unnoticed(place, author)
    timeline = author.get(f"/v1/submissions/{settled}/timeline")
    view = author.get(f"/v1/submissions/{settled}")["photos"]

    _run(f"backup on {DATABASES[pair]}", place, tmp_path)
    author.hand_in(title="After the backup")  # What comes later must not get in its way.
    place.sweep_away()

    _run(f"restore on {DATABASES[pair]}", other_place, tmp_path)
    looked = _run("look after a restore", other_place, tmp_path)
    assert "the chain is whole" in looked
    other_place.start()
    back = resident(other_place)
    assert back.get(f"/v1/submissions/{settled}/timeline") == timeline
    assert back.get(f"/v1/submissions/{settled}")["photos"] == view
    for photo in view:
        for size in ("thumb", "view"):
            picture = back.request("GET", f"/v1/photos/{_id(photo)}/{size}")
            assert picture.content.startswith(b"\xff\xd8")

    assert _with_key(back).json() == waiting, "a retry gets the stored answer"
    back.wait_for_state(waiting["id"], "in_moderation")
    assert len(list(back.items("/v1/me/submissions"))) == 2
    for each in (settled, waiting["id"], back.hand_in()["id"]):
        # What was in a worker's hands when the backup was made is due again once its lease has ended.
        until(partial(_heard_all, back, each), f"the updates about {each}")
    for each in (settled, waiting["id"]):
        assert sorted(back.heard(each)) == sorted(STORY), "everything is told once"
    assert other_place.stop() == 0, other_place.said()


def _has_its_tools(url: str) -> bool:
    """Whether this machine has PostgreSQL's own tools, no older than the server."""
    if not shutil.which("pg_dump"):
        return False
    told = subprocess.run(["pg_dump", "--version"], capture_output=True, text=True, check=True).stdout
    with psycopg.connect(url) as connection:
        return int(re.findall(r"\d+", told)[0]) >= connection.info.server_version // 10_000


def _heard_all(author: Caller, submission_id: str) -> bool:
    return len(author.heard(submission_id)) >= len(STORY)


def _id(photo: object) -> str:
    return str(photo["id"]) if isinstance(photo, dict) else str(photo)
