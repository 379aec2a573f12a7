"""Statements: reckoned, approved and paid, and as files."""

from .files import file_of, name_of
from .moving import IllegalMove, approve_statement, lock_to_approve, make_statement, pay_statement, unpay_statement
from .reckoning import Statement, figures_for, figures_of_all, load_statement

__all__ = [
    "IllegalMove",
    "Statement",
    "approve_statement",
    "figures_for",
    "figures_of_all",
    "file_of",
    "load_statement",
    "lock_to_approve",
    "make_statement",
    "name_of",
    "pay_statement",
    "unpay_statement",
]
