"""The entries of the trail: which ones, page by page, the latest first as a rule. Every filter has its index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Row,
    Select,
    Text,
    Uuid,
    bindparam,
    func,
    literal_column,
    select,
    text,
)

from tracktok.audit.models import AuditEvent
from tracktok.audit.schemas import NOBODY, AuditFilters, AuditQuery
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.ids import NIL
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by
from tracktok.core.schedule import instant_of
from tracktok.core.tenancy import TENANT, current_tenant_id
from tracktok.core.words import MOST_FOUND, pattern_of, words_of

SORTS = {"at": sort_by(AuditEvent.at)}
MOST_CHOICES = 500
COLUMNS = tuple(
    getattr(AuditEvent, name)
    for name in (
        "id", "at", "transaction_id", "actor_kind", "actor_id", "actor_name", "action", "entity", "entity_id", "label",
        "before", "after", "address", "user_agent", "request_id", "route",
    )
)  # fmt: skip
_LABEL = func.lower(literal_column("' '") + AuditEvent.label)
_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "actor": AuditEvent.actor_id == bindparam("actor", type_=Uuid()),
    "nobody": AuditEvent.actor_id.is_(None),
    "entity": AuditEvent.entity == bindparam("entity", type_=Text()),
    "entity_id": AuditEvent.entity_id == bindparam("entity_id", type_=Uuid()),
    "action": AuditEvent.action == bindparam("action", type_=Text()),
    "since": AuditEvent.at >= bindparam("since", type_=DateTime(timezone=True)),
    "until": AuditEvent.at < bindparam("until", type_=DateTime(timezone=True)),
    "found": AuditEvent.id == bindparam("found", type_=ARRAY(Uuid())).any_(),
}
_SEARCH = text("SELECT search_audit(:words, :most)").bindparams(bindparam("words", type_=ARRAY(Text())))
# The planner takes common words for rare ones, and would rather read and sort all that there is than walk an index.
_SORTING = text("SELECT set_config('enable_sort', :on, true)")
_EVENT = select(*COLUMNS).where(AuditEvent.id == bindparam("event_id", type_=Uuid()))
_TOGETHER = (
    select(*COLUMNS)
    .where(
        AuditEvent.transaction_id == bindparam("transaction", type_=AuditEvent.transaction_id.type),
        AuditEvent.id != bindparam("event_id", type_=Uuid()),
    )
    .order_by(AuditEvent.id)
    .limit(20)
)
# One step of an index for each value that there is, however many entries have it.
_STEPS = """
WITH RECURSIVE steps AS (
  (SELECT {column} AS value FROM audit_events WHERE tenant_id = :tenant AND {column} IS NOT NULL
    ORDER BY {column} LIMIT 1)
  UNION ALL
  SELECT (SELECT {column} FROM audit_events WHERE tenant_id = :tenant AND {column} > steps.value
           ORDER BY {column} LIMIT 1)
    FROM steps WHERE steps.value IS NOT NULL
)
SELECT value{more} FROM steps WHERE value IS NOT NULL LIMIT :most
"""
_ENTITIES = text(_STEPS.format(column="entity", more=""))
_ACTIONS = text(_STEPS.format(column="action", more=""))
_PEOPLE = text(
    _STEPS.format(
        column="actor_id",
        more=", (SELECT actor_name FROM audit_events e WHERE e.tenant_id = :tenant AND e.actor_id = value"
        " ORDER BY at DESC, id DESC LIMIT 1) AS name",
    )
)
_NAMES = text(
    "SELECT a AS actor_id, (SELECT actor_name FROM audit_events e WHERE e.tenant_id = :tenant AND e.actor_id = a"
    " ORDER BY at DESC, id DESC LIMIT 1) AS name FROM unnest(:ids) AS a"
).bindparams(bindparam("ids", type_=ARRAY(Uuid())))


@dataclass(frozen=True, slots=True)
class Selection:
    """Filters as statements want them: the shape that decides the SQL, and the parameters that fill it."""

    shape: frozenset[str]
    parameters: Mapping[str, Any]


def select_filters(filters: AuditFilters) -> Selection:
    """The filters as a Selection; words are looked up."""
    values: dict[str, Any] = {}
    shape: set[str] = set()
    wanted = filters.active()
    zone = preferences().timezone
    for name in ("entity", "entity_id", "action"):
        if name in wanted:
            values[name] = wanted[name]
    if "actor_id" in wanted:
        if wanted["actor_id"] == NOBODY:
            shape.add("nobody")
        else:
            values["actor"] = wanted["actor_id"]
    if "date_from" in wanted:
        values["since"] = instant_of(wanted["date_from"], time(0), zone)
    if "date_to" in wanted:
        values["until"] = instant_of(wanted["date_to"] + timedelta(days=1), time(0), zone)
    shape |= values.keys()
    if words := words_of(wanted.get("q", "")):
        found = db.session.execute(_SEARCH, {"words": words, "most": MOST_FOUND + 1}).scalar_one()
        if len(found) <= MOST_FOUND:
            shape.add("found")
            values["found"] = found or [NIL]
        else:
            shape.add(f"words_{len(words)}")
            values.update({f"word_{number}": pattern_of(word) for number, word in enumerate(words)})
    return Selection(frozenset(shape), values)


def where(statement: Select[Any], shape: frozenset[str]) -> Select[Any]:
    """Narrow a select from the trail."""
    for name in sorted(shape):
        if name.startswith("words_"):
            for number in range(int(name.removeprefix("words_"))):
                statement = statement.where(_LABEL.regexp_match(bindparam(f"word_{number}", type_=Text())))
        else:
            statement = statement.where(_CONDITIONS[name])
    return statement


@cache
def _list_statement(shape: frozenset[str], sort: str, after: bool) -> Select[Any]:  # noqa: FBT001 - part of the key
    return keyset(where(select(*COLUMNS), shape), sorts=SORTS, id_column=AuditEvent.id, sort=sort, after=after)


def list_events(query: AuditQuery) -> Page:
    """One page of the entries that fit."""
    wanted = page_parameters(sorts=SORTS, sort=query.sort, cursor=query.cursor, limit=query.limit)
    chosen = select_filters(query)
    statement = _list_statement(chosen.shape, query.sort, bool(query.cursor))
    common = any(name.startswith("words_") for name in chosen.shape)
    if common:
        db.session.execute(_SORTING, {"on": "off"})
    rows = db.session.execute(statement, {**chosen.parameters, **wanted}).all()
    if common:
        db.session.execute(_SORTING, {"on": "on"})
    return make_page(rows, sort=query.sort, limit=query.limit, sort_key="at")


def get_event(event_id: UUID) -> Row[Any]:
    """An entry of the current tenant's trail. Raises NotFound."""
    found = db.session.execute(_EVENT, {"event_id": event_id}).one_or_none()
    if found is None:
        raise NotFound("There is no such entry in the trail.")
    return found


def events_together(event: Any) -> Sequence[Row[Any]]:
    """What was written in the same transaction as an entry, at most 20."""
    values = {"transaction": event.transaction_id, "event_id": event.id}
    return db.session.execute(_TOGETHER, values).all()


def entities() -> list[str]:
    """The kinds of records that the trail tells of."""
    return [row.value for row in _choices(_ENTITIES)]


def actions() -> list[str]:
    """The actions that the trail tells of."""
    return [row.value for row in _choices(_ACTIONS)]


def people() -> list[tuple[UUID, str]]:
    """(id, latest name) of everybody whom the trail tells of, by name; also of those who have left."""
    found = [(row.value, row.name) for row in _choices(_PEOPLE)]
    return sorted(found, key=lambda one: one[1].lower())


def names_of(ids: Sequence[UUID]) -> dict[UUID, str]:
    """What the trail calls people, by their ids."""
    rows = db.session.execute(_NAMES, {"tenant": current_tenant_id(), "ids": list(ids)})
    return {row.actor_id: row.name for row in rows if row.name}


def _choices(statement: Any) -> Sequence[Row[Any]]:
    return db.session.execute(statement, {"tenant": current_tenant_id(), "most": MOST_CHOICES}).all()


def chosen_events(selection: Selection, columns: Sequence[Any]) -> Select[Any]:
    """A select of all entries that fit, the latest first: for files, which are read past the session."""
    statement = where(select(*columns).select_from(AuditEvent).where(AuditEvent.tenant_id == TENANT), selection.shape)
    return statement.order_by(AuditEvent.at.desc(), AuditEvent.id.desc())


def local_text(instant: Any) -> ColumnElement[str]:
    """An instant as text on the tenant's clock, in a form that sorts."""
    return func.to_char(func.timezone(preferences().timezone, instant), "YYYY-MM-DD HH24:MI:SS")
