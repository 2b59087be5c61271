"""The database's versions, for the commands that change them: what only serves never loads Alembic.

Developers write a migration with `flask --app participate.cli.migrations:application db revision`.
"""

import flask_migrate
from flask import Flask, current_app

from participate.app import create_app
from participate.kernel.db import db
from participate.moderation import mending


def application() -> Flask:
    """The service with Flask-Migrate's commands."""
    app = create_app()
    _plug_into(app)
    return app


def upgrade(revision: str = "head") -> None:
    """Bring the present application's database to `revision`, and what waits at the desk with it."""
    _plug_into(current_app)
    flask_migrate.upgrade(revision=revision)
    while revision == "head" and mending.adopt():
        pass  # In steps that keep nobody waiting; what the release before opens from now on, the worker takes over.


def downgrade(revision: str) -> None:
    """Take it back to `revision`."""
    _plug_into(current_app)
    flask_migrate.downgrade(revision=revision)


def _plug_into(app: Flask) -> None:
    flask_migrate.Migrate(app, db, directory=app.config["MIGRATIONS"])
