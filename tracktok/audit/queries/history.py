"""What happened to a thing, as the audit trail tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

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


_SILENT = {"updated_at", "created_at", "version", "base_units", "id", "tenant_id", "rate_date", "account_amount"}


def history_of(entity: str, entity_id: UUID) -> list[Happening]:
    """The latest 50 changes of a thing, the newest first."""
    found = []
    for event in db.session.execute(_EVENTS, {"entity": entity, "entity_id": entity_id}):
        before, after = event.before or {}, event.after or {}
        fields = []
        if before:
            names = [name for name in after if name not in _SILENT and before.get(name) != after[name]]
            fields = [(name, before.get(name), after[name]) for name in names]
        found.append(Happening(event.at, event.actor_name, event.action, fields))
    return found
