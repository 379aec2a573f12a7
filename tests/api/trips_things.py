"""Vendors, rate cards, trips and what is owed for them, each as far on its way as the operation needs it."""

from __future__ import annotations

import secrets
from datetime import date
from decimal import Decimal
from uuid import UUID

from tests.factories.expenses import make_account
from tests.factories.trips import BY_KM, add_version, make_bill, make_card, make_fleet_vendor, make_trip
from tests.factories.vendors import make_vendor, make_vendor_ids
from tracktok.trips.models import TripDispute
from tracktok.trips.queries.statements import find_statement, get_statement
from tracktok.trips.schemas.bills import AgreeIn, RejectIn, TripDisputeIn
from tracktok.trips.schemas.statements import ApproveIn, PayIn
from tracktok.trips.services.bills import agree, open_dispute, reject
from tracktok.trips.services.statements import approve_statement, pay_statement

Made = dict[str, UUID]
OF_VENDORS = {"vendors", "rate-cards", "incentive-rules"}
OF_TRIPS = {"trips", "statements", "vendor-bills", "trip-disputes"}


def make_trips(label: str) -> Made:
    """What an operation of trips names; empty for the operations of other areas. Call it as the owner."""
    method, path = label.split(" ")
    area, _, rest = path.removeprefix("/api/v1/").partition("/")
    if area in OF_VENDORS:
        if (area == "rate-cards" and not rest) or f"{method} {rest}" == "DELETE {vendor_id}":
            return {"vendor_id": make_vendor().id}  # One without a card.
        made = make_vendor_ids()
        if rest.endswith("/copy"):
            return {**made, "vendor_id": make_vendor().id}
        if "/versions/" in rest or rest.endswith("/compare"):  # One of several: the only one stays.
            add_version(made["rate_card_id"], BY_KM, date(2026, 3, 1))
        return {**made, "version_id": made["rate_card_version_id"]}
    if area not in OF_TRIPS:
        return {}
    vendor = make_fleet_vendor(f"Fleet {secrets.token_hex(4)}")
    version = make_card(vendor)
    made = {"vendor_id": vendor.id, "version_id": version.id, "rate_card_id": version.rate_card_id}
    if not rest:
        return made
    trip = make_trip(vendor, external_id="A1")
    made["trip_id"] = trip.id
    if area == "statements":
        found = find_statement(vendor.id, trip.trip_date.replace(day=1))
        assert found is not None
        return {**made, **_statement(found.id, rest)}
    if area in {"vendor-bills", "trip-disputes"}:
        bill, line = make_bill(vendor, trip)
        made |= {"bill_id": bill.id, "line_id": line.id}
        if area == "trip-disputes":
            made["dispute_id"] = _dispute(open_dispute(bill, line, TripDisputeIn()), rest).id
    return made


def _statement(statement_id: UUID, rest: str) -> Made:
    """A statement; approved for a payment, paid for one that is taken back."""
    account = make_account()
    if rest.endswith(("/pay", "/unpay")):
        approve_statement(get_statement(statement_id, for_update=True), ApproveIn())
    if rest.endswith("/unpay"):
        pay_statement(get_statement(statement_id, for_update=True), PayIn(account_id=account.id))
    return {"statement_id": statement_id, "account_id": account.id}


def _dispute(dispute: TripDispute, rest: str) -> TripDispute:
    """A dispute; rejected for being opened again, agreed for being credited."""
    if rest.endswith("/reopen"):
        reject(dispute, RejectIn())
    if rest.endswith("/credit"):
        agree(dispute, AgreeIn(agreed=Decimal(400)))
    return dispute
