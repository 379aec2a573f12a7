#!/usr/bin/env python3
"""Load a file of receivables as customers, invoices and receipts into a new company, and say what they come to.

    .venv/bin/python scripts/try_receivables.py receivables.csv --as-of 2013-06-30 [--scratch]

The file has the columns customerID, invoiceNumber, InvoiceDate, DueDate, InvoiceAmount, SettledDate; dates are
month/day/year. Each invoice has one line without tax and keeps its own number as its reference; what a customer settled
on a day is one receipt. Everything goes through the services. With `--scratch` into servers that are gone afterwards,
else into the database of the settings. The figures are held against the file's own; what differs ends it with 1.
"""

from __future__ import annotations

import argparse
import csv
import os
import secrets
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts"), str(ROOT / "scripts" / "bench")]

from flask import Flask  # noqa: E402
from sqlalchemy import func, select  # noqa: E402

from tracktok.auth.services.registration import NewOwner, add_person, begin_company  # noqa: E402
from tracktok.core import clock  # noqa: E402
from tracktok.core.context import Actor, acting  # noqa: E402
from tracktok.core.db import db, transaction  # noqa: E402
from tracktok.core.ids import new_id  # noqa: E402
from tracktok.core.tenancy import door, tenant_scope  # noqa: E402
from tracktok.customers.schemas.customers import CustomerIn  # noqa: E402
from tracktok.customers.services import create_customer  # noqa: E402
from tracktok.invoices import services  # noqa: E402
from tracktok.invoices.models import DocumentKind, Receipt, SalesDocument  # noqa: E402
from tracktok.invoices.queries.standing import standings  # noqa: E402
from tracktok.invoices.rules.ageing import age  # noqa: E402
from tracktok.invoices.schemas.documents import InvoiceIn  # noqa: E402
from tracktok.invoices.schemas.lines import LineIn  # noqa: E402
from tracktok.invoices.schemas.receipts import AllocationIn, ReceiptIn  # noqa: E402
from tracktok.invoices.services.paper.keeping import drawn_when_asked  # noqa: E402
from tracktok.ledger.queries import prove_books  # noqa: E402
from tracktok.tenants.services import NewTenant  # noqa: E402

CURRENCY, TIMEZONE = "USD", "America/New_York"


@dataclass(frozen=True, slots=True)
class Row:
    """An invoice of the file."""

    customer: str
    number: str
    day: date
    due: date
    amount: Decimal
    settled: date | None


def read(path: Path) -> list[Row]:
    """The invoices of a file, oldest first."""

    def day(text: str) -> date:
        return datetime.strptime(text.strip(), "%m/%d/%Y").date()  # noqa: DTZ007 - a day has no zone

    with path.open(encoding="utf-8-sig", newline="") as file:
        found = [
            Row(
                customer=row["customerID"].strip(),
                number=row["invoiceNumber"].strip(),
                day=day(row["InvoiceDate"]),
                due=day(row["DueDate"]),
                amount=Decimal(row["InvoiceAmount"]),
                settled=day(row["SettledDate"]) if row["SettledDate"].strip() else None,
            )
            for row in csv.DictReader(file)
        ]
    return sorted(found, key=lambda row: (row.day, row.number))


@contextmanager
def new_company() -> Iterator[str]:
    """Inside: in a new company without tax, as its owner; its subdomain."""
    subdomain = f"receivables-{secrets.token_hex(3)}"
    with door("try receivables"), transaction():
        owner = add_person(NewOwner(f"owner@{subdomain}.example", secrets.token_urlsafe(18), "Robin", "Reed"))
        owner.email_verified_at = clock.now()
        who = Actor("person", owner.id, role="owner", name=owner.name, email=owner.email)
    tenant = NewTenant("Receivables", subdomain, CURRENCY, TIMEZONE, "en_US", "MM/DD/YYYY", 1)
    with tenant_scope(new_id()), acting(who), drawn_when_asked():
        with transaction():
            begin_company(tenant, owner, is_demo=True)
        yield subdomain


class Load:
    """What of a file is loaded so far."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = list(rows)
        self.ids: dict[str, UUID] = {}
        with transaction():
            self.customers = {
                name: create_customer(CustomerIn(name=f"Customer {name}", code=name)).customer.id
                for name in sorted({row.customer for row in self.rows})
            }

    def until(self, last: date, after: date = date.min) -> None:
        """Load what happened after a day until another: invoices first, then what was paid, day by day."""
        issued, paid = defaultdict(list), defaultdict(list)
        for row in self.rows:
            if after < row.day <= last:
                issued[row.day].append(row)
            if row.settled and after < row.settled <= last:
                paid[row.settled].append(row)
        for _, days in groupby(sorted({*issued, *paid}), key=lambda day: (day.year, day.month)):
            with transaction():
                for day in days:
                    for row in issued[day]:
                        self.ids[row.number] = self._bill(row)
                    self._receive(day, paid[day])
                db.session.expunge_all()

    def _bill(self, row: Row) -> UUID:
        body = InvoiceIn(
            customer_id=self.customers[row.customer],
            invoice_date=row.day,
            due_date=row.due,
            reference=row.number,
            lines=[LineIn(description="As of the file", unit_price=row.amount)],
        )
        return services.create_issued(DocumentKind.invoice, body).document.id

    def _receive(self, day: date, rows: list[Row]) -> None:
        by_customer: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_customer[row.customer].append(row)
        for customer, theirs in by_customer.items():
            body = ReceiptIn(
                customer_id=self.customers[customer],
                receipt_date=day,
                amount=sum((row.amount for row in theirs), Decimal(0)),
                allocations=[AllocationIn(document_id=self.ids[row.number], amount=row.amount) for row in theirs],
            )
            services.record_receipt(body)

    def ageing(self, on: date) -> dict[str, Decimal]:
        """What is open now, by age on a day, as the product says."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for customer_id in self.customers.values():
            for standing in standings(customer_id, on):
                for bucket, amount in standing.ageing(on):
                    found[bucket.key] += amount
        return dict(found)

    def told(self, on: date) -> dict[str, Decimal]:
        """The same, counted from the file alone."""
        still = [row for row in self.rows if row.day <= on and (row.settled is None or row.settled > on)]
        return age([(row.due, row.amount) for row in still], on)


def totals() -> dict[str, Any]:
    """What is in the product."""
    documents = select(func.count(), func.sum(SalesDocument.total), func.sum(SalesDocument.amount_due))
    invoices, billed, due = db.session.execute(documents).one()
    receipts, received = db.session.execute(select(func.count(), func.sum(Receipt.amount))).one()
    return {"invoices": invoices, "billed": billed, "receipts": receipts, "received": received, "due": due}


def run(path: Path, on: date) -> int:
    """Load a file and print figures; how many of them differ from the file's, or are wrong in the books."""
    rows, began = read(path), time.perf_counter()
    with new_company() as subdomain:
        load = Load(rows)
        load.until(on)
        ages, told = load.ageing(on), load.told(on)
        db.session.rollback()
        load.until(date.max, after=on)
        found, proof = totals(), prove_books()
        took = time.perf_counter() - began
    billed = sum((row.amount for row in rows), Decimal(0))
    received = sum((row.amount for row in rows if row.settled), Decimal(0))
    expected = {"invoices": len(rows), "billed": billed, "received": received, "due": billed - received}
    print(f"Company {subdomain}: {len(load.customers)} customers, in {took:.0f} seconds")
    for name, value in found.items():
        print(f"  {name:10} {value:>14,}" if isinstance(value, int) else f"  {name:10} {value:>14,.2f}")
    print(f"Open on {on}, by days past due")
    for name, value in [*ages.items(), ("sum", sum(ages.values(), Decimal(0)))]:
        print(f"  {name:10} {value:>14,.2f}")
    wrong = [f"{name}: {found[name]}, the file {value}" for name, value in expected.items() if found[name] != value]
    wrong += [f"{name}: {ages[name]}, the file {value}" for name, value in told.items() if ages[name] != value]
    wrong += [str(one) for one in proof.discrepancies]
    print("\n".join(wrong) if wrong else "As the file says, and the books are sound.")
    return len(wrong)


@contextmanager
def application(*, scratch: bool) -> Iterator[Flask]:
    """The application on the database of the settings, or on servers of its own."""
    if scratch:
        from ground import Ground

        with Ground() as ground:
            yield ground.app
        return
    from runner.environment import load_dotenv

    from tracktok.app import create_app

    load_dotenv(ROOT / ".env")
    yield create_app()


def main() -> int:
    """Read the command's arguments and run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2013, 6, 30), help="the day of the ageing")
    parser.add_argument("--scratch", action="store_true", help="on servers of its own, gone afterwards")
    given = parser.parse_args()
    with application(scratch=given.scratch) as app:
        if os.environ.get("TRACKTOK_ENV") == "production":
            sys.exit("try_receivables: this makes a company to try things with; it is not made in production.")
        with app.app_context():
            return 1 if run(given.file, given.as_of) else 0


if __name__ == "__main__":
    sys.exit(main())
