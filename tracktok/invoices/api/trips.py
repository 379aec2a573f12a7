"""Trips to invoices."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.money import format_amount
from tracktok.core.permissions import permits
from tracktok.invoices.models import DocumentKind
from tracktok.invoices.queries import billed_trips as queries
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.schemas import documents as schemas
from tracktok.invoices.schemas.trips import BillableTripOut, BillableTripQuery, BilledTripsOut, BillTripsIn
from tracktok.invoices.services.billing_trips import bill_trips, look_at_lines
from tracktok.trips.rules.cards import plain
from tracktok.trips.rules.trips import shown_id
from tracktok.web.api import json_response, list_of, list_response

from . import answers
from .invoices import InvoicePath, api

_SAME = ("id", "vendor_id", "vendor", "trip_date", "route", "origin", "destination", "vehicle", "project_id")


@api.get("/billable-trips", responses={200: list_of(BillableTripOut)})
@permits("invoices.write")
def list_billable_trips(query: BillableTripQuery) -> Response:
    """List the completed trips of a customer that no invoice bills yet, the oldest first, with what they cost."""
    page = queries.list_unbilled(query)
    data: list[dict[str, Any]] = [
        {
            **{name: getattr(row, name) for name in _SAME},
            "external_id": shown_id(row.external_id),
            "distance_km": plain(row.distance_km),
            "currency": row.currency,
            "cost": None if row.cost is None else format_amount(row.cost, row.currency),
        }
        for row in page.rows
    ]
    return list_response(page, data)


@api.post("/from-trips", responses={201: schemas.DocumentWritten, 200: schemas.DocumentWritten})
@permits("invoices.write")
def create_from_trips(body: BillTripsIn) -> Response:
    """Bill trips: a new draft (201), or more lines on a draft (200). Each trip is billed once."""
    return answers.written(bill_trips(body), 201 if body.document_id is None else 200)


@api.post("/from-trips/preview", responses={200: schemas.DocumentWritten})
@permits("invoices.write")
def preview_from_trips(body: BillTripsIn) -> Response:
    """The lines that trips would make, with taxes and totals; nothing is written."""
    return json_response(look_at_lines(body)[1])


@api.get("/<uuid:invoice_id>/trips", responses={200: BilledTripsOut})
@permits("invoices.read")
def list_trips(path: InvoicePath) -> Response:  # type: ignore[valid-type]
    """The trips that an invoice bills, by line; of a void one, those that it billed."""
    document = get_document(path.invoice_id, DocumentKind.invoice)  # type: ignore[attr-defined]
    trips = [
        {
            **{name: getattr(row, name) for name in ("trip_id", "line_id", "position", "vendor", "trip_date")},
            "external_id": shown_id(row.external_id),
            "distance_km": plain(row.distance_km),
        }
        for row in queries.trips_of(document.id)
    ]
    return json_response({"trips": trips})
