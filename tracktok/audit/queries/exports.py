"""The filtered trail as a file."""

from __future__ import annotations

from flask import Response
from sqlalchemy import Text, case, cast, literal

from tracktok.audit.models import AuditEvent
from tracktok.audit.schemas import AuditFilters
from tracktok.core.context import preferences
from tracktok.core.tenancy import current_tenant_id
from tracktok.web import records
from tracktok.web.exporting import ExportColumn, export_name, export_response

from . import trail, words


def export_events(filters: AuditFilters, file_format: str) -> Response:
    """All entries that fit, the latest first, as a CSV or XLSX file."""
    selection = trail.select_filters(filters)
    nouns = {entity: literal(kind.noun) for entity, kind in records.kinds().items()}
    columns = (
        ExportColumn(f"When ({preferences().timezone})", trail.local_text(AuditEvent.at), "word"),
        ExportColumn("Who", AuditEvent.actor_name),
        ExportColumn("Kind of actor", AuditEvent.actor_kind, "word"),
        ExportColumn("Action", AuditEvent.action, "word"),
        ExportColumn("Kind of record", case(nouns, value=AuditEvent.entity, else_=AuditEvent.entity), "word"),
        ExportColumn("Record", AuditEvent.label),
        ExportColumn("Before", cast(AuditEvent.before, Text)),
        ExportColumn("After", cast(AuditEvent.after, Text)),
        ExportColumn("Address", AuditEvent.address),
        ExportColumn("Device", AuditEvent.user_agent),
        ExportColumn("Request", AuditEvent.request_id),
        ExportColumn("Route", AuditEvent.route),
        ExportColumn("Record id", AuditEvent.entity_id, "word"),
        ExportColumn("Who id", AuditEvent.actor_id, "word"),
        ExportColumn("Id", AuditEvent.id, "word"),
    )
    return export_response(
        columns,
        lambda wanted: trail.chosen_events(selection, wanted),
        selection.parameters,
        file_format,
        export_name("audit", words.names_of("tenants", [current_tenant_id()])[current_tenant_id()]),
    )
