"""Trips to a customer's invoice: each billed once, let go when its line, draft or invoice is gone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Invalid
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.models import Customer
from tracktok.customers.queries import get_service_row
from tracktok.invoices.models import BilledTrip, DocumentKind, SalesDocument
from tracktok.invoices.queries import billed_trips as queries
from tracktok.invoices.queries import documents, parties
from tracktok.invoices.rules.trip_lines import (
    TripLine,
    TripPricing,
    TripToBill,
    cost_of,
    describe,
    group_trips,
    quantity_of,
)
from tracktok.invoices.schemas.documents import InvoiceIn
from tracktok.invoices.schemas.lines import MOST_LINES, SourcedLine
from tracktok.invoices.schemas.trips import MOST_TRIPS, BillTripsIn
from tracktok.ledger.queries import rate_between
from tracktok.web.filters import format_day, plural

from .deriving import today
from .drafts import Written, change_document, check_draft, create_document, preview, values_of
from .filling import SourceBilled


def bill_trips(body: BillTripsIn) -> Written:
    """Put trips on a new draft or on one that is there. Raises Invalid (422), SourceBilled (409), NotADraft (409)."""
    document = None
    if body.document_id is not None:
        document = documents.get_document(body.document_id, DocumentKind.invoice, for_update=True)
        check_draft(document)
        if document.customer_id != body.customer_id:
            raise Invalid.at("document_id", "This draft is of another customer.")
    lines = draw_lines(body, document, lock=True)
    batches = [(new_id(), line) for line in lines]
    added = [sourced(line, body, batch) for batch, line in batches]
    values: dict[str, Any]
    if document is None:
        values = {"customer_id": body.customer_id, "lines": added, "invoice_date": body.invoice_date}
        written = create_document(DocumentKind.invoice, InvoiceIn.model_validate(values))
    else:
        values = values_of(document, documents.lines_of(document.id))
        if len(values["lines"]) + len(added) > MOST_LINES:
            raise Invalid.at("group", f"An invoice has at most {MOST_LINES:,} lines. Put more trips on one line.")
        values["lines"] = [*values["lines"], *added]
        written = change_document(document, InvoiceIn.model_validate(values))
    rows = [
        {
            "tenant_id": current_tenant_id(),
            "id": new_id(),
            "trip_id": trip.id,
            "document_id": written.document.id,
            "batch_id": batch,
        }
        for batch, line in batches
        for trip in line.trips
    ]
    try:
        with db.session.begin_nested():
            db.session.execute(insert(BilledTrip), rows)
    except IntegrityError as error:
        if "uq_billed_trips_held" in str(error.orig):
            raise SourceBilled("One of these trips was billed by somebody else at this moment.") from error
        raise
    return written


def draw_lines(body: BillTripsIn, document: SalesDocument | None = None, *, lock: bool = False) -> list[TripLine]:
    """The lines that trips would make; without `lock` for a look at them. Raises Invalid (422), SourceBilled (409)."""
    customer = parties.find_customer(body.customer_id)
    if customer is None or customer.deleted_at is not None:
        raise Invalid.at("customer_id", "There is no such customer.", "not_found")
    trips = _trips(body, customer, lock=lock)
    service = get_service_row(body.service_type_id) if body.service_type_id else None
    if service is None and not body.pricing.is_by_cost and body.unit_price is None:
        raise Invalid.at("service_type_id", "Choose the service whose price is asked, or enter a price.", "missing")
    if body.pricing.is_by_cost and (without := sum(1 for one in trips if one.cost is None)):
        raise Invalid.at(
            "pricing", f"{plural(without, 'trip')} of these have no price. Price them by a rate card first."
        )
    groups = group_trips(trips, body.group)
    if len(groups) > MOST_LINES:
        raise Invalid.at("group", f"These would be {len(groups):,} lines. Put more trips on one line.")
    currency = document.currency if document else customer.currency or preferences().currency
    day = document.document_date if document else body.invoice_date or today()
    percent = body.markup_percent if body.pricing is TripPricing.markup else Decimal(0)
    lines = []
    for group in groups:
        if body.pricing.is_by_cost:
            price: Decimal | None = cost_of(group, currency, percent, lambda own: _rate(own, currency, day))
        else:
            price = body.unit_price
        unit = service.unit if service is not None and not body.pricing.is_by_cost else ""
        quantity, unit = quantity_of(group, body.pricing, unit)
        lines.append(TripLine(group, describe(group, body.group, format_day)[:2000], quantity, unit, price))
    return lines


def look_at_lines(body: BillTripsIn) -> tuple[list[TripLine], dict[str, Any]]:
    """The lines, and the invoice that they would make by themselves; nothing is written."""
    document = documents.get_document(body.document_id, DocumentKind.invoice) if body.document_id else None
    lines = draw_lines(body, document)
    values = {"customer_id": body.customer_id, "lines": [sourced(line, body, None) for line in lines]}
    if document is not None:
        values |= {"currency": document.currency, "invoice_date": document.document_date}
    elif body.invoice_date is not None:
        values["invoice_date"] = body.invoice_date
    return lines, preview(DocumentKind.invoice, InvoiceIn.model_validate(values))


def sourced(line: TripLine, body: BillTripsIn, batch: UUID | None) -> SourcedLine:
    """A line as documents take it."""
    return SourcedLine(
        description=line.description,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        service_type_id=body.service_type_id,
        source=queries.TRIPS if batch else "",
        source_id=batch,
    )


def _trips(body: BillTripsIn, customer: Customer, *, lock: bool) -> list[TripToBill]:
    if body.trip_ids is None:
        found = queries.find_unbilled(body, MOST_TRIPS + 1)
        if not found:
            raise Invalid.at("customer_id", "No completed trip of this customer waits to be billed.", "nothing")
        if len(found) > MOST_TRIPS:
            raise Invalid.at("date_from", f"These are more than {MOST_TRIPS:,} trips. Choose a shorter time.")
        ids = [row.id for row in found]
    else:
        ids = list(dict.fromkeys(body.trip_ids))
        if not ids:
            raise Invalid.at("trip_ids", "Choose the trips to bill.", "missing")
    rows = queries.read_trips(ids, lock=lock)
    if len(rows) != len(ids):
        raise Invalid.at("trip_ids", "One of these trips is not there.", "not_found")
    if any(row.status != "completed" for row in rows.values()):
        raise Invalid.at("trip_ids", "Only trips that were completed are billed.")
    if any(row.customer_id not in {None, customer.id} for row in rows.values()):
        raise Invalid.at("trip_ids", f"One of these trips was driven for somebody else than {customer.name}.")
    if held := queries.holders_of(ids):
        where = f"invoice {held[0].number}" if held[0].number else "a draft"
        name = queries.to_bill(rows[held[0].trip_id]).name
        raise SourceBilled(f"{f'Trip {name}' if name else 'One of these trips'} is billed by {where} already.")
    return [queries.to_bill(rows[one]) for one in ids]


def _rate(own: str, currency: str, day: date) -> Decimal:
    if own == currency:
        return Decimal(1)
    found = rate_between(own, currency, day)
    if found is None:
        raise Invalid.at("pricing", f"No exchange rate from {own} to {currency} is known for {format_day(day)}.")
    return found.rate


def why_billed(first: UUID, last: UUID) -> str:
    """Why the trips of a range of ids cannot be taken back: documents bill some of them. Empty where none does."""
    count, number = queries.held_between(first, last)
    if not count:
        return ""
    trips = "1 of its trips is" if count == 1 else f"{count:,} of its trips are"
    return (
        f"{trips} billed to customers ({f'invoice {number}' if number else 'on a draft'}). Take them off there first."
    )


def refuse_when_billed(trip: Any) -> None:
    """Raise SourceBilled when a document bills a trip that is about to be deleted."""
    for row in queries.holders_of([trip.id]):
        where = f"invoice {row.number}" if row.number else "a draft of an invoice"
        raise SourceBilled(f"This trip is billed by {where}. Take it off there first.")
