"""What people call the rows of a table, where each has its page, and what a single one is called.

    record_page("expenses", "expense", "expenses.show", "expense_id")

An area says so once for each kind of record that it owns; whoever tells of records of any kind (the audit trail, a
notification) asks here, and so needs to know no area.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import current_app, url_for

from tracktok.core.permissions import may

NamesOf = Callable[[Sequence[UUID]], Mapping[UUID, str]]


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A kind of record. `endpoint` is its page and `argument` the name of the id there; both may be empty.

    `names` gives names by ids where the row itself has none (a membership is called after its person).
    """

    entity: str
    noun: str
    endpoint: str = ""
    argument: str = ""
    names: NamesOf | None = None


_KINDS: dict[str, RecordKind] = {}


def record_page(
    entity: str, noun: str, endpoint: str = "", argument: str = "", *, names: NamesOf | None = None
) -> None:
    """Say what the records of a table are called, and where they have their pages."""
    _KINDS[entity] = RecordKind(entity, noun, endpoint, argument, names)


def kind_of(entity: str) -> RecordKind:
    """The kind of record that a table holds; the table's own name for one that nobody has told of."""
    single = entity[:-3] + "y" if entity.endswith("ies") else entity.removesuffix("s")
    return _KINDS.get(entity) or RecordKind(entity, single.replace("_", " "))


def kinds() -> Mapping[str, RecordKind]:
    """Every kind that was told of, by its table."""
    return _KINDS


def href_of(entity: str, record_id: UUID | None) -> str:
    """The address of a record's page; empty where it has none."""
    kind = kind_of(entity)
    if kind.endpoint not in current_app.view_functions or (kind.argument and record_id is None):
        return ""
    return url_for(kind.endpoint, **({kind.argument: record_id} if kind.argument else {}))  # type: ignore[arg-type]


def history_href(entity: str, record_id: UUID) -> str:
    """Where the audit trail tells a record's whole history; empty for those who may not read it."""
    if "audit.index" not in current_app.view_functions or not may("audit.read"):
        return ""
    return url_for("audit.index", entity=entity, entity_id=record_id)
