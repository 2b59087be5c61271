"""A database that an earlier landing has filled comes up to this version: all of it is read, and its work goes on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from participate.app import create_app
from participate.cli.demo import PASSWORD, PHONES
from participate.cli.migrations import upgrade
from participate.config import from_environment
from participate.kernel import errands, outbox
from participate.kernel.db import db
from tests.landings import HERE, thaw
from tests.stores import Stores, database, server

# The revision at which a landing's rows go in: what later ones of it derive from them, they derive again.
LANDINGS = {"0002": "0001"}
STEPS = ["submit", "admit", "accept", "file", "dispatch", "accept", "start", "resolve", "verify", "rate", "close"]


@contextmanager
def _new_database(dialect: str, folder: Path) -> Iterator[str]:
    if dialect == "sqlite":
        yield f"sqlite:///{folder}/landing.db"
        return
    with server() as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_POSTGRES_SERVER", url)
        with database() as found:
            yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def brought_up(request: pytest.FixtureRequest, landing: str, stores: Stores, tmp_path: Path) -> Iterator[Flask]:
    """The application on a landing's database, after its migrations have run."""
    with _new_database(request.param, tmp_path) as url:
        app = create_app(from_environment(stores.environment(DATABASE_URL=url, PARTICIPATE_DATA_DIR=str(tmp_path))))
        with app.app_context():
            upgrade(LANDINGS[landing])
            thaw(landing, db.engine)
            upgrade(landing)
            upgrade()
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


class _Reader:
    """Somebody signed in who reads."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client, self.headers = client, {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    def get(self, path: str) -> Any:
        answer = self._client.get(path, headers=self.headers)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.get_json()


def _resident(client: FlaskClient) -> _Reader:
    asked = client.post("/v1/auth/otp", json={"phone": PHONES[0]}).get_json()
    body = {"challenge_id": asked["challenge_id"], "code": asked["demo_code"]}
    return _Reader(client, client.post("/v1/auth/otp/verify", json=body).get_json()["access_token"])


def _staff(client: FlaskClient, username: str) -> _Reader:
    answer = client.post("/v1/auth/login", json={"username": username, "password": PASSWORD})
    return _Reader(client, answer.get_json()["access_token"])


def test_every_landing_is_frozen_and_none_is_forgotten() -> None:
    assert {path.stem for path in HERE.glob("*.json")} == set(LANDINGS)


@pytest.mark.parametrize("landing", LANDINGS)
def test_all_is_read_and_the_work_goes_on(brought_up: Flask, landing: str) -> None:
    frozen = json.loads((HERE / f"{landing}.json").read_text(encoding="utf-8"))
    client = brought_up.test_client()
    assert client.get("/readyz").status_code == 200
    author, moderator, officer = _resident(client), _staff(client, "moderator1"), _staff(client, "auditor1")
    mine = author.get("/v1/me/submissions")["items"]
    assert len(mine) == len(frozen["submissions"]) > 3
    (closed,) = [each for each in mine if each["state"] == "closed"]
    assert [
        u["fact"] for u in author.get("/v1/me/updates?limit=100")["items"] if u["submission_id"] == closed["id"]
    ] == STEPS
    assert len(author.get(f"/v1/submissions/{closed['id']}/timeline")["items"]) >= len(STEPS)
    photos = author.get(f"/v1/submissions/{closed['id']}")["photos"]
    assert {author.get(f"/v1/photos/{photo['id']}")["state"] for photo in photos} == {"ready"}
    assert len(moderator.get("/v1/moderation/queue")["items"]) == 3
    assert closed["id"] in {each["id"] for each in client.get("/v1/submissions?q=pavement").get_json()["items"]}
    assert officer.get("/v1/areas/990101/children")["items"]

    (begun,) = [each for each in mine if each["state"] == "received"]
    with brought_up.app_context():
        while sum(errands.work_off(kind, 100) for kind in outbox.subscriptions().kinds):
            pass
        assert outbox.backlog() == {}
    assert author.get(f"/v1/submissions/{begun['id']}")["state"] == "in_moderation"
    assert len(moderator.get("/v1/moderation/queue")["items"]) == 4
    again = client.post(
        "/v1/submissions", json=_first_asked(begun), headers=author.headers | {"Idempotency-Key": "frozen"}
    )
    assert (again.status_code, again.get_json()["id"]) == (201, begun["id"])


def _first_asked(begun: dict[str, Any]) -> dict[str, Any]:
    """What was asked then, word for word: the key is for that and nothing else."""
    place = {"lat": 28.2282, "lon": 112.9388, "crs": "wgs84"}
    return {"kind": begun["kind"], "title": begun["title"], "body": "垃圾桶已经满了两天。", "place": place}
