"""Usage events as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by
from tracktok.core.tenancy import current_tenant_id
from tracktok.usage.models import Meter, UsageEvent
from tracktok.usage.schemas.events import UsageQuery

SORTS = {"id": sort_by(UsageEvent.id)}
NEWEST = "-id"
_COLUMNS = (
    UsageEvent.id, UsageEvent.quantity, UsageEvent.user_id, UsageEvent.customer_id, UsageEvent.occurred_at,
    UsageEvent.recorded_at, UsageEvent.source, UsageEvent.event_id, UsageEvent.properties, UsageEvent.meter_id,
    Meter.code, Meter.unit, Meter.name.label("meter"),
)  # fmt: skip
_ROWS = select(*_COLUMNS).join(Meter, (Meter.tenant_id == UsageEvent.tenant_id) & (Meter.id == UsageEvent.meter_id))
_ONE = _ROWS.where(UsageEvent.id == bindparam("usage_id"))
_KNOWN = """
SELECT e.source, e.event_id, e.id, e.fingerprint
  FROM unnest(%(sources)s::text[], %(ids)s::text[]) AS k (source, event_id)
  JOIN usage_events e ON e.tenant_id = %(tenant)s AND e.source = k.source AND e.event_id = k.event_id
"""


def get_usage(usage_id: UUID) -> Any:
    """An event with its meter. Raises NotFound."""
    row = db.session.execute(_ONE, {"usage_id": usage_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such usage event.")
    return row


def find_known(keys: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Any]:
    """Events that are kept, by source and event id."""
    sources, ids = zip(*keys, strict=True)
    given = {"tenant": current_tenant_id(), "sources": list(sources), "ids": list(ids)}
    rows = db.session.connection().exec_driver_sql(_KNOWN, given)
    return {(row.source, row.event_id): row for row in rows}


@cache
def _list(shape: frozenset[str], after: bool) -> Select[Any]:  # noqa: FBT001 - a shape
    wheres: dict[str, Any] = {
        "event": Meter.code == bindparam("event"),
        "customer_id": UsageEvent.customer_id == bindparam("customer_id"),
        "user_id": UsageEvent.user_id == bindparam("user_id"),
        "from_": UsageEvent.occurred_at >= bindparam("from_"),
        "to": UsageEvent.occurred_at < bindparam("to"),
    }
    statement = _ROWS.where(*(wheres[name] for name in sorted(shape)))
    if "user_id" in shape:
        statement = statement.where(UsageEvent.user_id != "")  # what its index holds
    return keyset(statement, sorts=SORTS, id_column=UsageEvent.id, sort=NEWEST, after=after)


def list_usage(query: UsageQuery) -> Page:
    """One page of events, the newest first."""
    given = {name: getattr(query, name) for name in ("event", "customer_id", "user_id", "from_", "to")}
    given = {name: value for name, value in given.items() if value not in {None, ""}}
    parameters = page_parameters(sorts=SORTS, sort=NEWEST, cursor=query.cursor, limit=query.limit)
    rows = db.session.execute(_list(frozenset(given), bool(query.cursor)), {**given, **parameters}).all()
    return make_page(rows, sort=NEWEST, limit=query.limit, sort_key="id")
