"""What happened to a thing, as the audit trail tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, select

from tracktok.audit.models import AuditEvent
from tracktok.core.db import db

_EVENTS = (
    select(AuditEvent.at, AuditEvent.actor_name, AuditEvent.action, AuditEvent.before, AuditEvent.after)
    .where(AuditEvent.entity == bindparam("entity"), AuditEvent.entity_id == bindparam("entity_id"))
    .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    .limit(50)
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One change: when, by whom, what was done, and the fields that changed: (name, before, after)."""

    at: datetime
    who: str
    action: str
    fields: list[tuple[str, Any, Any]]
    entity: str = ""
    """What was changed, where a history tells of several things."""
    name: str = ""
    """What that is called."""


_SILENT = {"updated_at", "created_at", "version", "base_units", "id", "tenant_id", "rate_date", "account_amount"}


def history_of(entity: str, entity_id: UUID) -> list[Happening]:
    """The latest 50 changes of a thing, the newest first."""
    rows = db.session.execute(_EVENTS, {"entity": entity, "entity_id": entity_id})
    return [_happening(event) for event in rows]


def _happening(event: Any, entity: str = "", name: str = "") -> Happening:
    before, after = event.before or {}, event.after or {}
    fields = []
    if before:
        names = [one for one in after if one not in _SILENT and before.get(one) != after[one]]
        fields = [(one, before.get(one), after[one]) for one in names]
    return Happening(event.at, event.actor_name, event.action, fields, entity, name)


_PARTS = (
    select(
        AuditEvent.id, AuditEvent.at, AuditEvent.actor_name, AuditEvent.action, AuditEvent.before, AuditEvent.after,
        AuditEvent.entity_id,
    )
    .where(
        AuditEvent.entity == bindparam("entity"), AuditEvent.entity_id == bindparam("ids", type_=ARRAY(Uuid())).any_()
    )
    .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    .limit(50)
)  # fmt: skip
_GONE = (
    select(AuditEvent.entity_id, AuditEvent.before)
    .where(
        AuditEvent.entity == bindparam("entity"),
        AuditEvent.action == "deleted",
        AuditEvent.before[bindparam("field", type_=Text())].astext == bindparam("whole", type_=Text()),
    )
    .limit(200)
)


def history_of_parts(entity: str, field: str, whole: UUID, names: Mapping[UUID, str]) -> list[Happening]:
    """The latest 50 changes of the parts of a thing: those that are there (`names` by id), and those that are gone.

    `field` of a part names the thing that it is of; a part that is gone is called by its `name` or `label`.
    """
    gone = db.session.execute(_GONE, {"entity": entity, "field": field, "whole": str(whole)}).all()
    known = {**{row.entity_id: row.before.get("name") or row.before.get("label") or "" for row in gone}, **names}
    if not known:
        return []
    rows = db.session.execute(_PARTS, {"entity": entity, "ids": list(known)})
    return [_happening(event, entity, known[event.entity_id]) for event in rows]
