"""Recording: who changed what, written in the transaction of the change.

Every insert, update and delete of a model with `__audited__` is recorded by itself when the session flushes. What goes
past the ORM (Core statements, COPY) calls `record`.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import event, inspect
from sqlalchemy.orm import LoaderCallableStatus, Session, UOWTransaction

from tracktok.core import context
from tracktok.core.db import db
from tracktok.core.driver import run
from tracktok.core.ids import new_id
from tracktok.core.tenancy import TenantScoped, current_tenant_or_none

_UNTOLD = {"tenant_id", "created_at", "updated_at", "version"}
_PENDING = "tracktok_audit_pending"
EVENT_INSERT = """
INSERT INTO audit_events (tenant_id, id, actor_kind, actor_id, actor_name, action, entity, entity_id, label, before,
                          after, address, user_agent, request_id, route)
SELECT tenant_id, id, actor_kind, actor_id, actor_name, action, entity, entity_id, label, before, after,
       address, user_agent, request_id, route
  FROM json_to_recordset(%(events)s::json) AS e (
       tenant_id uuid, id uuid, actor_kind text, actor_id uuid, actor_name text, action text, entity text,
       entity_id uuid, label text, before jsonb, after jsonb, address text, user_agent text, request_id text,
       route text)
"""
"""Writes events, given as one parameter: a list in JSON."""


def record(
    action: str,
    entity: str,
    entity_id: UUID | None,
    label: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    *,
    tenant_id: UUID | None = None,
) -> None:
    """Write one event of the current tenant.

    `label` names the thing for a person; `before` and `after` hold what changed. Amounts, dates and ids are written as
    text, as they are in the API.
    """
    _write([_event(action, entity, entity_id, label, _plain(before), _plain(after), tenant_id)])


def install() -> None:
    """Record the changes of audited models from now on."""
    if not event.contains(db.session, "before_flush", _collect):
        event.listen(db.session, "before_flush", _collect)
        event.listen(db.session, "after_flush", _write_collected)


def _event(
    action: str,
    entity: str,
    entity_id: UUID | None,
    label: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    tenant_id: UUID | None = None,
) -> dict[str, Any]:
    who, where = context.actor(), context.request_info()
    return {
        "tenant_id": tenant_id or current_tenant_or_none(),
        "id": new_id(),
        "actor_kind": who.kind if who else "nobody",
        "actor_id": who.person_id if who else None,
        "actor_name": who.name if who else "",
        "action": action,
        "entity": entity,
        "entity_id": entity_id,
        "label": label,
        "before": before,
        "after": after,
        "address": where.address,
        "user_agent": where.user_agent,
        "request_id": where.request_id,
        "route": where.route,
    }


def _write(events: list[dict[str, Any]]) -> None:
    run(EVENT_INSERT, {"events": orjson.dumps(events).decode()})


def _plain(values: dict[str, Any] | None) -> dict[str, Any] | None:
    return {name: _value(value) for name, value in values.items()} if values is not None else None


def _value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _label(row: Any) -> str:
    for name in ("title", "name", "subdomain", "email", "filename"):
        if value := row.__dict__.get(name):
            return str(value)[:200]
    return ""


def _collect(session: Session, _flush: UOWTransaction, _instances: Any) -> None:
    """Look at what the flush is about to write, while the old values are still known."""
    # A new list each time: what an earlier flush collected and could not write did not happen.
    pending = session.info[_PENDING] = []
    pending += (("created", row, None, None) for row in session.new if _is_audited(row))
    for row in session.dirty:
        if _is_audited(row):
            before, after = _changes(row)
            if after:
                pending.append((_action(after), row, before, after))
    pending += (("deleted", row, _columns(row), None) for row in session.deleted if _is_audited(row))


def _is_audited(row: Any) -> bool:
    return bool(getattr(type(row), "__audited__", False))


def _columns(row: Any) -> dict[str, Any]:
    hidden = getattr(type(row), "__audit_hidden__", ())
    found = {}
    for attribute in inspect(type(row)).column_attrs:
        name = attribute.key
        if name in _UNTOLD or (value := row.__dict__.get(name)) is None:
            continue
        found[name] = "(hidden)" if name in hidden else _value(value)
    return found


def _changes(row: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What differs from the row as it was read: (before, after)."""
    hidden = getattr(type(row), "__audit_hidden__", ())
    state = inspect(row)
    columns = state.mapper.column_attrs
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, known in state.committed_state.items():
        if name in _UNTOLD or name not in columns:
            continue
        old = None if isinstance(known, LoaderCallableStatus) else known
        new = state.dict.get(name)
        if old == new:
            continue
        before[name] = "(hidden)" if name in hidden else _value(old)
        after[name] = "(changed)" if name in hidden else _value(new)
    return before, after


def created_event(row: Any) -> dict[str, Any]:
    """The event that tells of a new row of a tenant, as `EVENT_INSERT` takes it."""
    return _event("created", type(row).__tablename__, row.id, _label(row), None, _columns(row), row.tenant_id)


def _action(after: dict[str, Any]) -> str:
    """What people call it: a row that is put into the bin is deleted, one that is taken out restored."""
    if "deleted_at" not in after:
        return "updated"
    return "restored" if after["deleted_at"] is None else "deleted"


def _write_collected(session: Session, _flush: UOWTransaction) -> None:
    pending = session.info.pop(_PENDING, [])
    events = []
    for action, row, before, after in pending:
        tenant_id: UUID | None
        if isinstance(row, TenantScoped):
            tenant_id = row.tenant_id
        elif type(row).__tablename__ == "tenants":
            tenant_id = row.id
        else:
            tenant_id = current_tenant_or_none()
        if tenant_id is None:  # a person, before any tenant is known: signing up tells it in the tenant that follows
            continue
        told = _columns(row) if action == "created" else after
        events.append(_event(action, type(row).__tablename__, row.id, _label(row), before, told, tenant_id))
    if events:
        _write(events)
