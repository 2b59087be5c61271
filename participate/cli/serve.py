"""What a web process serves."""

import signal
from typing import TYPE_CHECKING

from participate.cli import files, gate
from participate.cli.processes import die_with_parent
from participate.kernel.collector import loading

if TYPE_CHECKING:
    from participate.kernel.front import Front


def application() -> "Front":
    """The service, in a process that ends with the server that started it: nobody else would ever stop it."""
    die_with_parent(signal.SIGKILL)
    with loading():
        from participate.app import create_app
        from participate.kernel.context import settings
        from participate.kernel.entrance import front_of
        from participate.kernel.streaming import streams_of

        app = create_app()
    streams_of(app).keep_within(files.allowed())
    with app.app_context():
        folder = settings().data_dir
    gate.pass_through(folder)
    return front_of(app, folder)
