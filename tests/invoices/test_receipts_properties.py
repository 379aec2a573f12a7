"""Any sequence of money that comes and goes leaves books, documents and receipts equal to the last minor unit."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from tests.factories.invoices import ensure_biller, make_biller, make_buyer, make_invoice
from tests.factories.tenants import Company, make_company
from tests.invoices.books import check_ageing
from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import DomainError
from tracktok.core.money import minor_unit
from tracktok.core.tenancy import current_tenant_id
from tracktok.invoices import services
from tracktok.invoices.models import Allocation, DocumentKind, Receipt, Refund, SalesDocument
from tracktok.invoices.queries import standing
from tracktok.invoices.queries.documents import get_document, lines_of, lock_documents
from tracktok.invoices.schemas.documents import CreditNoteIn
from tracktok.invoices.schemas.receipts import AllocateIn, ReceiptIn, RefundIn
from tracktok.ledger.queries import prove_books

CURRENCIES = ("INR", "USD", "JPY", "KWD")
RATES = {"INR": None, "USD": ("83.123457", "84.999999"), "JPY": ("0.561234", "0.549999"), "KWD": ("271.5", "270.013")}
# In thousandths of the currency: rounded to its own places.
amount = st.integers(1, 400_000)
pick = st.integers(0, 9)
# In percent of what there is: more than that is refused.
share = st.integers(1, 110)
STEPS = {
    "invoice": (pick, amount, pick),
    "receipt": (pick, amount, pick, st.booleans()),
    "allocate": (pick, pick, share),
    "oldest": (pick,),
    "take_back": (pick,),
    "unallocate": (pick,),
    "credit": (pick, share, st.booleans()),
    "apply": (pick, pick),
    "refund": (pick, share, pick),
    "refund_note": (pick, share, pick),
    "take_back_refund": (pick,),
    "write_off": (pick, share),
    "uncollectible": (pick,),
    "reopen": (pick,),
    "void": (pick,),
}
step = st.one_of(*(st.tuples(st.just(name), *arguments) for name, arguments in STEPS.items()))
SELDOM: list[tuple[Any, ...]] = [
    ("oldest", 0), ("credit", 0, 20, False), ("refund_note", 0, 50, 0), ("take_back_refund", 0), ("apply", 0, 0),
    ("uncollectible", 0), ("reopen", 0), ("unallocate", 0), ("void", 1), ("refund", 0, 100, 1),
]  # fmt: skip
"""What chance seldom puts into an order in which it can be done."""
_LEDGER = text(
    """
    SELECT l.customer_id, l.currency, sum(l.amount) AS amount, sum(l.base_amount) AS base
      FROM ledger_lines l JOIN book_accounts b ON b.tenant_id = l.tenant_id AND b.id = l.book_account_id
     WHERE l.tenant_id = :tenant AND b.role IN ('receivables', 'customer_advances') AND l.entry_date <= :until
     GROUP BY 1, 2
    """
)
_DAYS = (date(2026, 11, 19), date(2026, 11, 21), date(2026, 11, 24), date(2099, 1, 1))


@pytest.mark.slow
@pytest.mark.integration
def test_any_sequence_leaves_books_documents_and_receipts_equal(app_context):
    companies = {base: make_company(currency=base) for base in ("INR", "JPY")}
    done: Counter[str] = Counter()
    """How often each step was done: not refused, and there was something to do it with."""

    @settings(
        max_examples=20,
        phases=[Phase.explicit, Phase.generate],  # a sequence takes long: told as it is found
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(
        base=st.sampled_from(["INR", "JPY"]),
        first=st.lists(st.tuples(st.integers(0, 3), amount, amount), min_size=1, max_size=3),
        steps=st.lists(step, min_size=8, max_size=24),
    )
    @example(base="INR", first=[(0, 100_000, 30_000), (1, 50_000, 80_000)], steps=SELDOM)
    def run(base: str, first: list[tuple[int, int, int]], steps: list[tuple]) -> None:  # type: ignore[type-arg]
        world = _World(companies[base])
        beginning = [
            one
            for which, owed, came in first
            for one in (("invoice", which, owed, 0), ("receipt", which, came, 1, which == 0))
        ]
        for name, *arguments in [*beginning, *steps]:
            with world.company.owner.acting(), suppress(DomainError, LookupError), db.session.begin_nested():
                getattr(world, name)(*arguments)
                done[name] += 1
        with world.company.owner.acting():
            world.check()

    run()
    assert set(done) == set(STEPS), "each was tried, and done once at least"
    assert done.total() > 150


class _World:
    """A company, customers in every currency, and what may be done."""

    def __init__(self, company: Company) -> None:
        self.company = company
        with company.owner.acting():
            if ensure_biller().round_off:
                make_biller(lut=True, round_off=False)
            self.buyers = [make_buyer(gstin="", country="US", currency=code).id for code in CURRENCIES]

    def _one(self, model: Any, at: int, *conditions: Any) -> Any:
        """One of the customers' rows of a table; LookupError when there is none."""
        if model is Allocation:
            own = model.document_id.in_(select(SalesDocument.id).where(SalesDocument.customer_id.in_(self.buyers)))
        else:
            own = model.customer_id.in_(self.buyers)
        found = list(db.session.execute(select(model.id).where(own, *conditions).order_by(model.id)).scalars())
        if not found:
            raise LookupError
        return found[at % len(found)]

    def _document(self, at: int, *kinds: str, of: UUID | None = None) -> SalesDocument:
        """An issued document, of one customer when one is named."""
        theirs = [SalesDocument.customer_id == of] if of else []
        issued = (SalesDocument.kind.in_(kinds), SalesDocument.number.is_not(None), *theirs)
        found: UUID = self._one(SalesDocument, at, *issued)
        return get_document(found, for_update=True)

    def _receipt(self, at: int, *conditions: Any) -> Receipt:
        found = self._one(Receipt, at, *conditions)
        return db.session.execute(select(Receipt).where(Receipt.id == found)).scalar_one()

    def _part(self, percent: int, whole: Decimal, currency: str) -> Decimal:
        smallest = Decimal(1).scaleb(-minor_unit(currency))
        return max(smallest, (whole * percent / 100).quantize(smallest))

    def _amount(self, thousandths: int, currency: str) -> Decimal:
        smallest = Decimal(1).scaleb(-minor_unit(currency))
        return max(smallest, Decimal(thousandths).scaleb(-3).quantize(smallest))

    def _rate(self, currency: str, at: int) -> dict[str, str]:
        base = self.company_currency
        if currency == base:
            return {}
        known = RATES[currency] or ("1.786543", "1.8")
        return {"exchange_rate": known[at % 2]}

    @property
    def company_currency(self) -> str:
        return preferences().currency

    def invoice(self, which: int, owed: int, rate: int) -> None:
        currency = CURRENCIES[which % 4]
        line = {"description": "Cab", "quantity": "1", "unit_price": str(self._amount(owed, currency)), "tax_rate": "0"}
        draft = make_invoice(
            customer_id=self.buyers[which % 4], invoice_date=f"2026-11-{18 + rate}", lines=[line],
            **self._rate(currency, rate),
        )  # fmt: skip
        services.finalize_document(draft.id, DocumentKind.invoice)

    def receipt(self, which: int, came: int, rate: int, oldest: bool) -> None:
        currency = CURRENCIES[which % 4]
        body = {
            "customer_id": self.buyers[which % 4], "amount": self._amount(came, currency),
            "receipt_date": f"2026-11-{16 + rate}", "allocate": "oldest" if oldest else None,
            **self._rate(currency, rate),
        }  # fmt: skip
        services.record_receipt(ReceiptIn.model_validate(body))

    def allocate(self, at: int, to: int, percent: int) -> None:
        receipt = self._receipt(at)
        document = self._document(to, "invoice", "debit_note", of=receipt.customer_id)
        most = min(document.amount_due, receipt.amount - receipt.allocated_amount - receipt.refunded_amount)
        part = {"document_id": document.id, "amount": self._part(percent, most, document.currency)}
        services.allocate_receipt(receipt.id, AllocateIn.model_validate({"allocations": [part]}))

    def oldest(self, at: int) -> None:
        receipt = self._one(Receipt, at)
        services.allocate_receipt(receipt, AllocateIn(allocate="oldest"))

    def take_back(self, at: int) -> None:
        allocation = self._one(Allocation, at, Allocation.removed_at.is_(None))
        services.take_back(allocation)

    def unallocate(self, at: int) -> None:
        receipt = self._one(Receipt, at)
        services.unallocate(receipt)

    def credit(self, at: int, percent: int, apply: bool) -> None:
        invoice = self._document(at, "invoice")
        amount = self._part(percent, invoice.total, invoice.currency)
        lines = [{"line_id": lines_of(invoice.id)[0].id, "amount": amount}]
        body = CreditNoteIn.model_validate({"invoice_id": invoice.id, "reason": "Because", "lines": lines})
        note = services.create_note(DocumentKind.credit_note, body).document
        services.finalize_note(note.id, DocumentKind.credit_note, apply=apply or None)

    def apply(self, at: int, to: int) -> None:
        note = self._document(at, "credit_note")
        invoice = self._document(to, "invoice", of=note.customer_id)
        lock_documents([note.id, invoice.id])
        services.apply_credit_note(note, invoice)

    def refund(self, at: int, percent: int, rate: int) -> None:
        receipt = self._receipt(at)
        left = receipt.amount - receipt.allocated_amount - receipt.refunded_amount
        amount = self._part(percent, left, receipt.currency)
        body = {"amount": amount, **self._rate(receipt.currency, rate)}
        services.refund_receipt(receipt.id, RefundIn.model_validate(body))

    def refund_note(self, at: int, percent: int, rate: int) -> None:
        note = self._document(at, "credit_note")
        amount = self._part(percent, note.amount_due, note.currency)
        services.refund_credit_note(
            note.id, RefundIn.model_validate({"amount": amount, **self._rate(note.currency, rate)})
        )

    def take_back_refund(self, at: int) -> None:
        refund = self._one(Refund, at)
        services.take_back_refund(refund)

    def write_off(self, at: int, percent: int) -> None:
        document = self._document(at, "invoice")
        services.write_off(document.id, self._part(percent, document.amount_due, document.currency))

    def uncollectible(self, at: int) -> None:
        document = self._document(at, "invoice")
        services.mark_uncollectible(document)

    def reopen(self, at: int) -> None:
        document = self._document(at, "invoice")
        services.reopen_document(document)

    def void(self, at: int) -> None:
        # Every other time one that pays nothing: only such a receipt can be made void.
        services.void_receipt(self._receipt(at // 2, *([Receipt.allocated_amount == 0] if at % 2 else [])))

    def check(self) -> None:
        """Books, documents, receipts, statements, balances and the ageing say the same."""
        assert prove_books().discrepancies == []
        for receipt in db.session.execute(select(Receipt).where(Receipt.customer_id.in_(self.buyers))).scalars():
            parts = select(Allocation.amount).where(
                Allocation.receipt_id == receipt.id, Allocation.removed_at.is_(None)
            )
            assert sum(db.session.execute(parts).scalars()) == receipt.allocated_amount
            assert receipt.allocated_amount + receipt.refunded_amount <= receipt.amount
        for until in _DAYS:
            rows = db.session.execute(_LEDGER, {"tenant": current_tenant_id(), "until": until})
            booked = {(row.customer_id, row.currency): row.amount for row in rows}
            for buyer in self.buyers:
                for account in standing.statement(buyer, date(2026, 11, 1), until):
                    assert account.closing == booked.pop((buyer, account.currency), 0)
            assert not any(booked.get((buyer, code)) for buyer in self.buyers for code in CURRENCIES)
        base = dict.fromkeys(self.buyers, Decimal(0))
        for row in db.session.execute(_LEDGER, {"tenant": current_tenant_id(), "until": _DAYS[-1]}):
            if row.customer_id in base:
                base[row.customer_id] += row.base
        for buyer, owed in base.items():
            assert sum(one.base_balance for one in standing.standings(buyer, _DAYS[-1])) == owed
        today = clock.today(preferences().timezone)
        check_ageing(*(today + timedelta(days=later) for later in (0, 40, 90)))
