"""The settings of the application at work."""

from flask import current_app

from participate.config import Settings

_EXTENSION = "participate.settings"


def settings() -> Settings:
    """The present application's settings."""
    found: Settings = current_app.extensions[_EXTENSION]
    return found
