"""Whether this process lives, and whether it can serve."""

from collections.abc import Callable
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Response, current_app
from marshmallow import fields
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from participate.kernel.api import Room
from participate.kernel.auth import OPEN
from participate.kernel.conditional import answer
from participate.kernel.db import one, rows
from participate.kernel.shapes import Flag, Shape

health = Room("health", "", "Probes for whoever runs the service")


class LiveAnswer(Shape):
    """The process answers."""

    alive = Flag(required=True)


class ReadyAnswer(Shape):
    """What the process needs, and whether it is there: "ok" or "away"."""

    ready = Flag(required=True)
    checks = fields.Dict(required=True, metadata={"example": {"database": "ok", "migrations": "ok", "store": "ok"}})


@health.route("/livez", door=OPEN, answer=LiveAnswer)
def show_liveness() -> Response:
    """The process answers."""
    return answer({"alive": True})


@health.route("/readyz", door=OPEN, answer=ReadyAnswer)
def show_readiness() -> Response:
    """Whether requests can be served. Without the store they can: the sweep wakes the worker when it is back."""
    checks = {
        "database": _tried(lambda: one(text("SELECT 1")) is not None),
        "migrations": _tried(migrated),
        "store": _tried(current_app.extensions["participate.waker"].alive),
    }
    ready = checks["database"] == checks["migrations"] == "ok"
    return answer({"ready": ready, "checks": checks}, status=200 if ready else 503)


def _tried(check: Callable[[], Any]) -> str:
    try:
        return "ok" if check() else "away"
    except SQLAlchemyError:
        return "away"


def migrated() -> bool:
    """Whether the database has all migrations that this code knows."""
    known = current_app.extensions.get("participate.heads")
    if known is None:
        config = Config()
        config.set_main_option("script_location", current_app.config["MIGRATIONS"])
        known = current_app.extensions["participate.heads"] = set(ScriptDirectory.from_config(config).get_heads())
    return {row.version_num for row in rows(text("SELECT version_num FROM alembic_version"))} == known
