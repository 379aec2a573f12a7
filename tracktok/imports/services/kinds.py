"""What the machinery asks of a kind of import, and the kinds there are.

A kind says which fields it has (`rules.imports.columns.Kind`), how cells become a staged row, what an existing row
would be repeated by one, how staged rows are written, and how that is undone. Everything else (reading files, finding
forms, mapping, staging, progress, jobs, undo as a job) is the same for all kinds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from tracktok.core.jobs import JobRun
from tracktok.imports.models import Import
from tracktok.imports.rules.columns import Kind
from tracktok.imports.rules.plan import Plan

Flaw = tuple[int, str, list[dict[str, str]]]
"""(row number, `invalid` | `duplicate` | `skipped`, [{column, code, message}])."""


class Builder(Protocol):
    """Turns chunks of cells into staged rows, in bounded memory."""

    def stage(self, rows: list[list[str]]) -> tuple[str, int, list[Flaw]]:
        """The good rows as lines of COPY, how many they are, and the others. The first cell is the row number."""

    def found(self) -> dict[str, Any]:
        """What is to be told after the last chunk: names that will be made, notes."""


@dataclass(frozen=True, slots=True)
class Handler:
    """A kind of import with all that it does."""

    kind: Kind
    staged: str
    """Column definitions of the staged table, behind `n int, key bigint, raw bigint`: `key` is equal for rows that
    would be the same once written, `raw` for rows whose cells are all the same."""
    existing: str
    """SQL of (n, message) for rows of `import_staged` that exist already: of several alike as many as exist,
    not counting those in `import_repeated` (repeated inside the file)."""
    order: str
    """SQL expression that staged rows are written in the order of."""
    decide: Callable[[Plan], None]
    """Decide or ask what this kind needs beyond dates and decimals."""
    builder: Callable[[Plan], Builder]
    write: Callable[[JobRun, Import], dict[str, Any]]
    undo: Callable[[JobRun, Import], dict[str, Any]]
    check_options: Callable[[dict[str, Any]], None]
    """Raise Invalid for options that cannot be (an account that does not exist)."""


HANDLERS: dict[str, Handler] = {}


def register(handler: Handler) -> None:
    """Add a kind of import."""
    HANDLERS[handler.kind.name] = handler


def handler_of(kind: str) -> Handler:
    """The handler of a kind; raises KeyError."""
    return HANDLERS[kind]
