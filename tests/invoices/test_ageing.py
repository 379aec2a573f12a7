"""Receivables by age as they stand: what is added up in the index is what the rows come to."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from tests.factories.customers import make_customer
from tests.factories.invoices import make_biller, make_buyer, make_issued_invoice, make_note
from tests.factories.receipts import make_receipt
from tests.factories.tenants import Company
from tests.invoices.books import check_ageing, check_receivables
from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.tenancy import current_tenant_id
from tracktok.invoices import services
from tracktok.invoices.models import DocumentKind, Receipt, SalesDocument
from tracktok.invoices.queries import receivables
from tracktok.invoices.queries.documents import lines_of
from tracktok.invoices.schemas.documents import DebitNoteIn
from tracktok.invoices.schemas.receipts import AllocateIn

pytestmark = pytest.mark.usefixtures("in_november")
# Days past due on either side of each edge, and the bucket that they fall into.
AGES = {-20: 0, -1: 0, 0: 0, 1: 1, 30: 1, 31: 2, 60: 2, 61: 3, 90: 3, 91: 4, 300: 4}
LATER = (0, 1, 29, 30, 31, 60, 91, 365)


def today() -> date:
    return clock.today(preferences().timezone)


def due(days_ago: int, customer_id: object, price: str, **over: object) -> SalesDocument:
    """An issued invoice that has been due for so many days."""
    day = today() - timedelta(days=days_ago)
    issued = min(day - timedelta(days=15), today())
    return make_issued_invoice(
        customer_id=customer_id,
        invoice_date=issued,
        due_date=day,
        line={"quantity": "1", "unit_price": price, "tax_rate": "0"},
        **over,
    )


def pay(receipt: Receipt, document: SalesDocument, amount: str) -> None:
    body = {"allocations": [{"document_id": str(document.id), "amount": amount}]}
    services.allocate_receipt(receipt.id, AllocateIn.model_validate(body))


def test_each_age_falls_into_its_bucket_unpaid_and_part_paid(company: Company):
    with company.owner.acting():
        make_biller(lut=True, round_off=False)
        buyer = make_buyer()
        receipt = make_receipt(customer_id=buyer.id, amount="5000.00")
        expected = [Decimal(0)] * 5
        for number, (age, bucket) in enumerate(AGES.items()):
            # Each amount differs from every sum of others.
            unpaid, part = (due(age, buyer.id, str(2 ** (2 * number + more))) for more in (0, 1))
            pay(receipt, part, "0.37")
            expected[bucket] += unpaid.total + part.total - Decimal("0.37")
        whole = receivables.ageing_on().whole
        assert whole.buckets == expected
        assert whole.documents == 2 * len(AGES)
        assert whole.unallocated == 5000 - Decimal("0.37") * len(AGES)
        check_ageing(*(today() + timedelta(days=later) for later in LATER))


def test_everything_that_happens_to_what_is_owed_is_seen(company: Company, other_company: Company):
    with other_company.owner.acting():
        make_biller()
        due(10, make_buyer(name="Of others").id, "1.00")
        db.session.commit()
    with company.owner.acting():
        make_biller(lut=True, round_off=False)
        asha, bose, settled = make_buyer(name="Asha"), make_buyer(name="Bose"), make_buyer(name="Settled")
        make_buyer(name="Owes nothing")
        abroad = make_customer(gst_category="overseas", country="US", city="Boston", currency="USD", name="Charles")
        days = [today() + timedelta(days=later) for later in LATER]
        assert receivables.ageing_on().customers == []

        open_, part = due(5, asha.id, "333.33"), due(45, asha.id, "1000.01")
        dollars, thirds = (
            due(70, abroad.id, price, currency="USD", exchange_rate="86.543217") for price in ("77.77", "33.33")
        )
        lost, void, credited = due(200, bose.id, "45.00"), due(2, bose.id, "999.00"), due(1, bose.id, "200.00")
        paid = due(33, settled.id, "12.50")
        check_ageing(*days)
        first = make_receipt(customer_id=asha.id, amount="700.10")
        pay(first, part, "333.33")
        pay(make_receipt(customer_id=settled.id, amount="12.50"), paid, "12.50")
        foreign = make_receipt(customer_id=abroad.id, amount="55.55", currency="USD", exchange_rate="87.1")
        pay(foreign, thirds, "11.11")
        pay(foreign, dollars, "0.01")
        check_ageing(*days)
        services.void_document(void, "Sent twice")
        services.mark_uncollectible(lost, "Gone")
        services.write_off(part.id, Decimal("0.07"))
        db.session.get_one(SalesDocument, (open_.tenant_id, open_.id)).disputed_at = clock.now()
        note = make_note(credited)
        services.finalize_document(note.id, DocumentKind.credit_note)
        lines = [{"line_id": lines_of(open_.id)[0].id, "amount": "21.10"}]
        body = DebitNoteIn.model_validate({"invoice_id": open_.id, "reason": "Forgotten", "lines": lines})
        more = services.create_note(DocumentKind.debit_note, body).document
        services.finalize_document(more.id, DocumentKind.debit_note)
        check_ageing(*days)
        assert {one.name for one in receivables.ageing_on().customers} == {"Asha", "Bose", "Charles"}
        services.unallocate(first.id)
        services.reopen_document(lost)
        check_ageing(*days)
        assert receivables.ageing_on(None, settled.id).customers == []
        check_receivables()


def test_no_document_is_read_to_add_up_what_is_owed(app: Flask, company: Company):
    others = {"id": "gen_random_uuid()", "number": "number || '-' || n", "sequence": "sequence * 1000 + n"}
    names = [column.name for column in SalesDocument.__table__.columns]
    with company.owner.acting():
        make_issued_invoice()
        part = make_issued_invoice()
        pay(make_receipt(amount="10.00", customer_id=part.customer_id), part, "10.00")
        values = ", ".join(others.get(one, one) for one in names)
        copy = (
            f"INSERT INTO sales_documents ({', '.join(names)}) SELECT {values}"
            " FROM sales_documents, generate_series(1, 300) n WHERE tenant_id = :tenant"
        )
        db.session.execute(text(copy), {"tenant": current_tenant_id()})
        db.session.commit()
    engine = create_engine(app.config["DATABASE_OWNER_URL"], isolation_level="AUTOCOMMIT")
    with engine.connect() as owner:
        owner.execute(text("VACUUM ANALYZE sales_documents"))
    engine.dispose()
    with company.owner.acting():
        for one in (False, True):
            _, _, given = receivables._values(None, company.id if one else None)
            plan = "\n".join(
                row[0] for row in db.session.connection().exec_driver_sql(f"EXPLAIN {receivables._NOW[one]}", given)
            )
            for index in ("open", "part_paid"):
                assert f"Index Only Scan using ix_sales_documents_{index} " in plan
            assert "Seq Scan on sales_documents" not in plan
        assert receivables.ageing_on().whole.documents == 602


@pytest.mark.parametrize(
    "change",
    [
        "due_date = NULL",
        "status = 'part_paid'",
        "amount_paid = total, amount_due = 0",
        "amount_paid = 1, amount_due = total - 1",
    ],
)
def test_what_ageing_takes_for_granted_is_checked(company: Company, change: str):
    with company.owner.acting():
        made = make_issued_invoice()
        with pytest.raises(IntegrityError, match="ck_sales_documents_open"), db.session.begin_nested():
            db.session.execute(text(f"UPDATE sales_documents SET {change} WHERE id = :id"), {"id": made.id})
