"""Vendors with rate cards, and trips, made through the services."""

from __future__ import annotations

import secrets
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.trips.models import RateCard, RateCardVersion, Trip, Vendor, VendorBill, VendorBillLine
from tracktok.trips.queries.bills import get_line
from tracktok.trips.queries.statements import find_statement
from tracktok.trips.schemas.bills import TripDisputeIn
from tracktok.trips.schemas.trips import TripIn
from tracktok.trips.services.bills import match_bill, open_dispute
from tracktok.trips.services.trips import create_trip

BY_KM: dict[str, Any] = {
    "model": "trip", "currency": "INR", "distance_unit": "km", "per_trip": "50", "per_distance": "12",
    "tax": {"percent": "5", "name": "GST"},
}  # fmt: skip


def make_fleet_vendor(name: str = "Sahyadri Cabs", **over: Any) -> Vendor:
    """A vendor, without a card."""
    vendor = Vendor(id=new_id(), **{"name": name, "billing_model": "trip", "currency": "INR", **over})
    db.session.add(vendor)
    db.session.flush()
    return vendor


def make_card(vendor: Vendor, terms: dict[str, Any] | None = None, **over: Any) -> RateCardVersion:
    """A rate card of a vendor with one version: 50 a trip and 12 a km, 5% tax, unless told otherwise."""
    terms = terms or BY_KM
    valid_from = over.pop("valid_from", date(2015, 1, 1))
    card = RateCard(
        id=new_id(),
        vendor_id=vendor.id,
        **{"name": "Standard", "billing_model": terms["model"], "currency": terms["currency"], **over},
    )
    db.session.add(card)
    db.session.flush()
    return add_version(card.id, terms, valid_from)


def add_version(card_id: UUID, terms: dict[str, Any], valid_from: date) -> RateCardVersion:
    """A further version of a card."""
    version = RateCardVersion(id=new_id(), rate_card_id=card_id, valid_from=valid_from, terms=terms)
    db.session.add(version)
    db.session.flush()
    return version


def trip_body(vendor: Vendor, **over: Any) -> dict[str, Any]:
    """A trip of 20 km in 45 minutes, as the API takes it."""
    return {
        "vendor_id": str(vendor.id), "started_at": "2026-03-10T08:00:00", "ended_at": "2026-03-10T08:45:00",
        "distance_km": "20", "vehicle": "KA 01 AB 1234", "origin": "Whitefield", "destination": "Electronic City",
        **over,
    }  # fmt: skip


def make_trip(vendor: Vendor, **over: Any) -> Trip:
    """A trip that was recorded."""
    return create_trip(TripIn.model_validate(trip_body(vendor, **over)))


def make_bill(vendor: Vendor, trip: Trip) -> tuple[VendorBill, VendorBillLine]:
    """A bill with a line that bills more than a trip costs."""
    day = trip.trip_date
    bill = VendorBill(
        id=new_id(), vendor_id=vendor.id, name="bill.csv", month=day.replace(day=1), currency=vendor.currency, lines=1,
        total=Decimal(500),
    )  # fmt: skip
    db.session.add(bill)
    db.session.flush()
    line = VendorBillLine(
        id=new_id(), bill_id=bill.id, vendor_id=vendor.id, number=2, fingerprint=secrets.token_hex(8),
        external_id=trip.external_id, trip_date=day, vehicle=trip.vehicle, amount=Decimal(500), verdict="missing",
    )  # fmt: skip
    db.session.add(line)
    db.session.flush()
    match_bill(bill)
    return bill, get_line(bill.id, line.id)


def make_trip_ids() -> dict[str, UUID]:
    """One of each, by the names of the parameters in addresses."""
    vendor = make_fleet_vendor(f"Fleet {secrets.token_hex(4)}")
    make_card(vendor)
    trip = make_trip(vendor, external_id="A1")
    bill, line = make_bill(vendor, trip)
    dispute = open_dispute(bill, line, TripDisputeIn())
    statement = find_statement(vendor.id, trip.trip_date.replace(day=1))
    assert statement is not None
    return {
        "trip_id": trip.id,
        "statement_id": statement.id,
        "bill_id": bill.id,
        "line_id": line.id,
        "dispute_id": dispute.id,
    }
