"""Bills of vendors matched with our trips; lines disputed, agreed on, credited."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlalchemy.exc import IntegrityError

from tracktok.core import clock
from tracktok.core.context import actor
from tracktok.core.db import db
from tracktok.core.errors import Conflict
from tracktok.core.ids import new_id
from tracktok.core.money import round_amount
from tracktok.core.tenancy import current_tenant_id
from tracktok.trips.models import TripAdjustment, TripDispute, VendorBill, VendorBillLine
from tracktok.trips.queries import bills as queries
from tracktok.trips.queries.trips import charges_of
from tracktok.trips.rules.matching import TRANSITIONS, BillLine, Matched, OurTrip, match, words_for
from tracktok.trips.rules.trips import last_day, month_of, open_period
from tracktok.trips.schemas.bills import AgreeIn, RejectIn, TripDisputeIn

from .periods import hold_open, touch

ZERO = Decimal(0)


class IllegalDispute(Conflict):
    code, title = "illegal_status", "The dispute does not stand where this can be done"


def match_bill(bill: VendorBill) -> Counter[str]:
    """Match the lines of a bill with our trips as they are now; how many of each verdict."""
    lines = queries.all_lines(bill.id)
    days = [one.trip_date for one in lines if one.trip_date is not None] or [bill.month, last_day(bill.month)]
    around = timedelta(days=1)
    ids = sorted({one.external_id for one in lines if one.external_id})
    rows = queries.trips_to_match(bill.vendor_id, min(days) - around, max(days) + around, ids)
    trips = [
        OurTrip(row.id, row.external_id, row.trip_date, row.vehicle, row.distance_km,
                row.total if bill.with_tax else row.amount)
        for row in rows
    ]  # fmt: skip
    found = match(
        [
            BillLine(one.number, one.external_id, one.trip_date, one.vehicle, one.distance_km, one.amount)
            for one in lines
        ],
        trips,
        queries.billed_before(bill.vendor_id, bill.id),
    )
    values = [_matched(line, one) for line, one in zip(lines, found, strict=True)]
    if values:
        table = VendorBillLine.__table__
        db.session.execute(
            update(table)  # type: ignore[arg-type]
            .where(table.c.tenant_id == current_tenant_id(), table.c.id == bindparam("of"))
            .values(**{name: bindparam(f"to_{name}") for name in ("verdict", "trip_id", "expected", "expected_km")}),
            values,
        )
        db.session.expire_all()
    return Counter(one.verdict for one in found)


def _matched(line: VendorBillLine, one: Matched) -> dict[str, Any]:
    trip = one.trip
    return {
        "of": line.id,
        "to_verdict": one.verdict,
        "to_trip_id": trip.id if trip else None,
        "to_expected": trip.price if trip else None,
        "to_expected_km": trip.km if trip else None,
    }


def open_dispute(bill: VendorBill, line: VendorBillLine, body: TripDisputeIn) -> TripDispute:
    """Dispute a line of a bill. Raises IllegalDispute (409) when it is disputed already."""
    owed = line.expected if line.verdict in {"over_km", "rate_drift", "matched"} else ZERO
    reason = body.reason.strip() or words_for(
        line.verdict, line.distance_km, line.expected_km, line.amount, line.expected
    )
    who = actor()
    dispute = TripDispute(
        id=new_id(), vendor_id=bill.vendor_id, line_id=line.id, trip_id=line.trip_id,
        about=month_of(line.trip_date or bill.month), reason=reason, currency=bill.currency, claimed=line.amount,
        expected=owed or ZERO, opened_by=who.person_id if who else None,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(dispute)
            db.session.flush()
    except IntegrityError as error:
        if "line_id" in str(error.orig):
            raise IllegalDispute("This line is disputed already.") from error
        raise
    db.session.refresh(dispute)
    return dispute


def agree(dispute: TripDispute, body: AgreeIn) -> TripDispute:
    """Both agreed on a price. Raises IllegalDispute (409)."""
    _move(dispute, "agree")
    dispute.agreed = round_amount(body.agreed, dispute.currency)
    dispute.resolution = body.resolution
    db.session.flush()
    return dispute


def reject(dispute: TripDispute, body: RejectIn) -> TripDispute:
    """The line stays as our rate card says; the vendor bills it anew. Raises IllegalDispute (409)."""
    _move(dispute, "reject")
    dispute.resolution, dispute.closed_at = body.resolution, clock.now()
    db.session.flush()
    return dispute


def reopen(dispute: TripDispute) -> TripDispute:
    """Talk about it again. Raises IllegalDispute (409)."""
    _move(dispute, "reopen")
    dispute.agreed, dispute.closed_at = None, None
    db.session.flush()
    return dispute


def credit(dispute: TripDispute) -> TripDispute:
    """Bring what was agreed onto the next open statement: the difference to what the rate card says, as an adjustment.

    Raises IllegalDispute (409).
    """
    closed = hold_open([dispute.vendor_id])[dispute.vendor_id]
    _move(dispute, "credit")
    difference = (dispute.agreed or ZERO) - dispute.expected
    if difference:
        adjustment = _adjust(dispute, difference, open_period(dispute.about, closed))
        dispute.adjustment_id = adjustment
    dispute.closed_at = clock.now()
    db.session.flush()
    return dispute


def _adjust(dispute: TripDispute, difference: Decimal, period: date) -> Any:
    tax = ZERO
    charges = charges_of(dispute.trip_id) if dispute.trip_id is not None else []
    if charges and charges[0].total:
        tax = round_amount(difference * charges[0].tax / charges[0].total, dispute.currency)
    who = actor()
    row: dict[str, Any] = {
        "tenant_id": current_tenant_id(), "id": new_id(), "vendor_id": dispute.vendor_id, "trip_id": dispute.trip_id,
        "version_id": None, "period": period, "about": dispute.about, "kind": "credit",
        "reason": f"Agreed: {dispute.reason}"[:500], "currency": dispute.currency, "amount": difference - tax,
        "tax": tax, "total": difference, "trace": [], "actor_id": who.person_id if who else None,
    }  # fmt: skip
    db.session.execute(insert(TripAdjustment.__table__), [row])  # type: ignore[arg-type]
    touch([(dispute.vendor_id, period)])
    return row["id"]


def _move(dispute: TripDispute, action: str) -> None:
    to = TRANSITIONS.get((dispute.status, action))
    if to is None:
        words = {"agree": "agreed on", "reject": "rejected", "reopen": "opened again", "credit": "credited"}[action]
        raise IllegalDispute(f"This dispute is {dispute.status}; it cannot be {words}.")
    dispute.status = to
