"""Bills of vendors, their lines, what they did not bill, and disputes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, bindparam, func, or_, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.trips.models import Trip, TripAdjustment, TripCharge, TripDispute, Vendor, VendorBill, VendorBillLine
from tracktok.trips.schemas.bills import BillQuery, DisputeQuery, LineQuery

from .adjustments import adjusted
from .trips import standing_charge

_AT_ONCE = 5_000
SORTS = {"month": sort_by(VendorBill.month)}
LINE_SORTS = {"number": sort_by(VendorBillLine.number)}
DISPUTE_SORTS = {"created_at": sort_by(TripDispute.created_at)}


class BillNotFound(NotFound):
    code, title = "bill_not_found", "There is no such bill"


class DisputeNotFound(NotFound):
    code, title = "dispute_not_found", "There is no such dispute"


def get_bill(bill_id: UUID) -> VendorBill:
    """A bill of the current tenant; raises BillNotFound."""
    found = db.session.execute(select(VendorBill).where(VendorBill.id == bill_id)).scalar_one_or_none()
    if found is None:
        raise BillNotFound
    return found


def get_line(bill_id: UUID, line_id: UUID) -> VendorBillLine:
    """A line of a bill; raises BillNotFound."""
    found = db.session.execute(
        select(VendorBillLine).where(VendorBillLine.bill_id == bill_id, VendorBillLine.id == line_id)
    ).scalar_one_or_none()
    if found is None:
        raise BillNotFound("There is no such line.")
    return found


def get_dispute(dispute_id: UUID, *, for_update: bool = False) -> TripDispute:
    """A dispute of the current tenant; raises DisputeNotFound."""
    statement = select(TripDispute).where(TripDispute.id == dispute_id)
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise DisputeNotFound
    return found


def list_bills(query: BillQuery) -> Page:
    """One page of bills, the latest month first."""
    statement: Any = select(
        VendorBill.id, VendorBill.vendor_id, VendorBill.name, VendorBill.month, VendorBill.currency,
        VendorBill.with_tax,
        VendorBill.lines, VendorBill.total, VendorBill.created_at, VendorBill.version, Vendor.name.label("vendor"),
    ).join(Vendor, (Vendor.tenant_id == VendorBill.tenant_id) & (Vendor.id == VendorBill.vendor_id))  # fmt: skip
    if query.vendor_id is not None:
        statement = statement.where(VendorBill.vendor_id == query.vendor_id)
    return fetch_page(
        statement, sorts=SORTS, id_column=VendorBill.id, sort="-month", cursor=query.cursor, limit=query.limit
    )


def verdicts_of(bill_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """How many lines of each verdict bills have."""
    found: dict[UUID, dict[str, int]] = {one: {} for one in bill_ids}
    rows = db.session.execute(
        select(VendorBillLine.bill_id, VendorBillLine.verdict, func.count().label("lines"))
        .where(VendorBillLine.bill_id.in_(bill_ids))
        .group_by(VendorBillLine.bill_id, VendorBillLine.verdict)
    )
    for row in rows:
        found[row.bill_id][row.verdict] = row.lines
    return found


_LINE = (
    VendorBillLine.id, VendorBillLine.number, VendorBillLine.external_id, VendorBillLine.trip_date,
    VendorBillLine.vehicle, VendorBillLine.distance_km, VendorBillLine.amount, VendorBillLine.verdict,
    VendorBillLine.trip_id, VendorBillLine.expected, VendorBillLine.expected_km, TripDispute.id.label("dispute_id"),
    TripDispute.status.label("dispute_status"),
)  # fmt: skip


def list_lines(bill_id: UUID, query: LineQuery) -> Page:
    """One page of a bill's lines in the order of its file."""
    statement: Any = (
        select(*_LINE)
        .outerjoin(
            TripDispute,
            (TripDispute.tenant_id == VendorBillLine.tenant_id) & (TripDispute.line_id == VendorBillLine.id),
        )
        .where(VendorBillLine.bill_id == bill_id)
    )
    if query.verdict is not None:
        statement = statement.where(VendorBillLine.verdict == query.verdict.value)
    return fetch_page(
        statement, sorts=LINE_SORTS, id_column=VendorBillLine.id, sort="number", cursor=query.cursor, limit=query.limit
    )


def all_lines(bill_id: UUID) -> Sequence[VendorBillLine]:
    """Every line of a bill, in order."""
    return (
        db.session.execute(
            select(VendorBillLine).where(VendorBillLine.bill_id == bill_id).order_by(VendorBillLine.number)
        )
        .scalars()
        .all()
    )


def trips_to_match(vendor_id: UUID, first: date, last: date, external_ids: Sequence[str]) -> Sequence[Any]:
    """The trips that lines can be of: those of some days, and those of some ids."""
    columns = (
        Trip.id,
        Trip.external_id,
        Trip.trip_date,
        Trip.vehicle,
        Trip.distance_km,
        (TripCharge.amount + adjusted(TripAdjustment.amount)).label("amount"),
        (TripCharge.total + adjusted(TripAdjustment.total)).label("total"),
    )
    base = (
        select(*columns)
        .outerjoin(TripCharge, standing_charge())
        .where(Trip.vendor_id == vendor_id, Trip.deleted_at.is_(None))
    )
    found = {row.id: row for row in db.session.execute(base.where(Trip.trip_date.between(first, last)))}
    for at in range(0, len(external_ids), _AT_ONCE):
        some = external_ids[at : at + _AT_ONCE]
        found.update({row.id: row for row in db.session.execute(base.where(Trip.external_id.in_(some)))})
    return list(found.values())


_BILLED = (
    select(VendorBillLine.trip_id)
    .where(
        VendorBillLine.trip_id == bindparam("trips", type_=ARRAY(Uuid())).any_(),
        VendorBillLine.verdict != "duplicate",
        VendorBillLine.bill_id < bindparam("bill", type_=Uuid()),
    )
    .distinct()
)


def billed_before(trip_ids: Sequence[UUID], bill_id: UUID) -> set[UUID]:
    """Which of these trips earlier bills have billed."""
    found: set[UUID] = set()
    for at in range(0, len(trip_ids), _AT_ONCE):
        some = {"trips": trip_ids[at : at + _AT_ONCE], "bill": bill_id}
        found.update(one for one in db.session.execute(_BILLED, some).scalars() if one is not None)
    return found


def not_billed(bill: VendorBill, limit: int = 200) -> Sequence[Any]:
    """Priced trips of a bill's month that no bill of the vendor has, as rows with what each comes to."""
    return db.session.execute(
        select(Trip.id, Trip.external_id, Trip.trip_date, Trip.vehicle, TripCharge.total, TripCharge.currency)
        .join(TripCharge, standing_charge())
        .where(
            TripCharge.vendor_id == bill.vendor_id,
            TripCharge.period == bill.month,
            TripCharge.superseded_at.is_(None),
            TripCharge.total != 0,
            ~select(VendorBillLine.id)
            .where(VendorBillLine.tenant_id == Trip.tenant_id, VendorBillLine.trip_id == Trip.id)
            .exists(),
        )
        .order_by(TripCharge.trip_date, TripCharge.trip_id)
        .limit(limit)
    ).all()


def list_disputes(query: DisputeQuery) -> Page:
    """One page of disputes, the latest first."""
    statement: Any = (
        select(
            TripDispute.id, TripDispute.vendor_id, TripDispute.line_id, TripDispute.trip_id, TripDispute.about,
            TripDispute.reason, TripDispute.currency, TripDispute.claimed, TripDispute.expected, TripDispute.status,
            TripDispute.agreed, TripDispute.resolution, TripDispute.created_at, TripDispute.closed_at,
            TripDispute.version, Vendor.name.label("vendor"), VendorBillLine.bill_id, VendorBillLine.external_id,
        )
        .join(Vendor, (Vendor.tenant_id == TripDispute.tenant_id) & (Vendor.id == TripDispute.vendor_id))
        .outerjoin(
            VendorBillLine,
            (VendorBillLine.tenant_id == TripDispute.tenant_id) & (VendorBillLine.id == TripDispute.line_id),
        )
    )  # fmt: skip
    if query.vendor_id is not None:
        statement = statement.where(TripDispute.vendor_id == query.vendor_id)
    if query.status is not None:
        statement = statement.where(TripDispute.status == query.status.value)
    return fetch_page(
        statement, sorts=DISPUTE_SORTS, id_column=TripDispute.id, sort="-created_at", cursor=query.cursor,
        limit=query.limit,
    )  # fmt: skip


_CREDITED = (
    select(TripDispute, VendorBillLine, TripAdjustment)
    .join(
        VendorBillLine,
        and_(VendorBillLine.tenant_id == TripDispute.tenant_id, VendorBillLine.id == TripDispute.line_id),
    )
    .join(
        TripAdjustment,
        and_(TripAdjustment.tenant_id == TripDispute.tenant_id, TripAdjustment.id == TripDispute.adjustment_id),
    )
    .where(TripDispute.status == "credited", TripDispute.trip_id.is_(None))
)
# By the trip's id, or the day and vehicle of a line without one: an index has each, and no bill is matched for nothing.
_COME_IN = (
    select(Trip.id)
    .where(
        Trip.tenant_id == VendorBillLine.tenant_id,
        Trip.vendor_id == VendorBillLine.vendor_id,
        Trip.deleted_at.is_(None),
        or_(
            and_(VendorBillLine.external_id != "", Trip.external_id == VendorBillLine.external_id),
            and_(
                VendorBillLine.external_id == "",
                Trip.trip_date == VendorBillLine.trip_date,
                Trip.vehicle == VendorBillLine.vehicle,
            ),
        ),
    )
    .exists()
)
_BILLS_CREDITED = (
    select(VendorBill)
    .where(
        VendorBill.id.in_(
            _CREDITED.with_only_columns(VendorBillLine.bill_id, maintain_column_froms=True)
            .where(
                TripDispute.vendor_id == bindparam("vendors", type_=ARRAY(Uuid())).any_(),
                VendorBillLine.trip_id.is_(None),
                _COME_IN,
            )
            .scalar_subquery()
        )
    )
    .order_by(VendorBill.id)
)
# What somebody else has at hand now is left alone: the next match finds it. Waiting for it could end in a circle.
_CREDITED_OF = (
    _CREDITED.where(
        VendorBillLine.bill_id == bindparam("bill", type_=Uuid()),
        VendorBillLine.trip_id.is_not(None),
        VendorBillLine.verdict.in_(["matched", "over_km", "rate_drift"]),
    )
    .order_by(TripDispute.id)
    .with_for_update(of=TripDispute, skip_locked=True)
)


def bills_credited_without_trip(vendor_ids: Iterable[UUID]) -> Sequence[VendorBill]:
    """Bills of vendors with a line for which something was credited though it had no trip, and whose trip is there."""
    return db.session.execute(_BILLS_CREDITED, {"vendors": list(vendor_ids)}).scalars().all()


def credited_without_trip(bill_id: UUID) -> Sequence[Any]:
    """(dispute, line, adjustment) of those lines of a bill that had no trip when they were credited and have one now.

    The disputes are locked.
    """
    return db.session.execute(_CREDITED_OF, {"bill": bill_id}, execution_options={"populate_existing": True}).all()


def find_line(line_id: UUID) -> VendorBillLine | None:
    """A line by its id."""
    return db.session.execute(select(VendorBillLine).where(VendorBillLine.id == line_id)).scalar_one_or_none()


def is_with_tax(dispute: TripDispute) -> bool:
    """Whether the amounts of a dispute are with tax: as those of the bill whose line it is about, else they are."""
    if dispute.line_id is None:
        return True
    statement = (
        select(VendorBill.with_tax)
        .join(VendorBillLine, VendorBillLine.bill_id == VendorBill.id)
        .where(VendorBillLine.id == dispute.line_id)
    )
    return bool(db.session.execute(statement).scalar_one())
