"""Bank statements: read, kept, matched."""

from .keeping import (
    Taken,
    is_table,
    keep_table,
    kept_table,
    look_at_table,
    read_upload,
    take_kept_table,
    take_statement,
)
from .matching import (
    LineIgnored,
    LineMatched,
    MoneyOut,
    NotMatched,
    ReceiptLinked,
    free_line,
    ignore_line,
    match_line,
    unmatch_line,
)
from .tables import TableReading

__all__ = [
    "LineIgnored",
    "LineMatched",
    "MoneyOut",
    "NotMatched",
    "ReceiptLinked",
    "TableReading",
    "Taken",
    "free_line",
    "ignore_line",
    "is_table",
    "keep_table",
    "kept_table",
    "look_at_table",
    "match_line",
    "read_upload",
    "take_kept_table",
    "take_statement",
    "unmatch_line",
]
