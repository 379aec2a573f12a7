"""Every write of the books."""

from .accounts import create_book_account, open_books, redenominate
from .posting import AlreadyReversed, post, replace, reverse
from .sums import post_sums

__all__ = [
    "AlreadyReversed",
    "create_book_account",
    "open_books",
    "post",
    "post_sums",
    "redenominate",
    "replace",
    "reverse",
]
