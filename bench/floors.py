"""What the same work costs at least: bare Flask over Core SQL, without checks, sign-in or shapes."""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, Response, request
from sqlalchemy import ColumnElement, Select, Table, create_engine, select

from bench.fill import SEARCH
from participate.kernel.clock import now
from participate.kernel.db import Model
from participate.kernel.idempotency import IdempotencyKey
from participate.kernel.ids import new_id
from participate.kernel.outbox import OutboxErrand, OutboxFact
from participate.kernel.workflow import TimelineEntry
from participate.moderation.models import ModerationTask
from participate.photos.models import Photo
from participate.submissions.models import Submission, SubmissionText


def _columns(model: type[Model], names: str) -> list[ColumnElement[Any]]:
    return [model.__table__.c[name] for name in names.split()]


def _table(model: type[Model]) -> Table:
    assert isinstance(model.__table__, Table)
    return model.__table__


_ITEM = _columns(
    Submission,
    "id reference kind title category state lat lon area cell created_at updated_at due_at version",
)
_OWN_ITEM = [*_ITEM, *_columns(Submission, "stated")]
_SINGLE = [*_OWN_ITEM, *_columns(Submission, "receipt body details place_source anonymous author_id")]
_PICTURE = _columns(Photo, "id state purpose reason width height taken_at lat lon")
_TASK = _columns(
    ModerationTask,
    "id submission_id kind title area flags rank due_at state decision claimed_by lease_until version",
)
_SUBMISSION, _TEXT, _TASKS, _PHOTO = (_table(model) for model in (Submission, SubmissionText, ModerationTask, Photo))
_OWN_PAGE = 20


class Floor:
    """A bare Flask application that answers at the service's own addresses, from the service's own database.

    It reads the rows and columns that the service's answer shows, and writes the rows that the service writes (of a
    photo: its own row), on plain engines: SQLite keeps WAL from the file and synchronous=FULL by default.
    """

    def __init__(self, url: str, media: Path, author_id: str) -> None:
        options: dict[str, Any] = {"json_serializer": _dumps, "json_deserializer": orjson.loads}
        self._reading = create_engine(url, isolation_level="AUTOCOMMIT", **options)
        self._writing = create_engine(url, **options)
        self._media, self._author_id = media, author_id
        self.app = Flask("floor", static_folder=None)
        for method, rule, view in (
            ("POST", "/v1/submissions", self.submit),
            ("POST", "/v1/photos", self.upload),
            ("GET", "/v1/submissions/<submission_id>", self.show),
            ("GET", "/v1/me/submissions", self.own_list),
            ("GET", "/v1/submissions", self.public_list),
            ("GET", "/v1/moderation/queue", self.queue),
        ):
            self.app.add_url_rule(rule, view.__name__, view, methods=[method])

    def close(self) -> None:
        """Let go of the database."""
        self._reading.dispose()
        self._writing.dispose()

    def submit(self) -> Response:
        """The rows that the service writes, in one transaction."""
        sent, at = orjson.loads(request.get_data()), now()
        row = _submission_row(sent, self._author_id, at)
        fact_id, entry_id = new_id(), new_id()
        data, text = orjson.dumps(row), f"{row['title']}\n{row['body']}"
        with self._writing.begin() as connection:
            connection.execute(_SUBMISSION.insert(), row)
            kept = _TEXT.insert().returning(_TEXT.c.number)
            number = connection.scalar(kept, {"submission_id": row["id"], "text": text})
            connection.execute(SEARCH.insert(), {"rowid": number, "bigrams": _pairs(text, connection.dialect.name)})
            connection.execute(_table(TimelineEntry).insert(), _entry_row(entry_id, row, at))
            connection.execute(_table(OutboxFact).insert(), _fact_row(fact_id, row["id"], at))
            connection.execute(_table(OutboxErrand).insert(), [_errand_row(fact_id, name, at) for name in ("a", "b")])
            connection.execute(_table(IdempotencyKey).insert(), _key_row(request.headers["Idempotency-Key"], data, at))
        return _json(data, 201)

    def upload(self) -> Response:
        """One file, on the disk for good, and one row."""
        data = request.files["file"].read()
        photo_id = new_id()
        with (self._media / photo_id).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        row = {"id": photo_id, "owner_id": self._author_id, "sha256": "", "size": len(data), "created_at": now()}
        with self._writing.begin() as connection:
            connection.execute(_PHOTO.insert(), row)
        return _json(_dump({"id": photo_id}), 201)

    def show(self, submission_id: str) -> Response:
        """A submission and its photos."""
        with self._reading.connect() as connection:
            row = connection.execute(select(*_SINGLE).where(_SUBMISSION.c.id == submission_id)).one()
            photos = connection.execute(select(*_PICTURE).where(_PHOTO.c.subject_id == submission_id)).all()
        return _json(_dump({**row._mapping, "photos": [dict(photo._mapping) for photo in photos]}))

    def own_list(self) -> Response:
        """Flask's own conditional answer."""
        mine = _SUBMISSION.c.author_id == self._author_id
        answer = self._page(select(*_OWN_ITEM).where(mine).order_by(_SUBMISSION.c.id.desc()).limit(_OWN_PAGE))
        answer.add_etag()
        return answer.make_conditional(request)  # type: ignore[return-value] # it returns itself

    def public_list(self) -> Response:
        """The newest."""
        newest = select(*_ITEM).where(_SUBMISSION.c.public.is_(True)).order_by(_SUBMISSION.c.id.desc())
        return self._page(newest.limit(int(request.args["limit"])))

    def queue(self) -> Response:
        """What waits, in its order."""
        held = _TASKS.c
        waiting = select(*_TASK).where(held.state == "waiting").order_by(held.rank, held.due_at, held.id)
        return self._page(waiting.limit(int(request.args["limit"])))

    def _page(self, statement: Select[*tuple[Any, ...]]) -> Response:
        with self._reading.connect() as connection:
            found = connection.execute(statement).all()
        return _json(_dump({"items": [dict(row._mapping) for row in found], "next": None}))


def _dump(value: Any) -> bytes:
    return orjson.dumps(value)


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def _json(data: bytes, status: int = 200) -> Response:
    return Response(data, status, content_type="application/json")


def _submission_row(sent: dict[str, Any], author_id: str, at: datetime) -> dict[str, Any]:
    place = sent["place"]
    identity = new_id()
    return {
        "id": identity,
        "reference": identity[-11:],
        "receipt": identity,
        "kind": sent["kind"],
        "state": "received",
        "version": 1,
        "author_id": author_id,
        "anonymous": False,
        "title": sent["title"],
        "body": sent["body"],
        "details": {},
        "category": sent["category"],
        "stated": place,
        "place_source": "given",
        "lat": place["lat"],
        "lon": place["lon"],
        "created_at": at,
        "updated_at": at,
    }


def _pairs(text: str, dialect: str) -> str | list[int]:
    """What the index of either database keeps of a text: its pairs of neighbouring characters."""
    units = text.encode("utf-16-be")
    pairs = {units[at : at + 4] for at in range(0, len(units) - 2, 2)}
    if dialect == "sqlite":
        return " ".join(pair.hex() for pair in pairs)
    return [int.from_bytes(pair, signed=True) for pair in pairs]


def _entry_row(entry_id: str, row: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "id": entry_id,
        "thread_id": row["id"],
        "subject_type": "submission",
        "subject_id": row["id"],
        "version": 1,
        "at": at,
        "move": "submit",
        "target": "received",
        "actor_id": row["author_id"],
        "actor_role": "author",
        "data": {},
        "shown_to": "author",
        "note_to": "desk",
    }


def _fact_row(fact_id: str, subject_id: str, at: datetime) -> dict[str, Any]:
    return {
        "id": fact_id,
        "name": "submission.received",
        "subject_type": "submission",
        "subject_id": subject_id,
        "data": {"move": "submit", "thread": subject_id},
        "request_id": fact_id,
        "at": at,
    }


def _errand_row(fact_id: str, subscriber: str, at: datetime) -> dict[str, Any]:
    return {"id": new_id(), "fact_id": fact_id, "subscriber": subscriber, "kind": "none", "next_at": at}


def _key_row(key: str, body: bytes, at: datetime) -> dict[str, Any]:
    return {
        "caller": "floor",
        "route": "POST /v1/submissions",
        "key": key,
        "fingerprint": "",
        "status": 201,
        "headers": {},
        "body": body,
        "at": at,
    }
