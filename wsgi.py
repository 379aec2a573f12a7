"""The WSGI application, for granian and `flask --app wsgi`."""

import gc

# Nearly all that is made from here to the end lasts as long as the process: looking for garbage in between is waste.
gc.disable()

from tracktok.app import create_app  # noqa: E402

app = create_app()
gc.freeze()
gc.enable()
