"""Statements: reckoned, approved and paid, and as files."""

from .files import file_of, file_response
from .moving import IllegalMove, approve_statement, make_statement, pay_statement, unpay_statement
from .reckoning import Statement, figures_for, load_statement

__all__ = [
    "IllegalMove",
    "Statement",
    "approve_statement",
    "figures_for",
    "file_of",
    "file_response",
    "load_statement",
    "make_statement",
    "pay_statement",
    "unpay_statement",
]
