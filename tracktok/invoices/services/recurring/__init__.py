"""Recurring invoices: kept and changed, and made on their days."""

from .composing import invoice_of, upcoming
from .keeping import (
    change_recurring,
    create_recurring,
    end_recurring,
    follow_prices,
    listed_prices,
    may_make,
    missed,
    pause_recurring,
    repeat_invoice,
    repeated,
    resume_recurring,
    skip_next,
)
from .making import CreditLimitPassed, retry_run, run_recurring, send_made, skip_run

__all__ = [
    "CreditLimitPassed",
    "change_recurring",
    "create_recurring",
    "end_recurring",
    "follow_prices",
    "invoice_of",
    "listed_prices",
    "may_make",
    "missed",
    "pause_recurring",
    "repeat_invoice",
    "repeated",
    "resume_recurring",
    "retry_run",
    "run_recurring",
    "send_made",
    "skip_next",
    "skip_run",
    "upcoming",
]
