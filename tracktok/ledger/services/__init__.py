"""Every write of the books."""

from .accounts import NotArchivable, change_book_account, create_book_account, open_books, redenominate
from .posting import AlreadyReversed, post, replace, reverse
from .rates import RatesFileInvalid, RatesImported, import_rates, no_rate
from .rebuilding import rebuild_also, rebuild_summaries
from .sums import post_sums

__all__ = [
    "AlreadyReversed",
    "NotArchivable",
    "RatesFileInvalid",
    "RatesImported",
    "change_book_account",
    "create_book_account",
    "import_rates",
    "no_rate",
    "open_books",
    "post",
    "post_sums",
    "rebuild_also",
    "rebuild_summaries",
    "redenominate",
    "replace",
    "reverse",
]
