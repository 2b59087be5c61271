"""For WSGI servers: `wsgi:app`."""

from participate.app import create_app

app = create_app()
