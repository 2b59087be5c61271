"""Whether this process lives, and whether it can serve."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path

from flask import Flask, Response, current_app
from marshmallow import fields
from sqlalchemy import text

from participate.kernel import gauges, probes
from participate.kernel.api import Room
from participate.kernel.auth import OPEN
from participate.kernel.conditional import answer
from participate.kernel.overload import PROBE
from participate.kernel.shapes import Flag, Shape

health = Room("health", "", "Probes for whoever runs the service")

# Without these no request can be answered; without the others most can, and by any process as badly as by this one.
NEEDED = ("database", "migrations")
BEHIND = timedelta(minutes=5)
_PATIENCE_SECONDS = 1.0
_HOLDS = {"media": 10.0}  # seconds; others hold for one. This one writes, and a bucket asks money for that.
_LOOKS = "participate.health"
_REVISIONS = "participate.revisions"

_log = logging.getLogger(__name__)


class LiveAnswer(Shape):
    """The process answers."""

    alive = Flag(required=True)


class ReadyAnswer(Shape):
    """Whether to send requests here, what they will miss, and how each thing was found."""

    ready = Flag(required=True)
    degraded = fields.List(fields.String(), required=True, metadata={"example": ["store"]})
    checks = fields.Dict(
        required=True,
        metadata={"example": {"database": "ok", "migrations": "ok", "media": "ok", "store": "away", "backlog": "ok"}},
    )


def init_health(app: Flask, also: Mapping[str, Callable[[], bool]]) -> None:
    """Let `app` look after the kernel's own things and after `also`, which tell whether each is as it should be."""
    found = {"database": _database, "migrations": migrations, "backlog": _backlog}
    found |= {name: _as_word(see) for name, see in also.items()}
    app.extensions[_LOOKS] = {
        name: probes.Look(probes.inside(app, see), _HOLDS.get(name, 1.0)) for name, see in found.items()
    }


@health.route("/livez", door=OPEN, urgency=PROBE, answer=LiveAnswer, also=(304,))
def show_liveness() -> Response:
    """The process answers. Nothing else is looked at: what is away does not come back by restarting this."""
    return answer({"alive": True})


@health.route("/readyz", door=OPEN, urgency=PROBE, answer=ReadyAnswer, also=(304,))
def show_readiness() -> Response:
    """Whether requests can be served, told within about a second whatever hangs.

    Each check is "ok", or "away", "slow" (no answer within a second), "behind" (the database lacks migrations, or
    the oldest errand has waited for over five minutes). Only `database` and `migrations` make it 503: without store
    or media, or with a backlog, most requests can still be served, and no other process could serve the rest.
    A database that is ahead, as while a newer version is rolled out, is "ok".
    """
    checks = examine()
    ready = all(checks[name] == "ok" for name in NEEDED)
    degraded = [name for name, said in checks.items() if said != "ok" and name not in NEEDED]
    return answer({"ready": ready, "degraded": degraded, "checks": checks}, status=200 if ready else 503)


def examine() -> dict[str, str]:
    """How each thing was found, in a word."""
    looks: Mapping[str, probes.Look[str]] = current_app.extensions[_LOOKS]
    return {name: _word(name, future) for name, future in probes.seen(looks, _PATIENCE_SECONDS).items()}


def _word(name: str, future: "Future[str]") -> str:
    if not future.done():
        return "slow"
    error = future.exception()
    if error is None:
        return future.result()
    _log.warning("not as it should be", extra={"check": name, "reason": type(error).__name__})
    return "away"


def _as_word(see: Callable[[], bool]) -> Callable[[], str]:
    return lambda: "ok" if see() else "away"


def _database() -> str:
    with probes.engine().connect() as connection:
        connection.execute(text("SELECT 1"))
    return "ok"


def migrations() -> str:
    """Whether the database has all migrations that this code knows: "ok" or "behind".

    It may have more: a new version's migrations run while processes of the old one still serve.
    """
    with probes.engine().connect() as connection:
        present = {row.version_num for row in connection.execute(text("SELECT version_num FROM alembic_version"))}
    known = _revisions()
    return "ok" if present and (max(known) in present or not present & known) else "behind"


def _revisions() -> frozenset[str]:
    """All revisions that this code knows: a migration's file begins with its revision, and they are one line."""
    found: frozenset[str] | None = current_app.extensions.get(_REVISIONS)
    if found is None:
        steps = Path(current_app.config["MIGRATIONS"], "versions").glob("[0-9]*.py")
        found = current_app.extensions[_REVISIONS] = frozenset(step.name.partition("_")[0] for step in steps)
    return found


def _backlog() -> str:
    with probes.engine().connect() as connection:
        waited = gauges.waits(connection)
    return "ok" if max(waited.values(), default=timedelta()) < BEHIND else "behind"
