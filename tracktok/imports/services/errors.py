"""Refusals of imports."""

from __future__ import annotations

from tracktok.core.errors import Conflict, Invalid, TooLarge, UnsupportedMediaType


class NotATable(UnsupportedMediaType):
    """The file is something else than CSV, XLSX or XLS; the message says what."""

    code, title = "not_a_table", "This file is no CSV or spreadsheet"


class UnreadableFile(Invalid):
    """The file claims to be a table but cannot be read as one."""

    code, title = "unreadable_file", "This file cannot be read"


class TooManyRows(TooLarge):
    code, title = "too_many_rows", "This file has too many rows for one import"


class DangerousFile(Invalid):
    """A spreadsheet that would unpack to far more than it seems, or whose XML plays tricks."""

    code, title = "dangerous_file", "This spreadsheet is not safe to open"


class WrongStatus(Conflict):
    code, title = "wrong_status", "The import does not stand where this can be done"


class NothingToImport(Conflict):
    code, title = "nothing_to_import", "There is no row to import"


class CannotBeUndone(Conflict):
    code, title = "cannot_be_undone", "This import cannot be undone"
