"""The settings of the application at work."""

from datetime import datetime

from flask import current_app, has_request_context

from participate.config import Settings

_EXTENSION = "participate.settings"


def settings() -> Settings:
    """The present application's settings."""
    found: Settings = current_app.extensions[_EXTENSION]
    return found


def local(moment: datetime) -> str:
    """`moment` as people read it: in the city's time zone, to the minute, with its offset."""
    return moment.astimezone(settings().timezone).isoformat(" ", "minutes")


def is_awaited() -> bool:
    """Whether somebody waits for the answer to a request; the worker may take its time."""
    return has_request_context()
