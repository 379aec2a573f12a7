"""Facts about the books. Heard in the same transaction, inside the tenant."""

from blinker import signal

books_opened = signal("books_opened")
"""A new tenant's chart of accounts is there; sent with `tenant`. Default accounts and categories follow."""
