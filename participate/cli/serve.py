"""What a web process serves."""

import signal

from flask import Flask

from participate.cli import gate
from participate.cli.processes import die_with_parent
from participate.kernel.collector import loading


def application() -> Flask:
    """The service, in a process that ends with the server that started it: nobody else would ever stop it."""
    die_with_parent(signal.SIGKILL)
    with loading():
        from participate.app import create_app
        from participate.kernel.context import settings

        app = create_app()
    with app.app_context():
        gate.pass_through(settings().data_dir)
    return app
