"""For WSGI servers: `wsgi:app`."""

from participate.kernel.collector import loading

with loading():
    from participate.app import create_app

    app = create_app()
