"""Bills of vendors as a kind of import: rows to lines of bills, matched with our trips as they are written."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar, Final
from uuid import UUID

from flask import url_for
from sqlalchemy import delete, insert, select

from tracktok.core.db import db
from tracktok.core.errors import Conflict
from tracktok.core.ids import new_id
from tracktok.core.jobs import JobRun
from tracktok.core.tenancy import current_tenant_id
from tracktok.imports.models import Import
from tracktok.imports.queries import get_file
from tracktok.imports.rules.cells import Bad
from tracktok.imports.rules.columns import Field, Kind, Meanings
from tracktok.imports.rules.plan import Plan
from tracktok.imports.services.building import Reasons, RowBuilder
from tracktok.imports.services.kinds import IMPORT, SKIP, Handler, Link, Option, Reference, Told
from tracktok.imports.services.writing import chunk_table, open_to_write, staged_chunks
from tracktok.trips.models import TripDispute, Vendor, VendorBill, VendorBillLine
from tracktok.trips.queries.imports import is_there, load_names, vendor_choices
from tracktok.trips.rules.matching import BILLS
from tracktok.trips.rules.trip_import import FACTORS, KM, without_unit
from tracktok.trips.rules.trips import month_of
from tracktok.trips.services.bills import match_bill
from tracktok.web.filters import plural

from .deciding import decide
from .names import Names
from .writing import make_names

STAGED: Final = """
vendor_id uuid NOT NULL, fingerprint text NOT NULL, external_id text NOT NULL, trip_date date,
vehicle text NOT NULL, distance_km numeric, amount numeric NOT NULL"""
_COLUMNS: Final = ("vendor_id", "fingerprint", "external_id", "trip_date", "vehicle", "distance_km", "amount")
EXISTING: Final = """
SELECT s.n, 'This line was imported before.' FROM import_staged s
 WHERE EXISTS (SELECT FROM vendor_bill_lines l
                WHERE l.tenant_id = %(tenant)s AND l.vendor_id = s.vendor_id AND l.fingerprint = s.fingerprint)"""
_READ: Final = """
SELECT p, vendor_id, fingerprint, external_id, trip_date, vehicle, distance_km, amount FROM import_chunk ORDER BY p"""
WITH_TAX, WITHOUT = "with_tax", "without_tax"


class BillBuilder(RowBuilder):
    """Rows to staged lines."""

    kind: ClassVar[Kind] = BILLS
    columns: ClassVar[tuple[str, ...]] = _COLUMNS

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.names = Names(load_names(), plan.options.get("unknown", {}), plan.options.get("names", {}))
        self.made = self.names.made
        self.factor = FACTORS[plan.options.get("distance_unit", KM)]

    def _reader(self, one: Field, meanings: Meanings | None) -> Callable[[str], Any]:
        return self._km if one.name == "distance" else super()._reader(one, meanings)

    def _km(self, text: str) -> Decimal | Bad | None:
        plain, own = without_unit(text)
        value = self._number(plain)
        return value * (own or self.factor) if isinstance(value, Decimal) else value

    def key(self, values: Any) -> Any:
        """A line that would be the same once written."""
        return tuple(str(one) for one in values.values())

    def row(self, values: dict[str, Any]) -> dict[str, Any] | Reasons:
        """The line of a row."""
        vendor = self.names.resolve("vendor", values["vendor"]) or self.options.get("vendor_id")
        if isinstance(vendor, Bad):
            return [("vendor", vendor)]
        if not vendor:
            return [("vendor", Bad("No vendor is named."))]
        amount, km = values["amount"], values["distance"]
        if amount is None:
            return [("amount", Bad("This is empty; a line has an amount."))]
        if not values["external_id"] and not (values["trip_date"] and values["vehicle"]):
            return [("external_id", Bad("A line needs a trip ID, or a day and a vehicle."))]
        if km is not None and km < 0:
            return [("distance", Bad("The distance is negative."))]
        told = (values["external_id"], values["trip_date"], values["vehicle"], km, amount)
        return {
            "vendor_id": vendor,
            "fingerprint": hashlib.blake2b("\x1f".join(map(str, told)).encode(), digest_size=12).hexdigest(),
            "external_id": values["external_id"],
            "trip_date": values["trip_date"],
            "vehicle": values["vehicle"],
            "distance_km": round(km, 3) if km is not None else None,
            "amount": round(amount, 4),
        }


def write_bills(run: JobRun, found: Import) -> dict[str, Any]:
    """Write the staged lines as bills, one for each vendor, and match them. Returns what came of it."""
    cursor = open_to_write(found)
    made = make_names(found)
    cursor.execute(chunk_table(STAGED))
    rows: dict[UUID, list[Any]] = {}
    count = 0
    for staged in staged_chunks(cursor, found):
        count += staged
        cursor.execute(_READ)
        for row in cursor.fetchall():
            vendor = made.get(str(row[1]), row[1])
            rows.setdefault(vendor, []).append(row)
    cursor.close()
    verdicts: Counter[str] = Counter()
    bills = []
    for vendor_id, own in rows.items():
        bill = _write_bill(found, vendor_id, own)
        bills.append(str(bill.id))
        verdicts.update(match_bill(bill))
        run.progress(count, found.valid, "Matching lines")
    found.committed_rows = count
    return {"written": count, "bills": bills, "verdicts": dict(verdicts)}


def _write_bill(found: Import, vendor_id: UUID, rows: Sequence[Any]) -> VendorBill:
    months = Counter(month_of(row[4]) for row in rows if row[4] is not None)
    month = months.most_common(1)[0][0] if months else month_of(found.created_at.date())
    currency = db.session.execute(select(Vendor.currency).where(Vendor.id == vendor_id)).scalar_one()
    bill = VendorBill(
        id=new_id(),
        vendor_id=vendor_id,
        import_id=found.id,
        name=get_file(found.file_id).filename,
        month=month,
        currency=currency,
        with_tax=found.options.get("amounts", WITH_TAX) == WITH_TAX,
        lines=len(rows),
        total=sum((row[7] for row in rows), Decimal(0)),
    )
    db.session.add(bill)
    db.session.flush()
    db.session.execute(
        insert(VendorBillLine.__table__),  # type: ignore[arg-type]
        [
            {
                "tenant_id": current_tenant_id(), "id": new_id(), "bill_id": bill.id, "vendor_id": vendor_id,
                "number": row[0], "fingerprint": row[2], "external_id": row[3], "trip_date": row[4], "vehicle": row[5],
                "distance_km": row[6], "amount": row[7], "verdict": "missing",
            }
            for row in rows
        ],
    )  # fmt: skip
    return bill


def undo_bills(run: JobRun, found: Import) -> dict[str, Any]:
    """Take the bills of an import away. Raises Conflict once a line of them is disputed."""
    if refusal := _refused(found):
        raise Conflict(refusal)
    run.progress(0, found.committed_rows or 1, "Taking bills back")
    bills = list(db.session.execute(select(VendorBill.id).where(VendorBill.import_id == found.id)).scalars())
    db.session.execute(delete(VendorBillLine).where(VendorBillLine.bill_id.in_(bills)))
    db.session.execute(delete(VendorBill).where(VendorBill.id.in_(bills)))
    removed = found.committed_rows
    found.committed_rows = 0
    return {"removed": removed}


def _refused(found: Import) -> str:
    disputed = db.session.execute(
        select(TripDispute.id)
        .join(VendorBillLine, VendorBillLine.id == TripDispute.line_id)
        .join(VendorBill, VendorBill.id == VendorBillLine.bill_id)
        .where(VendorBill.import_id == found.id)
        .limit(1)
    ).first()
    return "A line of it is disputed: what was said about it stays." if disputed is not None else ""


def _decide(plan: Plan) -> None:
    decide(plan, unit=("distance",), zone=False)


def _written(found: Import) -> Link:
    bills = (found.result.get("commit") or {}).get("bills", [])
    if len(bills) == 1:
        return Link("See the bill", url_for("vendor_bills.show", bill_id=bills[0]))
    return Link("See the bills", url_for("vendor_bills.index"))


def _commit_told(found: Import) -> Told:
    done: dict[str, Any] = found.result["commit"]
    verdicts = done["verdicts"]
    wrong = sum(count for verdict, count in verdicts.items() if verdict != "matched")
    text = f"{verdicts.get('matched', 0):,} agree with our trips."
    if wrong:
        text += f" {plural(wrong, 'line')} to look at."
    return Told(f"{plural(done['written'], 'line')} imported", text)


def _undo_told(found: Import) -> Told:
    return Told("The import was undone", f"{plural(found.result['undo']['removed'], 'line')} removed.")


BILL_HANDLER: Final = Handler(
    kind=BILLS,
    permission="trips.import",
    staged=STAGED,
    existing=EXISTING,
    within=False,
    decide=_decide,
    builder=BillBuilder,
    write=write_bills,
    undo=undo_bills,
    written=_written,
    commit_told=_commit_told,
    undo_told=_undo_told,
    undo_means=lambda found: f"Its {plural(found.committed_rows, 'line')} will be taken away with what they matched.",
    undo_refused=_refused,
    options=(
        Option(
            "vendor_id", "Vendor", vendor_choices, place="defaults", empty=lambda: "Choose whose bill it is",
            searched=True, find=partial(is_there, "vendor"), remembered=False,
        ),
        Option(
            "amounts", "Amounts are", lambda: ((WITH_TAX, "With tax"), (WITHOUT, "Without tax")), place="writing",
            empty=lambda: "With tax", allowed=(WITH_TAX, WITHOUT),
        ),
        Option(
            "distance_unit", "Distances are in", lambda: (("km", "Kilometres"), ("mi", "Miles")),
            allowed=("km", "mi"),
        ),
    ),
    references=(Reference("vendor", "vendors", partial(is_there, "vendor")),),
    repeats=((SKIP, "Leave them out"), (IMPORT, "Import them all the same")),
    repeat_help="A line that was imported before, with the same trip, day, vehicle, distance and amount.",
    shown=("external_id", "trip_date", "vehicle", "distance", "amount"),
    file_help="The bill that a vendor sends with a line for each trip: its ID or its day and vehicle, and the amount",
    position=45,
)  # fmt: skip
