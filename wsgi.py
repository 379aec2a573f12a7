"""The WSGI application, for granian and `flask --app wsgi`."""

from tracktok.app import create_app

app = create_app()
