"""The trips of a demo company: a fleet month of each of its vendors, statements in each state, a bill, a dispute."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.trips.models import Vendor, VendorBill, VendorBillLine
from tracktok.trips.queries import bills as bill_queries
from tracktok.trips.queries.statements import find_statement
from tracktok.trips.queries.trips import list_trips
from tracktok.trips.queries.vendors import contacts_of
from tracktok.trips.rules.trips import last_day, month_of
from tracktok.trips.schemas.bills import AgreeIn, TripDisputeIn
from tracktok.trips.schemas.statements import ApproveIn, PayIn
from tracktok.trips.schemas.trips import TripQuery

from .bills import agree, match_bill, open_dispute
from .statements import approve_statement, pay_statement
from .trips import create_trips

ROUTES = (
    ("Whitefield", "Electronic City", 27), ("Hebbal", "Manyata Tech Park", 9), ("Koramangala", "Bellandur", 8),
    ("Jayanagar", "Electronic City", 17), ("Indiranagar", "Whitefield", 16), ("Yelahanka", "Manyata Tech Park", 14),
)  # fmt: skip
AIRPORT = ("Bengaluru South", "Kempegowda Airport", 46)
PEOPLE = tuple(f"E{number}" for number in range(101, 149))
DRIVERS = ("Ramesh", "Suresh", "Manjunath", "Iqbal", "Joseph", "Lakshman", "Prakash", "Venkatesh")


def drive(
    vendors: Mapping[str, tuple[Vendor, Any]], today: date, account_id: UUID, projects: Sequence[UUID] = ()
) -> None:
    """Trips of the last two months and of this one up to today, by billing model, and what came of them."""
    chance = random.Random(20)  # noqa: S311 - a story, told the same each time
    this = month_of(today)
    last = month_of(this - timedelta(days=1))
    before = month_of(last - timedelta(days=1))
    for model, (vendor, _) in sorted(vendors.items()):
        trips: list[dict[str, Any]] = []
        for month, until in ((before, last_day(before)), (last, last_day(last)), (this, today - timedelta(days=1))):
            trips += _month(chance, vendor, model, month, until, projects)
        create_trips(trips)
    for model, (vendor, _) in sorted(vendors.items()):
        statement = find_statement(vendor.id, before)
        if statement is None:
            continue
        number = f"{vendor.code or model}/{before:%y%m}"
        approve_statement(statement, ApproveIn(vendor_reference=number))
        if model != "package":
            paid_on = min(last_day(before) + timedelta(days=12), today)
            pay_statement(statement, PayIn(account_id=account_id, paid_on=paid_on, reference=f"NEFT {number}"))
        for contact in contacts_of(vendor.id):  # what is approved from now on is mailed
            contact.gets_statements = True
    db.session.flush()
    if "trip" in vendors:
        _bill(vendors["trip"][0], last)


def _month(
    chance: random.Random, vendor: Vendor, model: str, month: date, until: date, projects: Sequence[UUID]
) -> list[dict[str, Any]]:
    trips = []
    day = month
    while day <= until:
        runs = 1 if model == "package" else 2 if day.weekday() < 5 else 0
        trips += [_trip(chance, vendor, model, day, at, projects) for at in range(runs)]
        day += timedelta(days=1)
    return trips


def _trip(
    chance: random.Random, vendor: Vendor, model: str, day: date, at: int, projects: Sequence[UUID]
) -> dict[str, Any]:
    number = chance.randrange(6)
    origin, destination, km = AIRPORT if model == "trip" and chance.random() < 0.1 else chance.choice(ROUTES)
    kind = "airport" if destination == AIRPORT[1] else ("pickup", "drop")[at] if model != "package" else "spot"
    hour = {"pickup": 8, "drop": 19, "airport": 4, "spot": 9}[kind]
    if model == "hybrid" and at:
        hour = 22  # the late shift
    start = datetime.combine(day, datetime.min.time()) + timedelta(hours=hour, minutes=chance.randrange(0, 50, 5))
    driven = Decimal(km) + Decimal(chance.randrange(-15, 25)) / 10
    minutes = int(driven * 3) + chance.randrange(25)
    if model == "package":
        driven, minutes = Decimal(chance.randrange(38, 130)), chance.randrange(230, 700)
    status = chance.choices(("completed", "cancelled", "no_show"), (94, 3, 3))[0]
    if kind == "drop":
        origin, destination = destination, origin
    return {
        "vendor_id": str(vendor.id),
        "external_id": f"{(vendor.code or model)[:4]}-{day:%y%m%d}-{at + 1}",
        "started_at": start.isoformat(),
        "ended_at": (start + timedelta(minutes=minutes)).isoformat(),
        "distance_km": str(driven),
        "vehicle": f"KA 0{1 + number % 3} {('AB', 'MN', 'HJ')[number % 3]} {4100 + number * 37}",
        "driver": DRIVERS[number],
        "employees": chance.sample(PEOPLE, chance.randrange(1, 5)),
        "origin": origin,
        "destination": destination,
        "site": destination if kind == "pickup" else origin,
        "type": kind,
        "status": status,
        "tolls": "115" if kind == "airport" else "0",
        "parking": "60" if kind == "airport" else "0",
        "waiting_minutes": chance.choice((0, 0, 0, 6, 18, 27)),
        "late_minutes": chance.choice((0, 0, 0, 0, 9, 22)) if kind == "pickup" else 0,
        "escort": hour >= 20,
        "project_id": str(projects[number % len(projects)]) if projects and number < 4 else None,
    }


def _bill(vendor: Vendor, month: date) -> None:
    """The vendor's bill of a month: most lines agree; one is too far, one is billed twice, one is not ours."""
    found = list_trips(
        TripQuery(vendor_id=vendor.id, date_from=month, date_to=last_day(month), sort="trip_date", limit=40)
    )
    rows = [row for row in found.rows if row.total]
    if len(rows) < 4:
        return
    bill = VendorBill(
        id=new_id(), vendor_id=vendor.id, name=f"Bill {month:%B %Y}.xlsx", month=month, currency=vendor.currency
    )
    db.session.add(bill)
    db.session.flush()
    lines = []
    for place, row in enumerate([*rows, rows[1]]):
        far = place == 2
        lines.append({
            "tenant_id": current_tenant_id(), "id": new_id(), "bill_id": bill.id, "vendor_id": vendor.id,
            "number": place + 2, "fingerprint": f"demo-{place}", "external_id": row.external_id,
            "trip_date": row.trip_date, "vehicle": row.vehicle,
            "distance_km": row.distance_km + (12 if far else 0),
            "amount": row.total + (Decimal("201.60") if far else Decimal(0)), "verdict": "missing",
        })  # fmt: skip
    lines.append(
        {**lines[0], "id": new_id(), "number": len(lines) + 2, "fingerprint": "demo-x", "external_id": "X-771"}
    )
    db.session.execute(insert(VendorBillLine.__table__), lines)  # type: ignore[arg-type]
    bill.lines, bill.total = len(lines), sum((one["amount"] for one in lines), Decimal(0))
    db.session.flush()
    match_bill(bill)
    disputed = {one.verdict: one for one in bill_queries.all_lines(bill.id)}
    open_dispute(bill, disputed["over_km"], TripDisputeIn())
    missing = open_dispute(bill, disputed["missing"], TripDisputeIn())
    agree(missing, AgreeIn(agreed=Decimal(0), resolution="They looked it up: another customer's trip."))
