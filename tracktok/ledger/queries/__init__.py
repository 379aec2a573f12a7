"""Every read of the books."""

from .entries import has_entries, load_entries, standing_entries
from .rates import ConversionRate, rate_between
from .roles import book_account_for, forget_roles
from .summaries import Discrepancy, Proof, prove_books, prove_summaries
from .totals import (
    Balance,
    Compared,
    Total,
    balance_of,
    compare_by_id,
    sum_total,
    totals_by_day,
    totals_by_id,
    totals_by_month,
)

__all__ = [
    "Balance",
    "Compared",
    "ConversionRate",
    "Discrepancy",
    "Proof",
    "Total",
    "balance_of",
    "book_account_for",
    "compare_by_id",
    "forget_roles",
    "has_entries",
    "load_entries",
    "prove_books",
    "prove_summaries",
    "rate_between",
    "standing_entries",
    "sum_total",
    "totals_by_day",
    "totals_by_id",
    "totals_by_month",
]
