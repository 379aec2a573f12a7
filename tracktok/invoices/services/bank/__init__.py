"""Bank statements: read, kept, matched."""

from .keeping import Taken, take_statement
from .matching import (
    LineIgnored,
    LineMatched,
    MoneyOut,
    NotMatched,
    free_line,
    ignore_line,
    match_line,
    unmatch_line,
)

__all__ = [
    "LineIgnored",
    "LineMatched",
    "MoneyOut",
    "NotMatched",
    "Taken",
    "free_line",
    "ignore_line",
    "match_line",
    "take_statement",
    "unmatch_line",
]
