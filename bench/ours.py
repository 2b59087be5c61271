"""The service itself, in this process, on a filled store of its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from bench.fill import PASSWORD, fill, people
from bench.stores import embedded_store
from participate.accounts.service import sign_in
from participate.app import create_app
from participate.catalogue import queries as catalogue
from participate.catalogue.service import seed_starter
from participate.cli.migrations import upgrade
from participate.config import Settings, from_environment
from participate.kernel.db import db
from participate.kernel.lines import STANDARD_ERROR
from participate.places.drafts import Draft
from participate.places.service import store as keep_areas

SUBMISSIONS = 5000


@dataclass(frozen=True)
class Service:
    """The service, two who are signed in to it, and what they ask for."""

    app: Flask
    settings: Settings
    environment: dict[str, str]  # of further processes of it
    author_id: str
    author: str  # An access token, as is the moderator's.
    moderator: str
    submission_id: str
    category: str


@contextmanager
def service(url: str, folder: Path, cells: list[Draft]) -> Iterator[Service]:
    """The service on the empty database at `url`, filled; its log goes to a file, as a supervisor would write it."""
    environment = {
        "PARTICIPATE_DATA_DIR": str(folder),
        "DATABASE_URL": url,
        "MEDIA_URL": str(folder / "uploads"),
        "PARTICIPATE_DEMO": "on",
        "PARTICIPATE_RATE_LIMITS": "off",
    }
    settings = from_environment(environment)
    with embedded_store(settings), errors_to(folder / "log"):
        app = create_app(settings)
        with app.app_context():
            filled = _filled(app, settings, cells, os.environ | environment)
        # Outside the context: a request would join it, and be spared its own connection.
        yield filled
        with app.app_context():
            db.engine.dispose()


@contextmanager
def errors_to(path: Path) -> Iterator[None]:
    """The file behind standard error is another one for a while: the service writes its lines right there."""
    before = os.dup(STANDARD_ERROR)
    with path.open("wb") as log:
        os.dup2(log.fileno(), STANDARD_ERROR)
    try:
        yield
    finally:
        os.dup2(before, STANDARD_ERROR)
        os.close(before)


def _filled(app: Flask, settings: Settings, cells: list[Draft], environment: dict[str, str]) -> Service:
    upgrade()
    keep_areas(cells)
    seed_starter()
    author_id = people()
    submission_id = fill(SUBMISSIONS, cells, author_id)
    for kept in ("originals", "renditions"):
        _make_folders(Path(settings.media_url) / kept)
    # A server that has held these rows for a while knows how they are spread.
    with db.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    return Service(
        app=app,
        settings=settings,
        environment=environment,
        author_id=author_id,
        author=sign_in("author", PASSWORD)["access_token"],
        moderator=sign_in("moderator", PASSWORD)["access_token"],
        submission_id=submission_id,
        category=catalogue.categories(1)["items"][0]["code"],
    )


def _make_folders(kept: Path) -> None:
    """A store that has held photos for a while has a folder for each ending of an id."""
    for ending in range(256):
        (kept / f"{ending:02x}").mkdir(parents=True)
