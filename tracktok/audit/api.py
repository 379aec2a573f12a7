"""The routes /api/v1/audit: the trail is read here; it is written by what happens."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import permits
from tracktok.web.api import Api, instant, json_response, list_of, list_response, path_of

from . import queries, schemas

api = Api("audit", __name__, prefix="/audit", tag="Audit")
EventPath = path_of("event_id")
_PLAIN = (
    "action", "entity", "entity_id", "label", "before", "after", "address", "user_agent", "request_id", "route",
)  # fmt: skip


def present(event: Any, seal: int | None) -> dict[str, Any]:
    """An entry as the API answers it."""
    return {
        "id": event.id,
        "at": instant(event.at),
        "actor": {"kind": event.actor_kind, "id": event.actor_id, "name": event.actor_name},
        **{name: getattr(event, name) for name in _PLAIN},
        "seal": seal,
    }


@api.get("/", responses={200: list_of(schemas.AuditEventOut)})
@permits("audit.read")
def list_events(query: schemas.AuditQuery) -> Response:
    """List the entries of the trail, the latest first.

    Filters may be combined; `entity` and `entity_id` together give one record's whole history.
    """
    if query.format != "json":
        return queries.export_events(query, query.format)
    page = queries.list_events(query)
    seals = queries.seals_of([row.transaction_id for row in page.rows])
    return list_response(page, [present(row, seals.get(row.transaction_id)) for row in page.rows])


@api.get("/seal", responses={200: schemas.SealStateOut})
@permits("audit.read")
def show_seal() -> Response:
    """How far the trail is sealed, and up to where the chain of seals was found sound."""
    found = queries.seal_state()
    return json_response(
        {
            "state": found.state,
            "seals": found.seals,
            "sealed_until": instant(found.sealed_until),
            "head": found.head.hex() or None,
            "waiting": found.waiting,
            "verified_seal": found.verified_seal or None,
            "verified_at": instant(found.verified_at),
            "faults": found.faults,
        }
    )


@api.get("/<uuid:event_id>", responses={200: schemas.AuditEventOut})
@permits("audit.read")
def show(path: EventPath) -> Response:  # type: ignore[valid-type]
    """Get an entry of the trail."""
    event = queries.get_event(path.event_id)  # type: ignore[attr-defined]
    seal = queries.seal_of(event.transaction_id)
    return json_response(present(event, seal.number if seal else None))
