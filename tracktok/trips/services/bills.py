"""Bills of vendors matched with our trips; lines disputed, agreed on, credited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import bindparam, insert, update
from sqlalchemy.exc import IntegrityError

from tracktok.core import clock
from tracktok.core.context import actor
from tracktok.core.db import db
from tracktok.core.errors import Conflict, Invalid
from tracktok.core.ids import new_id
from tracktok.core.money import round_amount
from tracktok.core.tenancy import current_tenant_id
from tracktok.trips.models import TripAdjustment, TripDispute, VendorBill, VendorBillLine
from tracktok.trips.queries import bills as queries
from tracktok.trips.queries.adjustments import TripCost, cost_now
from tracktok.trips.queries.portals import disputes_of_trip
from tracktok.trips.queries.trips import lock_trip
from tracktok.trips.rules.matching import TRANSITIONS, BillLine, Matched, OurTrip, match, words_for
from tracktok.trips.rules.trips import last_day, month_of, open_period
from tracktok.trips.schemas.bills import AgreeIn, RejectIn, TripDisputeIn
from tracktok.web.filters import format_money

from .dispute_news import tell_vendor
from .periods import hold_open, touch

ZERO = Decimal(0)
BESIDE_OUR_TRIPS = {"missing", "duplicate"}
"""Lines of which nothing is owed: what both agree to pay for them comes on top."""
STILL_TALKING = {"open", "agreed"}


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
        queries.billed_before([row.id for row in rows], bill.id),
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
        _take_back(bill)
    return Counter(one.verdict for one in found)


def match_credited(vendor_ids: Iterable[UUID]) -> None:
    """Match those bills again of which a line was credited that had no trip: it may be among those just written."""
    for bill in queries.bills_credited_without_trip(vendor_ids):
        match_bill(bill)


def _take_back(bill: VendorBill) -> None:
    """What was credited for a line without a trip, which has one now: the trip is owed by its card, and not twice.

    The credit is taken back, and what was agreed above or below the trip's own price comes in its place: together the
    vendor gets what was agreed. A trip that no card has priced yet, or in another currency, waits for the next match.
    """
    for dispute, line, credited in queries.credited_without_trip(bill.id):
        lock_trip(line.trip_id)
        cost = cost_now(line.trip_id)
        if cost.is_deleted or cost.currency != dispute.currency:
            continue
        period = open_period(dispute.about, hold_open([dispute.vendor_id])[dispute.vendor_id])
        why = f"Taken back, as the trip is in the records since: {dispute.reason}"
        taken = _adjust(dispute, None, -credited.amount, -credited.tax, period, why)
        dispute.trip_id = line.trip_id
        dispute.adjustment_id = _credit(dispute, line.trip_id, cost, period, with_tax=bill.with_tax) or taken
        db.session.flush()
        text = "What was credited for it is taken back; with its price it comes to what was agreed."
        tell_vendor(dispute, "A trip that was missing is in the records", text)


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
    """Dispute a line of a bill. Raises IllegalDispute (409) when it, or the price of its trip, is disputed already."""
    trip_id = _priced_trip(line)
    if trip_id is not None:
        lock_trip(trip_id)
        if any(row.status in STILL_TALKING for row in disputes_of_trip(trip_id)):
            raise IllegalDispute("The price of this trip is disputed already. Answer there.")
    owed = cost_now(trip_id).owed(with_tax=bill.with_tax) if trip_id is not None else ZERO
    reason = body.reason.strip() or words_for(
        line.verdict, line.distance_km, line.expected_km, line.amount, line.expected
    )
    who = actor()
    dispute = TripDispute(
        id=new_id(), vendor_id=bill.vendor_id, line_id=line.id, trip_id=line.trip_id,
        about=month_of(line.trip_date or bill.month), reason=reason, currency=bill.currency, claimed=line.amount,
        expected=owed, opened_by=who.person_id if who else None,
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
    tell_vendor(dispute, "A line of your bill is disputed", reason)
    return dispute


def agree(dispute: TripDispute, body: AgreeIn) -> TripDispute:
    """Both agreed on a price. Raises IllegalDispute (409), Invalid (422) above what is billed."""
    to, agreed = _next(dispute, "agree"), round_amount(body.agreed, dispute.currency)
    most = max(dispute.claimed, dispute.expected)
    if agreed > most:
        text = f"The vendor asks for {format_money(most, dispute.currency)}. Nobody agrees on more than that."
        raise Invalid.at("agreed", text)
    dispute.status, dispute.agreed, dispute.resolution = to, agreed, body.resolution
    db.session.flush()
    tell_vendor(dispute, f"Agreed: {format_money(agreed, dispute.currency)}", body.resolution)
    return dispute


def reject(dispute: TripDispute, body: RejectIn) -> TripDispute:
    """The line stays as our rate card says; the vendor bills it anew. Raises IllegalDispute (409)."""
    dispute.status = _next(dispute, "reject")
    dispute.resolution, dispute.closed_at = body.resolution, clock.now()
    db.session.flush()
    tell_vendor(dispute, "A dispute was rejected: it stays as the rate card says", body.resolution)
    return dispute


def reopen(dispute: TripDispute) -> TripDispute:
    """Talk about it again. Raises IllegalDispute (409)."""
    dispute.status = _next(dispute, "reopen")
    dispute.agreed, dispute.closed_at = None, None
    db.session.flush()
    tell_vendor(dispute, "A dispute is open again", dispute.reason)
    return dispute


def credit(dispute: TripDispute) -> TripDispute:
    """Bring what was agreed onto the next open statement, as an adjustment.

    It is the difference to what the trip costs by then, with what was adjusted and credited since the dispute began:
    whatever else was said about the trip, it comes to what was agreed and no more. Raises IllegalDispute (409).
    """
    trip_id, with_tax = _subject(dispute), queries.is_with_tax(dispute)
    if trip_id is not None:
        lock_trip(trip_id)
    closed = hold_open([dispute.vendor_id])[dispute.vendor_id]
    to = _next(dispute, "credit")
    cost = cost_now(trip_id) if trip_id is not None else None
    if cost is not None and cost.is_deleted:
        raise IllegalDispute(
            "This trip was deleted meanwhile: nothing is owed for it. Open the dispute again, reject it."
        )
    if cost is not None and cost.currency not in {"", dispute.currency}:
        text = f"By the rate card this trip costs {cost.currency}; an amount in {dispute.currency} cannot replace it."
        raise IllegalDispute(text)
    dispute.adjustment_id = _credit(dispute, trip_id, cost, open_period(dispute.about, closed), with_tax=with_tax)
    dispute.status, dispute.closed_at = to, clock.now()
    db.session.flush()
    tell_vendor(dispute, "What was agreed stands on your next statement", dispute.reason)
    return dispute


def _priced_trip(line: VendorBillLine) -> UUID | None:
    """The trip that a line is the bill of; none where we have no such trip, or another line bills it."""
    return line.trip_id if line.verdict not in BESIDE_OUR_TRIPS else None


def _subject(dispute: TripDispute) -> UUID | None:
    """The trip whose price a dispute is about."""
    line = queries.find_line(dispute.line_id) if dispute.line_id is not None else None
    return _priced_trip(line) if line is not None else dispute.trip_id


def _tax_of(difference: Decimal, cost: TripCost | None, currency: str, *, with_tax: bool) -> Decimal:
    """How much of a difference (of amounts with or without tax) is tax, or comes to it as tax: as with the price."""
    if cost is None:
        return ZERO
    of = cost.charged + cost.charged_tax if with_tax else cost.charged
    return round_amount(difference * cost.charged_tax / of, currency) if of else ZERO


def _credit(
    dispute: TripDispute, trip_id: UUID | None, cost: TripCost | None, period: date, *, with_tax: bool
) -> UUID | None:
    """The adjustment that brings the cost to what was agreed; None where it is that already."""
    difference = (dispute.agreed or ZERO) - (cost.owed(with_tax=with_tax) if cost is not None else ZERO)
    if not difference:
        return None
    tax = _tax_of(difference, cost, dispute.currency, with_tax=with_tax)
    net = difference - tax if with_tax else difference
    return _adjust(dispute, trip_id, net, tax, period, f"Agreed: {dispute.reason}")


def _adjust(
    dispute: TripDispute, trip_id: UUID | None, amount: Decimal, tax: Decimal, period: date, reason: str
) -> UUID:
    who = actor()
    row: dict[str, Any] = {
        "tenant_id": current_tenant_id(), "id": new_id(), "vendor_id": dispute.vendor_id, "trip_id": trip_id,
        "version_id": None, "period": period, "about": dispute.about, "kind": "credit",
        "reason": reason[:500], "currency": dispute.currency, "amount": amount,
        "tax": tax, "total": amount + tax, "trace": [], "actor_id": who.person_id if who else None,
    }  # fmt: skip
    db.session.execute(insert(TripAdjustment.__table__), [row])  # type: ignore[arg-type]
    touch([(dispute.vendor_id, period)])
    return cast("UUID", row["id"])


def _next(dispute: TripDispute, action: str) -> str:
    """Where a dispute stands after an action. Raises IllegalDispute (409)."""
    to = TRANSITIONS.get((dispute.status, action))
    if to is None:
        words = {"agree": "agreed on", "reject": "rejected", "reopen": "opened again", "credit": "credited"}[action]
        raise IllegalDispute(f"This dispute is {dispute.status}; it cannot be {words}.")
    return to
