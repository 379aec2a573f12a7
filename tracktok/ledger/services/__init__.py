"""Every write of the books."""

from .accounts import create_book_account, open_books
from .posting import AlreadyReversed, post, replace, reverse

__all__ = ["AlreadyReversed", "create_book_account", "open_books", "post", "replace", "reverse"]
