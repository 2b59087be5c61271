"""What a web process serves."""

import signal
import sys

from flask import Flask

from participate.cli import gate
from participate.cli.processes import die_with_parent
from participate.kernel.collector import loading

# How long a thread that computes lets others wait, at most. Python's own 5 ms, times the requests at work, is what a
# refusal would wait for its fraction of a millisecond.
_SWITCH_SECONDS = 0.001


def application() -> Flask:
    """The service, in a process that ends with the server that started it: nobody else would ever stop it."""
    die_with_parent(signal.SIGKILL)
    sys.setswitchinterval(_SWITCH_SECONDS)
    with loading():
        from participate.app import create_app
        from participate.kernel.context import settings

        app = create_app()
    with app.app_context():
        gate.pass_through(settings().data_dir)
    return app
