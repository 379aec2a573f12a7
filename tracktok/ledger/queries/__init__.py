"""Every read of the books."""

from .chart import (
    ChartAccount,
    TrialBalance,
    chart,
    get_book_account,
    list_book_accounts,
    trial_balance,
)
from .entries import has_entries, latest_entry, load_entries, standing_entries
from .journal import JournalQuery, get_entry, lines_of, list_entries, provide_names
from .rates import ConversionRate, rate_between
from .roles import book_account_for, forget_roles
from .summaries import Discrepancy, Proof, prove_also, prove_books, prove_summaries, prove_summaries_also
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
    "ChartAccount",
    "Compared",
    "ConversionRate",
    "Discrepancy",
    "JournalQuery",
    "Proof",
    "Total",
    "TrialBalance",
    "balance_of",
    "book_account_for",
    "chart",
    "compare_by_id",
    "forget_roles",
    "get_book_account",
    "get_entry",
    "has_entries",
    "latest_entry",
    "lines_of",
    "list_book_accounts",
    "list_entries",
    "load_entries",
    "prove_also",
    "prove_books",
    "prove_summaries",
    "prove_summaries_also",
    "provide_names",
    "rate_between",
    "standing_entries",
    "sum_total",
    "totals_by_day",
    "totals_by_id",
    "totals_by_month",
    "trial_balance",
]
