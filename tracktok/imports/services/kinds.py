"""What the machinery asks of a kind of import, and the kinds there are.

A kind says which fields it has (`rules.columns.Kind`), who may import it, what can be chosen, how cells become a
staged row, what an existing row would be repeated by one, how staged rows are written, how that is undone, and the
words that the pages need. Everything else (reading files, finding forms, mapping, staging, progress, jobs, pages, API)
is the same for all kinds and asks no kind for its name. The area that owns a kind registers it in its `receivers.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from tracktok.core.errors import NotFound
from tracktok.core.jobs import JobRun
from tracktok.core.permissions import may
from tracktok.imports.models import Import
from tracktok.imports.rules.columns import Kind, Meanings
from tracktok.imports.rules.plan import Plan

Flaw = tuple[int, str, list[dict[str, str]]]
"""(row number, `invalid` | `duplicate` | `skipped`, [{column, code, message}])."""
SKIP, IMPORT = "skip", "import"
CREATE, EMPTY, REJECT = "create", "empty", "reject"
UNKNOWN_CHOICES = (CREATE, EMPTY, REJECT)


class UnknownKind(NotFound):
    code, title = "unknown_kind", "There is no such kind of import"


class Builder(Protocol):
    """Turns chunks of cells into staged rows, in bounded memory. `services.building.RowBuilder` is most of one."""

    def stage(self, rows: list[list[str]]) -> tuple[str, int, list[Flaw]]:
        """The good rows as lines of COPY, how many they are, and the others. The first cell is the row number."""

    def found(self) -> dict[str, Any]:
        """What is to be told after the last chunk: names that will be made (`made`), `notes`."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be chosen for a file beyond what every kind has.

    `place` is where its control stands: "writing" (how it is written), "defaults" (where the file says nothing), or ""
    for what only the API offers.
    """

    name: str
    label: str
    choices: Callable[[], Iterable[tuple[Any, ...]]] = tuple
    """What the page offers: (value, label[, note])."""
    place: str = ""
    empty: Callable[[], str] = str
    """What the page calls no choice."""
    searched: bool = False
    """Whether the control searches, as for long lists."""
    help: str = ""
    allowed: Collection[str] | Callable[[], Collection[str]] | None = None
    """The values that can be, None for those that `find` knows."""
    find: Callable[[UUID], bool] | None = None
    """Whether there is something of this id, where the value is an id."""
    refusal: str = ""
    """What is said of other values; made from `allowed` when empty."""
    remembered: bool = True
    """Whether the next file with these headers begins with it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Names in a column that are matched with what there is, or made: categories, projects."""

    name: str
    nouns: str
    """"categories"."""
    find: Callable[[UUID], bool]


@dataclass(frozen=True, slots=True)
class Link:
    """Where something is to be seen."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a commit or an undo, in words."""

    title: str
    text: str = ""
    link: Link | None = None


def _nothing(_found: Import) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Handler:
    """A kind of import with all that it does."""

    kind: Kind
    permission: str
    """Who holds it may import, see, and undo imports of the kind; it ends in `.import`."""
    staged: str
    """Column definitions of the staged table (no commas inside), behind `n int, key bigint, raw bigint`: `key` is equal
    for rows that would be the same once written, `raw` for rows whose cells are all the same."""
    existing: str
    """SQL of (n, message) for rows of `import_staged` that exist already, or repeat one above them: of several alike as
    many as exist, not counting those in `import_repeated` (repeated inside the file, in every cell)."""
    builder: Callable[[Plan], Builder]
    write: Callable[[JobRun, Import], dict[str, Any]]
    """Write the staged rows in one transaction (`services.writing`), set `committed_rows`; returns what is told."""
    undo: Callable[[JobRun, Import], dict[str, Any]]
    written: Callable[[Import], Link]
    """Where what an import wrote is to be seen."""
    commit_told: Callable[[Import], Told]
    """What came of the commit, read from `result["commit"]`."""
    undo_told: Callable[[Import], Told]
    undo_means: Callable[[Import], str]
    """What an undo will do, asked before it is done."""
    undo_refused: Callable[[Import], str] = _nothing
    """Why an import cannot be undone; empty when it can."""
    order: str = ""
    """The staged column that rows are written in the order of, by its text (an ISO date). Rows of the same text, and
    all rows where none is named, are written as they stand in the file."""
    compared: tuple[str, ...] = ()
    """The staged columns that `existing` asks for; empty: all. No others are in `import_staged`."""
    decide: Callable[[Plan], None] = lambda _plan: None
    """Decide or ask what this kind needs beyond dates, decimals and meanings."""
    options: tuple[Option, ...] = ()
    meanings: tuple[Meanings, ...] = ()
    references: tuple[Reference, ...] = ()
    repeats: tuple[tuple[str, str], ...] = ((SKIP, "Leave them out"), (IMPORT, "Import them all the same"))
    """What can be done with duplicates, the usual first; anything but `skip` stages them too."""
    within: bool = True
    """Whether a row that is the same as one above it, in every cell, repeats it. Else `existing` says what does."""
    repeat_help: str = ""
    """What a duplicate is."""
    shown: tuple[str, ...] = ()
    """The fields that stand first where rows are shown."""
    file_help: str = ""
    """What a file of this kind is, said where one is chosen."""
    position: int = field(default=100)
    """Where the kind stands among the others."""


HANDLERS: dict[str, Handler] = {}


def register(handler: Handler) -> None:
    """Add a kind of import."""
    HANDLERS[handler.kind.name] = handler


def handler_of(kind: str) -> Handler:
    """The handler of a kind; raises UnknownKind."""
    if kind not in HANDLERS:
        raise UnknownKind
    return HANDLERS[kind]


def handlers() -> list[Handler]:
    """All kinds in their order."""
    return sorted(HANDLERS.values(), key=lambda one: (one.position, one.kind.name))


def handlers_for_actor() -> list[Handler]:
    """The kinds that the actor may import."""
    return [one for one in handlers() if may(one.permission)]
