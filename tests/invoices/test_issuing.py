"""Documents that are made and issued in one step are as those that were drafts first."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.factories.customers import make_tax_rate
from tests.factories.invoices import (
    invoice_values,
    make_biller,
    make_buyer,
    make_customer,
    make_invoice,
    make_issued_invoice,
)
from tests.invoices.books import books_of, check_receivables
from tracktok.core.db import db
from tracktok.core.errors import Invalid
from tracktok.core.tables import Job
from tracktok.customers.schemas.catalog import TaxRateIn
from tracktok.customers.services import change_tax_rate
from tracktok.invoices.models import DocumentKind, SalesDocument
from tracktok.invoices.queries.documents import lines_of
from tracktok.invoices.schemas.documents import InvoiceIn
from tracktok.invoices.services import create_issued, finalize_document
from tracktok.invoices.services.paper.keeping import drawn_when_asked, pdf_of

pytestmark = pytest.mark.integration
SAME = ("status", "total", "base_total", "cgst_amount", "sgst_amount", "due_date", "snapshot", "amount_in_words")


def body(customer, **over):
    return InvoiceIn.model_validate(invoice_values(customer_id=customer.id, **over))


def test_one_step_makes_what_two_steps_make(company):
    with company.owner.acting():
        make_biller()
        buyer = make_buyer()
        drafted = make_issued_invoice(customer_id=buyer.id)
        made = create_issued(DocumentKind.invoice, body(buyer)).document
        assert [getattr(made, name) for name in SAME] == [getattr(drafted, name) for name in SAME]
        assert (drafted.sequence, made.sequence) == (1, 2)
        assert books_of(made.id) == books_of(drafted.id)
        check_receivables()


def test_lines_that_say_the_same_stay_and_taxes_are_those_of_the_day_of_issue(company):
    """To issue a draft writes its lines anew only where what they follow has changed since it was saved."""
    with company.owner.acting():
        make_biller()
        rate = make_tax_rate(percent="18")
        line = {"description": "Cab hire", "hsn_sac": "996601", "quantity": "3", "tax_rate_id": str(rate.id)}
        lines = [{**line, "unit_price": "250.00"}, {**line, "unit_price": "7.5000", "discount_percent": "12.5"}]
        same, other = (make_invoice(lines=lines) for _ in range(2))
        ids = {one.id: [row.id for row in lines_of(one.id)] for one in (same, other)}
        issued = finalize_document(same.id, DocumentKind.invoice)
        assert [row.id for row in issued.lines] == [row.id for row in lines_of(same.id)] == ids[same.id]
        assert (issued.document.version, stored_total(same)) == (2, same.total)
        change_tax_rate(rate, TaxRateIn(name=rate.name, percent="5"))
        written = finalize_document(other.id, DocumentKind.invoice)
        assert {row.id for row in written.lines}.isdisjoint(ids[other.id])
        assert {row.tax_rate for row in lines_of(other.id)} == {5}
        assert [warning.code for warning in written.warnings] == ["amounts_changed"]
        check_receivables()


def stored_total(document):
    return db.session.execute(select(SalesDocument.total).where(SalesDocument.id == document.id)).scalar_one()


def test_what_the_law_asks_for_is_asked_for_here_too(company):
    with company.owner.acting():
        make_biller()
        nobody = make_customer(name="Somebody")
        with pytest.raises(Invalid, match="names their name, address and State"):
            create_issued(DocumentKind.invoice, body(nobody, line={"unit_price": "6000"}))
        db.session.rollback()
        assert db.session.execute(select(SalesDocument.id)).all() == []


def test_files_wait_until_they_are_asked_for(company):
    with company.owner.acting():
        make_biller()
        buyer = make_buyer()
        with drawn_when_asked():
            made = create_issued(DocumentKind.invoice, body(buyer)).document
        assert db.session.execute(select(Job.id)).all() == []
        with pdf_of(made).stream as stream:
            assert stream.read(5) == b"%PDF-"
        assert made.pdf_file_id is not None, "kept from now on"
        create_issued(DocumentKind.invoice, body(buyer))
        assert db.session.execute(select(Job.kind)).scalars().all() == ["invoices.pdf"]
