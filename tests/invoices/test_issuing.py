"""Documents that are made and issued in one step are as those that were drafts first."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.factories.invoices import invoice_values, make_biller, make_buyer, make_customer, make_issued_invoice
from tests.invoices.books import books_of, check_receivables
from tracktok.core.db import db
from tracktok.core.errors import Invalid
from tracktok.core.tables import Job
from tracktok.invoices.models import DocumentKind, SalesDocument
from tracktok.invoices.schemas.documents import InvoiceIn
from tracktok.invoices.services import create_issued
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
