"""Any sequence of billing leaves the books equal to the documents."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from tests.factories.invoices import make_biller, make_buyer, make_invoice
from tests.factories.tenants import Company, make_company
from tests.invoices.books import check_ageing, check_receivables
from tests.invoices.conftest import line
from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import DomainError
from tracktok.core.tenancy import current_tenant_id
from tracktok.invoices import services
from tracktok.invoices.models import DocumentKind, SalesDocument
from tracktok.invoices.queries.documents import get_document, lines_of, lock_documents
from tracktok.invoices.schemas.documents import CreditNoteIn, DebitNoteIn

pick = st.integers(0, 9)
LINES = [
    [line("22", "1249.50", "18"), line("318.4", "14.75", "18")],
    [line("1", "33.33", "5")] * 3,
    [line("3", "0.07", "12", cess_rate="1.5", cess_per_unit="0.03"), line("1", "100.30", "0")],
    [line("2", "50.00", "18", discount_percent="7.5"), line("-1", "9.99", "18")],
    [line("1", "0", "18")],
]
BUYERS = [
    {},
    {"gstin": "27AAPFU0939F1ZV"},
    {"gstin": "", "state_code": "29"},
    {"gstin": "", "country": "US", "currency": "USD"},
    {"gstin": "", "country": "JP", "currency": "JPY"},
]
step = st.one_of(
    st.tuples(st.just("invoice"), pick, pick, st.booleans(), st.sampled_from(["83.123457", "0.561234"])),
    st.tuples(st.just("credit"), pick, pick, st.sampled_from(["all", "quantity", "amount"]), st.booleans()),
    st.tuples(st.just("debit"), pick, pick),
    st.tuples(st.just("apply"), pick, pick),
    st.tuples(st.just("unapply"), pick),
    st.tuples(st.just("void"), pick),
    st.tuples(st.just("uncollectible"), pick),
    st.tuples(st.just("reopen"), pick),
)


@pytest.mark.slow
@pytest.mark.integration
def test_any_sequence_leaves_the_books_equal_to_the_documents(app_context):
    @settings(
        max_examples=12,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(steps=st.lists(step, min_size=4, max_size=14))
    def run(steps: list[tuple]) -> None:  # type: ignore[type-arg]
        world = _World(make_company())
        for name, *arguments in steps:
            with world.company.owner.acting(), db.session.begin_nested():
                try:
                    with db.session.begin_nested():
                        getattr(world, name)(*arguments)
                except DomainError:
                    pass  # refused: nothing was changed
        with world.company.owner.acting():
            check_receivables()
            check_ageing(*(clock.today(preferences().timezone) + timedelta(days=later) for later in (0, 31, 120)))
            _check_totals()

    run()


class _World:
    """A company, customers of every kind, and what may be done."""

    def __init__(self, company: Company) -> None:
        self.company = company
        with company.owner.acting():
            make_biller(lut=True)
            self.buyers = [make_buyer(**values).id for values in BUYERS]

    def _one(self, at: int, *kinds: str) -> SalesDocument | None:
        found = db.session.execute(
            select(SalesDocument.id)
            .where(SalesDocument.kind.in_(kinds), SalesDocument.number.is_not(None))
            .order_by(SalesDocument.id)
        ).scalars()
        ids = list(found)
        return get_document(ids[at % len(ids)], for_update=True) if ids else None

    def invoice(self, buyer: int, lines: int, inclusive: bool, rate: str) -> None:
        which = buyer % len(BUYERS)
        over = {"exchange_rate": rate} if "currency" in BUYERS[which] else {}
        draft = make_invoice(
            customer_id=self.buyers[which], lines=LINES[lines % len(LINES)], tax_inclusive=inclusive, **over
        )
        services.finalize_document(draft.id, DocumentKind.invoice)

    def credit(self, at: int, row: int, way: str, apply: bool) -> None:
        invoice = self._one(at, "invoice")
        if invoice is None:
            return
        lines = lines_of(invoice.id)
        chosen = lines[row % len(lines)]
        wanted = {
            "all": None,
            "quantity": [{"line_id": chosen.id, "quantity": "1"}],
            "amount": [{"line_id": chosen.id, "amount": "1"}],
        }[way]
        body = CreditNoteIn.model_validate({"invoice_id": invoice.id, "reason": "Because", "lines": wanted})
        note = services.create_note(DocumentKind.credit_note, body).document
        services.finalize_note(note.id, DocumentKind.credit_note, apply=apply or None)

    def debit(self, at: int, row: int) -> None:
        invoice = self._one(at, "invoice")
        if invoice is None:
            return
        lines = lines_of(invoice.id)
        wanted = [{"line_id": lines[row % len(lines)].id, "amount": "7"}]
        body = DebitNoteIn.model_validate({"invoice_id": invoice.id, "reason": "More", "lines": wanted})
        note = services.create_note(DocumentKind.debit_note, body).document
        services.finalize_note(note.id, DocumentKind.debit_note)

    def apply(self, at: int, to: int) -> None:
        note, invoice = self._one(at, "credit_note"), self._one(to, "invoice", "debit_note")
        if note is not None and invoice is not None:
            lock_documents([note.id, invoice.id])
            services.apply_credit_note(note, invoice)

    def unapply(self, at: int) -> None:
        if note := self._one(at, "credit_note"):
            services.unapply_credit_note(note.id)

    def void(self, at: int) -> None:
        if document := self._one(at, "invoice", "credit_note", "debit_note"):
            services.void_document(document)

    def uncollectible(self, at: int) -> None:
        if document := self._one(at, "invoice", "debit_note"):
            services.mark_uncollectible(document)

    def reopen(self, at: int) -> None:
        if document := self._one(at, "invoice", "debit_note"):
            services.reopen_document(document)


_BOOKED = text(
    """
    SELECT coalesce(sum(l.amount) FILTER (WHERE b.role = 'sales'), 0) AS sales,
           coalesce(sum(l.amount) FILTER (WHERE b.role LIKE 'output%'), 0) AS taxes, l.currency
      FROM ledger_lines l JOIN book_accounts b ON b.tenant_id = l.tenant_id AND b.id = l.book_account_id
     WHERE l.tenant_id = :tenant AND b.type IN ('income', 'liability')
     GROUP BY l.currency HAVING sum(l.amount) <> 0
    """
)
_BILLED = text(
    """
    SELECT currency, sum(CASE WHEN kind = 'credit_note' THEN -1 ELSE 1 END * (total - tax_amount - round_off)) AS sales,
           sum(CASE WHEN kind = 'credit_note' THEN -1 ELSE 1 END * tax_amount) AS taxes
      FROM sales_documents
     WHERE tenant_id = :tenant AND kind IN ('invoice', 'debit_note', 'credit_note')
       AND number IS NOT NULL AND status <> 'void'
     GROUP BY currency
    """
)


def _check_totals() -> None:
    """Income and taxes of the books are those of the documents, by currency."""
    tenant = {"tenant": current_tenant_id()}
    booked = {row.currency: (-row.sales, -row.taxes) for row in db.session.execute(_BOOKED, tenant)}
    for row in db.session.execute(_BILLED, tenant):
        assert booked.get(row.currency, (Decimal(0), Decimal(0))) == (row.sales, row.taxes), row.currency
