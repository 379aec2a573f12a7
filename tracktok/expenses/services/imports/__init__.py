"""Imports: a file is read, its columns mapped, its rows checked; then all good rows are written at once, or undone."""

from . import expense_kind, running
from .expense_kind import REFERENCES, meaning_of
from .rows import rows_of
from .uploading import change_import, commit_import, discard_import, settle, start_import, undo_import

__all__ = [
    "REFERENCES",
    "change_import",
    "commit_import",
    "discard_import",
    "expense_kind",
    "meaning_of",
    "rows_of",
    "running",
    "settle",
    "start_import",
    "undo_import",
]
