"""Logs: one JSON object a line, with the request's id, and nothing about persons."""

import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

import orjson

from participate.kernel.ids import new_id

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
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def configure(level: int = logging.INFO) -> None:
    """Send everything to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("rq", "alembic.runtime.plugins", "PIL"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
