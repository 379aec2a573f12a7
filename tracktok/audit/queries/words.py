"""Entries of the trail in words: fields by what they are called, ids by the names of what they refer to.

What a field is, the model's column says: an amount, a day, an instant, a yes or no, the id of another record. What
has no column (an entry that a service wrote by hand) is told as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Numeric, Select, Table, Uuid, bindparam, select

from tracktok.audit import rules
from tracktok.core.db import Base, db
from tracktok.core.tenancy import TENANT
from tracktok.web import records, statuses
from tracktok.web.filters import format_amount, format_day, format_instant, format_number

from . import trail

PEOPLE = "people"
_NAMED_BY = ("title", "name", "filename", "email")
_WORDS = frozenset({"status", "type", "kind", "role", "tier", "period", "rollover", "enforcement", "tax_treatment"})
_OWN_WORDS = {"upi": "UPI"}
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Change:
    """A field of an entry: its name for people, and what it was and became, in words ("" for nothing)."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Told:
    """An entry in words. `href` is the record's page while it is there; `fields` are the labels of what changed."""

    noun: str
    name: str
    href: str
    verb: str
    label: str
    tone: str
    who: str
    changes: tuple[Change, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(change.label for change in self.changes)


def tell(events: Sequence[Any], *, values: bool = True) -> list[Told]:
    """Entries in words. `values=False` spares the look-up of names that only the values of fields need."""
    fields = [rules.told_fields(event.before, event.after) for event in events]
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for event, told in zip(events, fields, strict=True):
        if event.entity_id is not None:
            wanted[event.entity].add(event.entity_id)
        if values:
            _collect(event.entity, told, wanted)
    names = {entity: names_of(entity, sorted(ids)) for entity, ids in wanted.items()}
    return [_told(event, told, names, values=values) for event, told in zip(events, fields, strict=True)]


def _told(
    event: Any, told: list[tuple[str, Any, Any]], names: Mapping[str, Mapping[UUID, str]], *, values: bool
) -> Told:
    kind = records.kind_of(event.entity)
    known = names.get(event.entity, {})
    there = event.entity_id in known or event.entity not in Base.metadata.tables
    currency = str((event.after or event.before or {}).get("currency") or "")
    changes = tuple(
        Change(
            rules.field_label(name),
            _value(event.entity, name, was, names, currency) if values else "",
            _value(event.entity, name, now, names, currency) if values else "",
        )
        for name, was, now in told
    )
    return Told(
        noun=kind.noun,
        name=event.label or known.get(event.entity_id, ""),
        href=records.href_of(event.entity, event.entity_id) if there and event.action != "deleted" else "",
        verb=rules.ACTION_WORDS.get(event.action, event.action.replace("_", " ")),
        label=rules.action_label(event.action),
        tone=rules.action_tone(event.action),
        who=who_of(event.actor_kind, event.actor_name),
        changes=tuple(one for one in changes if one.before or one.after) if values else changes,
    )


def who_of(kind: str, name: str) -> str:
    """Whoever did it, for people."""
    if kind == "platform":
        return f"{name} (TrackTok staff)"
    return name or ("TrackTok" if kind == "system" else "Nobody signed in")


def _collect(entity: str, told: Iterable[tuple[str, Any, Any]], wanted: dict[str, set[UUID]]) -> None:
    for name, *both in told:
        target = _target(entity, name)
        if target:
            for value in both:
                for one in value if isinstance(value, list) else [value]:
                    if (found := _uuid(one)) is not None:
                        wanted[target].add(found)


@cache
def _column(entity: str, name: str) -> Column[Any] | None:
    table = Base.metadata.tables.get(entity)
    return table.columns.get(name) if table is not None else None


@cache
def _target(entity: str, name: str) -> str:
    """The table that a field's id is of; empty for what is no id of another record."""
    column = _column(entity, name)
    if column is not None:
        for key in column.foreign_keys:
            return key.column.table.name
        if not isinstance(column.type, Uuid):
            return ""
    if name.endswith(("person_id", "_by")):
        return PEOPLE
    for table in Base.metadata.tables:
        if name.endswith("_id") and table in {f"{name[:-3]}s", f"{name[:-4]}ies"}:
            return table
    return ""


@cache
def _statement(entity: str) -> Select[Any] | None:
    """Names of a table's rows by id; None for a table whose rows have no name."""
    table: Table | None = Base.metadata.tables.get(entity)
    if table is None or "id" not in table.columns:
        return None
    named = next((table.columns[name] for name in _NAMED_BY if name in table.columns), None)
    name = named if named is not None else table.columns["id"]
    ids = bindparam("ids", type_=ARRAY(Uuid()))
    statement = select(table.columns["id"], name.label("name")).where(table.columns["id"] == ids.any_())
    if "tenant_id" in table.columns:
        statement = statement.where(table.columns["tenant_id"] == TENANT)
    return statement


def names_of(entity: str, ids: Sequence[UUID]) -> dict[UUID, str]:
    """What records are called now, by id: those that are there (also in the bin)."""
    provided = records.kind_of(entity).names
    if provided is not None:
        found = dict(provided(ids))
    else:
        statement = _statement(entity)
        rows = db.session.execute(statement, {"ids": list(ids)}).all() if statement is not None else []
        found = {row.id: str(row.name) if row.name != row.id else "" for row in rows}
    if entity == PEOPLE and (missing := [one for one in ids if one not in found]):
        found |= trail.names_of(missing)
    return found


def _uuid(value: Any) -> UUID | None:
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return UUID(value)
    except ValueError:
        return None


def _value(entity: str, name: str, value: Any, names: Mapping[str, Mapping[UUID, str]], currency: str) -> str:
    if value is None or value in ("", []):
        return ""
    if isinstance(value, list):
        return ", ".join(_value(entity, name, one, names, currency) for one in value)[:LONGEST]
    if isinstance(value, dict):
        parts = (f"{rules.field_label(key)}: {_value('', key, one, names, '')}" for key, one in value.items())
        return "; ".join(parts)[:LONGEST]
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if (found := _uuid(value)) is not None:
        return names.get(_target(entity, name), {}).get(found) or f"…{str(found)[-6:]}"
    if name in _WORDS:
        return statuses.words_of(value)
    return _typed(_column(entity, name), name, value, currency)


def _typed(column: Column[Any] | None, name: str, value: Any, currency: str) -> str:
    kind = column.type if column is not None else None
    try:
        if isinstance(kind, Numeric):
            number = Decimal(str(value))
            if kind.scale == 4:
                return format_amount(number, None if name.startswith("base_") else currency or None)
            return format_number(number.normalize())
        if isinstance(kind, Date):
            return format_day(date.fromisoformat(value))
        if isinstance(kind, DateTime):
            return format_instant(datetime.fromisoformat(value))
    except (ValueError, TypeError, InvalidOperation):
        return str(value)
    if isinstance(kind, Boolean):
        return "Yes" if value else "No"
    if isinstance(value, int):
        return format_number(value) if abs(value) >= 1000 and "year" not in name else str(value)
    if name == "payment_method":
        return _OWN_WORDS.get(value, statuses.words_of(value))
    return str(value)[:LONGEST]
