"""Logs: one JSON object a line, with the request's id, and nothing about persons."""

import json
import logging
import re
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson

from participate.kernel.ids import new_id
from participate.kernel.lines import Lines

request_id: ContextVar[str] = ContextVar("request_id", default="")

_PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def begin(given: str | None) -> str:
    """Take over the caller's request id where it is harmless, else make one; it holds for this context."""
    chosen = given if given and _ACCEPTED_ID.fullmatch(given) else new_id()
    request_id.set(chosen)
    return chosen


class JsonLines(logging.Formatter):
    """Fields given as `extra` stand beside the message, so that a line can be searched by them."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get() or None,
        }
        line |= {key: value for key, value in vars(record).items() if key not in _PLAIN}
        if record.exc_info and record.exc_info[1]:
            line["error"] = told(record.exc_info[1])
        try:
            return orjson.dumps(line, default=str).decode()
        except TypeError:  # A lone surrogate, which is no Unicode.
            return json.dumps(line, default=str)


def told(error: BaseException) -> str:
    """The traceback of `error`, and of what led to it, without what a database quotes of the values it was given."""
    steps = "".join(traceback.format_tb(error.__traceback__))
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    text = f"Traceback (most recent call last):\n{steps}{name}: {_said(error)}"
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{told(earlier)}\n\n{text}" if earlier is not None else text


def _said(error: BaseException) -> str:
    """What the error says, or for PostgreSQL's its code and what it is about: their words quote rows and values."""
    origin: Any = getattr(error, "orig", None) or error
    if not getattr(origin, "sqlstate", None):
        return str(error)
    about = (origin.sqlstate, origin.diag.table_name, origin.diag.column_name, origin.diag.constraint_name)
    return " ".join(str(part) for part in about if part)


class _Dropping(logging.Handler):
    """Hands lines on, or drops them: a log that cannot be written stops nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = Lines()
        self.on_drop: Callable[[], None] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, and before it how many could not be written."""
        try:
            line = self.format(record)
        except Exception:
            line = orjson.dumps({"level": "error", "message": "a log line that cannot be written"}).decode()
        missing = self.lines.dropped
        if missing and not self.lines.write(orjson.dumps({"level": "warning", "dropped": missing}).decode()):
            return self._drop()
        if not self.lines.write(line):
            self._drop()
        return None

    def _drop(self) -> None:
        if self.on_drop is not None:
            self.on_drop()


_handler: _Dropping | None = None


def configure(level: int = logging.INFO) -> None:
    """Send everything to standard error as JSON lines."""
    global _handler
    # What the lines do not tell need not be found out: who called, in which thread and process.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.raiseExceptions = False  # Else what fails to be logged is written to standard error, which waits.
    _handler = _handler or _Dropping()
    _handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[_handler], force=True)
    for chatty in ("rq", "alembic.runtime.plugins", "PIL"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def on_drop(call: Callable[[], None]) -> None:
    """Have every line that could not be written told to `call`."""
    if _handler is not None:
        _handler.on_drop = call
