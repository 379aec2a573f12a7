"""Imports: a file is read, its columns mapped, its rows checked; then all good rows are written at once, or undone."""

from .kinds import handler_of, handlers, handlers_for_actor, register
from .rows import rows_of
from .uploading import change_import, commit_import, discard_import, settle, start_import, undo_import

__all__ = [
    "change_import",
    "commit_import",
    "discard_import",
    "handler_of",
    "handlers",
    "handlers_for_actor",
    "register",
    "rows_of",
    "settle",
    "start_import",
    "undo_import",
]
